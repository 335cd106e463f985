"""Fine-tuning: a new model takes the weights of an old one where they fit."""

import os
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from ..errors import CheckpointError
from .file import read
from .leaves import arrays_of, path_name

_Model = TypeVar("_Model", bound=PyTree)


@dataclass(frozen=True)
class Transfer:
    """Which arrays of a model came from a file, by path, and which stayed as they were."""

    taken: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        new = ", ".join(self.new) or "none"
        return f"{len(self.taken)} arrays were taken; new: {new}"


def transfer(path: str | os.PathLike[str], model: _Model) -> tuple[_Model, Transfer]:
    """The model with every array replaced that the file has under the same path in the same shape.

    For fine-tuning: a head of another size stays as it was drawn. Types are the model's.

    Raises `CheckpointError` for a file that is damaged, or of which no array fits.
    """
    _, arrays = read(path)
    wanted = arrays_of(model)
    fits = lambda name: name in arrays and arrays[name].shape == wanted[name].shape  # noqa: E731
    taken = tuple(name for name in wanted if fits(name))
    if not taken:
        some = ", ".join(f"{n} {a.shape}" for n, a in sorted(arrays.items())[:3])
        mine = ", ".join(f"{n} {a.shape}" for n, a in sorted(wanted.items())[:3])
        raise CheckpointError(
            f"Nothing in {path} fits the model: the file has {some}; the model has {mine}. Start "
            "from a run of the same kind of model."
        )

    def replace(tree_path: Any, leaf: Any) -> Any:
        name = path_name(tree_path)
        return jnp.asarray(arrays[name], leaf.dtype) if name in taken else leaf

    filled = jax.tree_util.tree_map_with_path(replace, model)
    return filled, Transfer(taken, tuple(name for name in wanted if name not in taken))
