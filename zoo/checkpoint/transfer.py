"""Fine-tuning: a new model takes the weights of an old one where they fit."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ..errors import CheckpointError
from .leaves import arrays_of, path_name
from .weights import read_model

_Model = TypeVar("_Model", bound=PyTree)
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Transfer:
    """Which arrays of a model came from a file and which are new, by path, and why.

    As text it is what the command line prints.
    """

    source: str
    taken: Mapping[str, int]
    """The parameters in each array that was taken."""
    new: Mapping[str, str]
    """Why each of the other arrays stayed as it was drawn."""
    parameters: int
    """All that the model has."""
    notes: tuple[str, ...] = ()
    """What else is not as it was in the file's own training."""

    def __str__(self) -> str:
        arrays, count = len(self.taken) + len(self.new), sum(self.taken.values())
        taken = f"{len(self.taken)} of {arrays} arrays" if self.new else f"all {arrays} arrays"
        words = [f"{taken} ({count:,} of {self.parameters:,} parameters) are from {self.source}"]
        for why in dict.fromkeys(self.new.values()):
            names = [name for name, reason in self.new.items() if reason == why]
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            words.append(f"new are {', '.join(names[:3])}{more}: {why}")
        return "; ".join([*words, *self.notes]) + "."


def transfer(path: str | os.PathLike[str], model: _Model) -> tuple[_Model, Transfer]:
    """The model with every array replaced that the file has under the same path in the same shape.

    Types are the model's. `zoo.transfer` does this for a data set, and leaves out a head that is
    for other targets.

    Raises `CheckpointError` for a file that is damaged or holds no model, and for one that fits
    less than half of the model's parameters.
    """
    _, arrays = read_model(path)
    return take_arrays(arrays, model, path)


def take_arrays(
    arrays: Mapping[str, np.ndarray],
    model: _Model,
    path: str | os.PathLike[str],
    *,
    apart: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    hint: str = "",
) -> tuple[_Model, Transfer]:
    """The model with the arrays of a file where path and shape are the same.

    Args:
        arrays: those of the file, by path.
        model: any pytree.
        path: what to call the file.
        apart: paths of arrays that stay as they are in any case, each with why.
        notes: what the returned `Transfer` shall tell as well.
        hint: a way out, to be told where too little fits.

    Raises `CheckpointError` where the file fits less than half of the parameters that are not
    apart: training would begin from new weights in all but name.
    """
    apart = apart or {}
    wanted = arrays_of(model)
    new = {name: _why_not(name, arrays, leaf, apart) for name, leaf in wanted.items()}
    new = {name: why for name, why in new.items() if why}
    taken = {name: math.prod(a.shape) for name, a in wanted.items() if name not in new}
    body = _count({name: a for name, a in wanted.items() if name not in apart})
    if not taken or sum(taken.values()) < _LEAST_SHARE * body:
        some = "; ".join(f"{name}: {why}" for name, why in list(new.items())[:3])
        raise CheckpointError(
            f"Too little of {path} fits the model: {sum(taken.values()):,} of the {body:,} "
            f"parameters that could be taken, expected half of them at least ({some}). Start from "
            f"a run of the same kind of model and of the same sizes{hint}."
        )

    def replace(tree_path: Any, leaf: Any) -> Any:
        name = path_name(tree_path)
        return jnp.asarray(arrays[name], leaf.dtype) if name in taken else leaf

    filled = jax.tree_util.tree_map_with_path(replace, model)
    return filled, Transfer(str(path), taken, new, _count(wanted), notes)


def _why_not(name: str, arrays: Mapping[str, Any], leaf: Any, apart: Mapping[str, str]) -> str:
    """Why an array of the model is not taken from the file; nothing where it is."""
    if name in apart:
        return apart[name]
    if name not in arrays:
        return "the file has none such"
    if arrays[name].shape != leaf.shape:
        return f"shape {leaf.shape}, {arrays[name].shape} in the file"
    return ""


def _count(arrays: Mapping[str, Any]) -> int:
    return sum(math.prod(array.shape) for array in arrays.values())
