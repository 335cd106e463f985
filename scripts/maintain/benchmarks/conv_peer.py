"""torchdiffeq beside the convolutional block, in a process that has torch and waits to be asked."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from zoo.dynamics import ConvDynamics

from .drive import environment, process
from .torch_peer import PASSIVE, ask

# Freed memory goes back at once, so that the most in use can be told.
_EXACT = {"MALLOC_MMAP_THRESHOLD_": "65536"}


class Peer(NamedTuple):
    """What torchdiffeq does: a training step of each way, its evaluations and mebibytes."""

    steps: dict[str, Callable[[], float]]
    evaluations: dict[str, list[int]]
    """Forward and back."""
    memory: dict[str, float]


@contextmanager
def torchdiffeq(python: str, field: ConvDynamics, ys: Array) -> Iterator[Peer | None]:
    """The block in torch, by an interpreter that has it; None where it has not."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "block.npz")
        _write(path, field, ys)
        memory = process(python, "conv_torch", path, "memory", **_EXACT, **PASSIVE)
        if memory is None:
            yield None
            return
        command = [python, "-m", "benchmarks.conv_torch", path]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env=environment(**PASSIVE)
        ) as asked:
            assert asked.stdin is not None and asked.stdout is not None, "both are pipes"
            evaluations = json.loads(asked.stdout.readline())
            yield Peer({who: partial(ask, asked, who) for who in memory}, evaluations, memory)
            asked.stdin.close()


def _write(path: str, field: ConvDynamics, ys: Array) -> None:
    """The weights, the states and one evaluation, with the channels first."""
    (first, last), (norm,) = field.layers, field.norms or ()
    arrays = {
        "first": first.weight,
        "first_bias": jnp.ravel(first.bias),
        "last": last.weight,
        "last_bias": jnp.ravel(last.bias),
        "scale": norm.weight,
        "shift": norm.bias,
        "groups": norm.groups,
        "ys": ys.transpose(0, 3, 1, 2),
        "slope": field.batch(0.25, ys, None).transpose(0, 3, 1, 2),
    }
    np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
