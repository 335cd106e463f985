"""Weights that come with the zoo: one small file for each recipe, each with its card.

`python scripts/maintain/ledger.py --again` remakes them, from seed 0 of each recipe.
"""

import os
from typing import Any, TypeVar

from .. import checkpoint
from .files import FOLDER, list_pretrained, path_of

__all__ = ["FOLDER", "list_pretrained", "load", "needs_x64", "path_of", "trained_pairs"]

_Tree = TypeVar("_Tree")


def load(
    path: str | os.PathLike[str],
    like: _Tree | None = None,
    *,
    cast: bool = False,
    strict: bool = True,
) -> Any:
    """The model of a weight file, of the folder of a run, or of a name in `zoo.list_pretrained()`.

    It has the types of the file. Some need JAX's 64 bits (`zoo list` says which): load and use
    these within `with jax.enable_x64(True):`.

    Args:
        path: the file that `zoo.save` or a training run wrote, a run's folder, or a pretrained
            name.
        like: a model of the same structure, whose arrays are replaced; needed for a model that
            was made by hand, since a file names only what is registered and never imports.
        cast: whether floating arrays change their type to that of `like`, or without it to the
            default: float32, or float64 where JAX has 64 bits.
        strict: whether all that is not an array (activations, tolerances) must be as it was saved.

    Raises `CheckpointError` for a file that is damaged, foreign, of another structure, needs 64
    bits where JAX has none, or holds numbers that are not finite, and `UnknownNameError` for a name
    that is not pretrained or a model whose builder is not known here.
    """
    return checkpoint.load(path_of(path), like, cast=cast, strict=strict)


def needs_x64(name: str) -> bool:
    """Whether pretrained weights need JAX's 64 bits."""
    return checkpoint.has_64_bits(checkpoint.read(path_of(name))[0])


def trained_pairs() -> dict[str, tuple[str, str]]:
    """Model and data set of each of the pretrained weights, by their name."""
    configs = {name: checkpoint.read(path_of(name))[0]["config"] for name in list_pretrained()}
    return {name: (config["model"], config["dataset"]) for name, config in configs.items()}
