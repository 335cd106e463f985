"""MESSAGES.md is true and whole: each message is what the zoo says now, and none is missing."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .compiling import SOON
from .messages.collect import Message, collect
from .messages.document import FILE, document
from .messages.sites import Frame, all_sites, raisers, sites_of, unreached

UNREACHABLE: dict[str, str] = {}
"""The beginning of a statement that no case can reach, and why."""

ENDS = re.compile(r"[.?]$|\n  zoo \w.*$| zoo( \w+)? --help$")
"""A full stop, a question, or a command to type."""


@pytest.fixture(scope="module")
def rooms(tmp_path_factory) -> dict[str, list[Message]]:
    """All messages, collected in a process of its own: nothing that other tests did is in them."""
    path = tmp_path_factory.mktemp("messages") / "messages"
    code = (
        "import pathlib, pickle, sys; from tests.compiling import trace_soon; "
        "from tests.messages.document import all_messages; trace_soon(); "
        "pathlib.Path(sys.argv[1]).write_bytes(pickle.dumps(all_messages()))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=root,
        env={**os.environ, "XLA_FLAGS": SOON},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return pickle.loads(path.read_bytes())


def test_the_file_is_what_the_command_makes(rooms):
    made = document(rooms)
    assert FILE.read_text(encoding="utf-8") == made, "out of date: run python -m tests.messages"


def test_no_message_is_missing(rooms):
    missing = unreached(tail for each in rooms.values() for m in each for tail in m.tails)
    reasons = [site for site in missing if site.words.startswith(tuple(UNREACHABLE))]
    assert len(reasons) == len(UNREACHABLE), "UNREACHABLE names what is reached, or is not there"
    told = "\n".join(str(site) for site in missing if site not in reasons)
    assert not told, f"add a case to tests/messages for each of\n{told}"


def flaws(words: str) -> list[str]:
    """What is wrong with a message for whoever reads it."""
    wrong = {
        "short": len(words) <= 20,
        "no end": not ENDS.search(words),
        "two full stops": re.search(r"[^.]\.\.($|\s)", words),
        "two spaces": re.search(r"[^\s:]  +\S", words),
        "an address": "ADDRESS" in words,
        "a traceback": "Traceback" in words,
    }
    return [name for name, found in wrong.items() if found]


def test_every_message_can_be_read(rooms):
    found = [(m.title, flaw) for each in rooms.values() for m in each for flaw in flaws(m.words)]
    assert not found


def test_exit_codes_are_those_of_the_readme(rooms):
    codes = {m.exit_code for each in rooms.values() for m in each}
    assert codes == {2, 3, 4, 5}


def test_a_case_that_raises_no_error_of_the_zoo_is_told():
    with pytest.raises(AssertionError, match="A case: nothing was raised"):
        collect({"A case": lambda: None})
    with pytest.raises(AssertionError, match=r"KeyError.'x'. is no error of"):
        collect({"A case": lambda: {}["x"]})


SOURCE = """
def check(x):
    if x:
        raise ConfigError(
            "x is wrong."
        )
    _refuse("words")
    _end(DataError("words"))
    raise ValueError("not the zoo's")

def _refuse(words):
    words += "."
    raise CheckpointError(words)

def _end(error) -> NoReturn:
    sys.exit(error.exit_code)

def found(x):
    if x:
        return x
    raise errors.DataError("nothing found")
"""


def test_the_places_that_raise_are_found():
    assert list(raisers(SOURCE)) == ["_refuse", "_end"]
    sites = sorted(sites_of(SOURCE, "check.py"), key=lambda site: site.first)
    places = [(site.first, site.last) for site in sites]
    assert places == [(4, 6), (7, 7), (8, 8), (13, 13), (21, 21)]
    assert sites[0].holds(Frame("check.py", "check", 5))
    assert not sites[0].holds(Frame("check.py", "check", 7))


def test_a_place_that_is_left_out_is_told():
    sites = all_sites()
    reached = [(Frame(site.file, "", site.first),) for site in sites[1:]]
    assert unreached(reached) == sites[:1] and len(sites) > 200
    refusal = next(s for s in sites if s.words.startswith("_refuse(path, 'has no digest"))
    caller = Frame(refusal.file, "_check_digest", refusal.first)
    assert refusal not in unreached([(Frame(refusal.file, "_refuse", 1), caller)])
    assert refusal in unreached([(Frame(refusal.file, "_some", 1), caller)])
