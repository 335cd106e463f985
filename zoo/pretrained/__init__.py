"""Weights that come with the zoo: one small file for each recipe, each with its card.

`python scripts/ledger.py --again` remakes them, from seed 0 of each recipe.
"""

import os
from typing import Any, TypeVar

from .. import checkpoint
from .files import FOLDER, list_pretrained, path_of

__all__ = ["FOLDER", "list_pretrained", "load", "path_of", "trained_pairs"]

_Tree = TypeVar("_Tree")


def load(
    path: str | os.PathLike[str],
    like: _Tree | None = None,
    *,
    cast: bool = False,
    strict: bool = True,
) -> Any:
    """The model of a weight file, of the folder of a run, or of a name in `zoo.list_pretrained()`.

    Args:
        path: the file that `zoo.save` or a training run wrote, a run's folder, or a pretrained
            name.
        like: a model of the same structure, whose arrays are replaced; needed for a model that
            was made by hand, since a file names only what is registered and never imports.
        cast: whether floating arrays may change their type to the model's.
        strict: whether all that is not an array (activations, tolerances) must be as it was saved.

    Raises `CheckpointError` for a file that is damaged, foreign, of another structure, or holds
    numbers that are not finite, and `UnknownNameError` for a name that is not pretrained or a model
    whose builder is not known here.
    """
    return checkpoint.load(path_of(path), like, cast=cast, strict=strict)


def trained_pairs() -> dict[str, tuple[str, str]]:
    """Model and data set of each of the pretrained weights, by their name."""
    configs = {name: checkpoint.read(path_of(name))[0]["config"] for name in list_pretrained()}
    return {name: (config["model"], config["dataset"]) for name, config in configs.items()}
