"""A process that has torch, and takes a step each time that it is asked for one."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import equinox as eqx
import numpy as np

from zoo.nn import FeedForward

from .drive import environment

PASSIVE = {"OMP_WAIT_POLICY": "passive"}
"""Threads that wait in a loop would take the cores from whoever is timed next."""


@contextmanager
def steps_in_torch(
    python: str, module: str, arrays: Mapping[str, object]
) -> Iterator[dict[str, Callable[[], float]]]:
    """Name to a training step, which returns the seconds of the processor used so far.

    Of `benchmarks.module`, run by an interpreter that has torch on a file of `arrays`. None at all,
    and a line that says so, where the process fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "problem.npz")
        np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
        command = [python, "-m", f"benchmarks.{module}", path]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env=environment(**PASSIVE)
        ) as asked:
            assert asked.stdin is not None and asked.stdout is not None, "both are pipes"
            names = asked.stdout.readline()
            if not names:
                print("torch or its solvers are missing or failed; their rows are left out.")
            yield {who: partial(ask, asked, who) for who in json.loads(names or "[]")}
            asked.stdin.close()


def ask(asked: "subprocess.Popen[str]", who: str) -> float:
    """A step, and the seconds of the processor that its process has used so far."""
    assert asked.stdin is not None and asked.stdout is not None, "both are pipes"
    asked.stdin.write(who + "\n")
    asked.stdin.flush()
    answer = asked.stdout.readline()
    if not answer:
        raise SystemExit(f"The torch process ended in a step of {who!r}; see above.")
    return float(answer)


def weights(name: str, net: FeedForward) -> dict[str, object]:
    """The arrays of a net, by the names that `benchmarks.torch_net` reads."""
    layers = [layer for layer in net.layers if isinstance(layer, eqx.nn.Linear)]
    each = [(layer.weight, layer.bias) for layer in layers]
    return {f"{name}.{i}.{j}": array for i, pair in enumerate(each) for j, array in enumerate(pair)}
