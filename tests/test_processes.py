"""Two processes that train together, on loopback: the weights of one, and the end of both."""

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

from . import two_processes

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as at:
        at.bind(("localhost", 0))
        return at.getsockname()[1]


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """The folder of what two processes did, the exit code of each, and its words."""
    folder, port = tmp_path_factory.mktemp("two"), str(free_port())
    command = [sys.executable, "-m", "tests.two_processes", port]
    both = [
        subprocess.Popen(
            [*command, str(process), str(folder)],
            cwd=ROOT,
            env={**os.environ, "JAX_ENABLE_X64": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for process in range(2)
    ]
    try:
        words = [each.communicate(timeout=240)[1] for each in both]
    finally:
        for each in both:
            each.kill()
    return folder, [each.returncode for each in both], words


def test_two_processes_train_as_one_does_and_resume(ended):
    folder, _, words = ended
    assert (folder / "told-1.json").exists(), words
    first, second = (json.loads((folder / f"told-{i}.json").read_text()) for i in range(2))
    assert first == second
    with jax.enable_x64(False):
        alone = two_processes.told(two_processes.trained(two_processes.STEPS))
    assert first["losses"] == pytest.approx(alone["losses"], abs=1e-6)
    assert first["measured"] == pytest.approx(alone["measured"], abs=1e-6)
    for ours, theirs in zip(first["weights"], alone["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_first_process_writes_each_row_once(ended):
    rows = (ended[0] / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == list(range(two_processes.STEPS))
    assert (ended[0] / "run" / "checkpoints" / "step-000000006.safetensors").is_file()


def test_a_process_that_dies_ends_the_other_with_a_word_and_a_code(ended):
    _, codes, words = ended
    assert codes == [5, -signal.SIGKILL]
    assert "Process 0 of 2 can go no further" in words[0] and "--resume" in words[0]
