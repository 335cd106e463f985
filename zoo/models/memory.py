"""Whether a model fits into the memory of this machine, told before any of it is taken."""

import math
import os
from pathlib import Path
from typing import Any

import jax
from jaxtyping import PyTree

from ..errors import ConfigError
from ..types import Tree

_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux tells how much of the memory a container may have."""


def check_memory(name: str, model: PyTree, *kept: PyTree) -> None:
    """Refuse a model that this machine cannot hold.

    Args:
        name: what to call the model.
        model: its arrays, or their shapes as `eqx.filter_eval_shape` gives them.
        kept: what training keeps beside it, such as a gradient, likewise.

    Raises `ConfigError` with the number of parameters, the bytes needed and those there are.
    """
    needed, there = sum(map(bytes_of, (model, *kept))), memory_of_device()
    if there is not None and needed > there:
        training = "to be trained" if kept else "for its weights alone"
        raise ConfigError(
            f"{name} of these sizes has {sum(map(_size, _arrays(model))):,} parameters and needs "
            f"{needed:,} bytes {training}, and this machine has {there:,} bytes of memory: choose "
            "smaller sizes."
        )


def _arrays(tree: Tree) -> list[Any]:
    return [leaf for leaf in jax.tree.leaves(tree) if hasattr(leaf, "shape")]


def _size(leaf: Any) -> int:
    return math.prod(leaf.shape)


def bytes_of(tree: Tree) -> int:
    """The bytes of all arrays of a tree, or of their shapes."""
    return sum(_size(leaf) * leaf.dtype.itemsize for leaf in _arrays(tree))


def memory_of_device() -> int | None:
    """The bytes of the device's memory, or the part of it that a container has; None if unknown."""
    told = jax.local_devices()[0].memory_stats()  # a processor has none
    if told and "bytes_limit" in told:
        return int(told["bytes_limit"])
    if not hasattr(os, "sysconf"):  # Windows
        return None
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, _CONTAINER):
        text = path.read_text().strip() if path.is_file() else "max"
        limits += [int(text)] if text.isdecimal() else []
    return min(limits)
