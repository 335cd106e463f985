"""The pages of notebooks/, followed as a reader would: block after block in one empty folder.

A block of `python` is run, all of a page in one namespace; with a file's name after the language it
is written to that file instead. Each line of an `sh` block is a command of the zoo, called in this
process. A block of `text` is what the block above it printed: its lines in this order, perhaps with
others between them; `...` stands for anything within a line, a whole number for itself, and any
other number for one that is near it.
"""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from zoo.cli import main

FOLDER = Path(__file__).parents[1] / "notebooks"
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


class Block(NamedTuple):
    """One block of code of a page; `name` is the file that it is, if it is one."""

    language: str
    name: str
    text: str


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page, in their order."""
    return [Block(*found) for found in _BLOCK.findall((FOLDER / page).read_text(encoding="utf-8"))]


def follow(page: str) -> Iterator[tuple[str, str]]:
    """Run a page in the current folder; what each block of text shows, and what was printed.

    A command that fails must be shown to.
    """
    space: dict = {"__name__": "__main__"}
    printed = ""
    blocks = blocks_of(page)
    for block, after in zip(blocks, [*blocks[1:], Block("", "", "")], strict=True):
        if block.language == "text":
            yield block.text, printed
        elif block.name:
            Path(block.name).write_text(block.text, encoding="utf-8")
        else:
            printed = _printed(block, space)
            shown = after.text if after.language == "text" else ""
            assert shown.count("exit code") == printed.count("exit code"), printed


def _printed(block: Block, space: dict) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        if block.language == "python":
            exec(compile(block.text, "page", "exec"), space)
        else:
            assert block.language == "sh", f"{block.language}: no test knows such a block"
            for line in block.text.splitlines():
                _command(line)
    return out.getvalue()


def _command(line: str) -> None:
    program, *arguments = shlex.split(line, comments=True)
    assert program == "zoo", line
    try:
        main(arguments)
    except SystemExit as end:
        print(f"exit code {end.code}")


def unlike(shown: str, printed: str) -> list[str]:
    """The lines of a block of text that were not printed, in this order."""
    lines = iter(re.split(r"[\n\r]", printed))
    return [line for line in shown.splitlines() if not any(_alike(line, got) for got in lines)]


def _alike(shown: str, got: str) -> bool:
    shown, got = (" ".join(line.split()).replace(" ]", "]") for line in (shown, got))
    words = [re.escape(part) for part in _NUMBER.sub("\0", shown).split("...")]
    pattern = ".*?".join(words).replace("\0", f"({_NUMBER.pattern})")
    found = re.fullmatch(pattern, got)
    if found is None:
        return False
    pairs = zip(_NUMBER.findall(shown), found.groups(), strict=True)
    return all(_near(a, b) for a, b in pairs)


def _near(shown: str, got: str) -> bool:
    if shown.lstrip("-").isdigit():
        return shown == got
    return abs(float(shown) - float(got)) <= 0.02 + 0.1 * abs(float(shown))
