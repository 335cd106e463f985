"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import itertools
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..checkpoint import json_text, save, write_atomically
from ..errors import OutputError
from ..evaluation import reference_of
from ..pretrained import FOLDER as PRETRAINED
from ..train import Result
from ..train.folder.run_folder import check_free, check_writable
from .card import card
from .config import RunConfig
from .invocation import has_typed, typed
from .prepare import Run

_LONGEST_NAME = 100
"""Letters; a disk takes 255 bytes, and a number follows."""


@contextmanager
def fresh_directory(config: RunConfig) -> Iterator[Path]:
    """A new folder under runs/, named after the run in letters for any disk and numbered.

    It is made at once: of two runs that begin together, each gets its own. Where nothing was
    written into it in the end, such as of a run that is refused, it goes again.

    Raises `OutputError` where none can be made.
    """
    name = config.recipe or f"{config.model}-{config.dataset}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:_LONGEST_NAME]
    base = Path("runs")
    paths = (base / f"{name}-{number}" for number in itertools.count(1))
    folder = next(path for path in paths if _made(path))
    try:
        yield folder
    finally:
        with suppress(OSError):  # not empty: what was written stays
            folder.rmdir()
            base.rmdir()


def _made(path: Path) -> bool:
    """Whether a folder was made; not if there is one, of another run that was a moment earlier."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        words = f"{path} cannot be made: {error.strerror}. Choose an --out elsewhere."
        raise OutputError(words) from error
    return True


def results_folder(out: str | None, weights: Path, name: str) -> Path:
    """Where what is made of a run goes, such as its figures; nothing is written yet.

    A folder that was given, or else `name` beside the run's weights. Those that come with the zoo
    lie among its code, which is no place for that: their folder is under runs/ in the current one.

    Raises `OutputError` for a given folder with something in it, or a place without permission.
    """
    if out is not None:
        check_free(Path(out))
        return Path(out)
    folder = results_base(weights) / name
    check_writable(folder)
    return folder


def results_base(weights: Path) -> Path:
    """The folder of what is made of a run where no other was given: see `results_folder`."""
    with_the_zoo = weights.resolve().parent == PRETRAINED.resolve()
    return Path("runs") / weights.stem if with_the_zoo else weights.parent


def commands_of(weights: Path, config: RunConfig) -> str:
    """The commands that made a run: those it wrote down, or that of its recipe, a line each."""
    commands = weights.parent / "commands.txt"
    if commands.is_file():
        return commands.read_text(errors="replace").rstrip()
    if config.recipe is not None:
        return f"zoo train --recipe {shlex.quote(config.recipe)} --seed {config.seed}"
    return "# The command was not written down: the configuration says what was trained."


def begin_run(folder: Path, run: Run) -> None:
    """Write down what a run is, before its first step, and the command that started it."""
    _write_config(folder / "config.json", run)
    commands = folder / "commands.txt"
    known = commands.read_bytes() if commands.is_file() else b""
    place = () if has_typed("--out") else ("--out", str(folder))
    line = typed(*place).encode() + b"\n"
    if not known.endswith(line):
        write_atomically(commands, known + line)


def write_run(
    folder: Path,
    run: Run,
    result: Result,
    metrics: Mapping[str, Any],
    draw: Callable[[], list[Path]] = list,
) -> list[Path]:
    """Write what a finished run has beside its log; the files. Raises `OutputError`.

    The card is the last, and names the figures that `draw` wrote: a run whose card tells its
    configuration and its last step has all of them, see `holds_results`. Where a figure cannot
    be written, the card says so, and the error comes after it.
    """
    config, weights, page = (folder / n for n in ("config.json", "model.safetensors", "card.md"))
    # One that diverged has no metrics, and nothing to compare with.
    reference = reference_of(result.model, run.data, run.config.task) if metrics else None
    save(weights, result.model, run.config.to_json(), reference=reference)
    figures, unwritten = _drawn(draw)
    _write_config(config, run)
    commands = folder / "commands.txt"
    made_by = commands.read_text(errors="replace").rstrip() if commands.is_file() else typed()
    names = [path.relative_to(folder).as_posix() for path in figures]
    text = card(run, result, metrics, made_by, names, unwritten)
    write_atomically(page, text.encode())
    if unwritten is not None:
        raise unwritten
    return [config, folder / "metrics.jsonl", weights, *figures, page]


def _drawn(draw: Callable[[], list[Path]]) -> tuple[list[Path], OutputError | None]:
    """The figures that were written, or why they were not: the card is not to wait for room."""
    try:
        return draw(), None
    except OutputError as error:
        return [], error


def _write_config(path: Path, run: Run) -> None:
    text = (json_text(run.config.to_json(), indent=2) + "\n").encode()
    if not path.is_file() or path.read_bytes() != text:
        write_atomically(path, text)
