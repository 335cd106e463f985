"""Processes that train together, on loopback: the weights of one, shares of a file, their end."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

from . import joined_processes as joined

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as at:
        at.bind(("localhost", 0))
        return at.getsockname()[1]


def run(folder: Path, processes: int, what: str) -> tuple[list[int], list[str]]:
    """The exit code of each process, and its words."""
    command = [sys.executable, "-m", "tests.joined_processes", str(free_port()), str(processes)]
    started = [
        subprocess.Popen(
            [*command, str(process), str(folder), what],
            cwd=ROOT,
            env={**os.environ, "JAX_ENABLE_X64": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for process in range(processes)
    ]
    try:
        words = [each.communicate(timeout=240)[1] for each in started]
    finally:
        for each in started:
            each.kill()
    return [each.returncode for each in started], words


def told_by(folder: Path, processes: int, words: list[str]) -> list[dict]:
    """What each process told."""
    found = [folder / f"told-{process}.json" for process in range(processes)]
    assert all(path.exists() for path in found), words
    return [json.loads(path.read_text()) for path in found]


def check_as_alone(found: dict, alone: dict) -> None:
    assert found["losses"] == pytest.approx(alone["losses"], abs=1e-6)
    assert found["measured"] == pytest.approx(alone["measured"], abs=1e-6)
    for ours, theirs in zip(found["weights"], alone["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of what two processes did, the exit code of each, and its words."""
    folder = tmp_path_factory.mktemp("two")
    return folder, *run(folder, 2, "kept")


@pytest.fixture(scope="module")
def alone():
    """What one process tells of the same run."""
    with jax.enable_x64(False):
        return joined.told(joined.trained(joined.STEPS))


def test_two_processes_train_as_one_does_and_resume(two, alone):
    folder, _, words = two
    first, second = told_by(folder, 2, words)
    assert first == second
    check_as_alone(first, alone)


def test_the_first_process_writes_each_row_once(two):
    rows = (two[0] / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == list(range(joined.STEPS))
    assert (two[0] / "run" / "checkpoints" / "step-000000006.safetensors").is_file()


def test_a_process_that_dies_ends_the_other_with_a_word_and_a_code(two):
    _, codes, words = two
    assert codes == [5, -signal.SIGKILL]
    assert "Process 0 of 2 can go no further" in words[0] and "--resume" in words[0]


def test_four_processes_each_read_their_share_of_a_file(tmp_path, alone):
    codes, words = run(tmp_path, 4, "read")
    found = told_by(tmp_path, 4, words)
    assert codes == [0] * 4
    # A batch of 13 has four places for each; of evaluation's 30 examples two in each eight.
    assert [each.pop("shown") for each in found] == [joined.STEPS * 4] * 4
    assert [each.pop("evaluated") for each in found] == [4 * 2] * 4
    assert found[1:] == found[:3]
    check_as_alone(found[0], alone)
