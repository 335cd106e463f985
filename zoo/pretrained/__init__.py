"""Weights that come with the zoo: one small file for each recipe, each with its card.

`python scripts/ledger.py --again` remakes them, from seed 0 of each recipe.
"""

import fnmatch
import os
from pathlib import Path
from typing import Any, TypeVar

from .. import checkpoint
from ..errors import UnknownNameError
from ..registry import unknown

FOLDER = Path(__file__).parent
_Tree = TypeVar("_Tree")


def list_pretrained(pattern: str = "*") -> list[str]:
    """The names of the weights that come with the zoo, sorted, that match an `fnmatch` pattern."""
    return sorted(fnmatch.filter((p.stem for p in FOLDER.glob("*.safetensors")), pattern))


def path_of(name: str | os.PathLike[str]) -> Path:
    """The weight file of a path, or of a name in `list_pretrained()`.

    Raises `UnknownNameError` for what is neither a file nor such a name, and looks like a name.
    """
    path = Path(name)
    if path.exists() or path.suffix or path.name != str(name):
        return path
    if str(name) not in list_pretrained():
        raise UnknownNameError(unknown("file or pretrained model", str(name), list_pretrained()))
    return FOLDER / f"{name}.safetensors"


def load(
    path: str | os.PathLike[str],
    like: _Tree | None = None,
    *,
    cast: bool = False,
    strict: bool = True,
) -> Any:
    """The model of a weight file, or of a name in `zoo.list_pretrained()`, in the file's types.

    Some need JAX's 64 bits (`zoo list` says which): load and use these within
    `with jax.enable_x64(True):`.

    Args:
        path: the file that `zoo.save` or a training run wrote, or a pretrained name.
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


def pretrained_for(model: str, dataset: str) -> list[str]:
    """The names of pretrained weights of a model on a data set."""
    names = []
    for name in list_pretrained():
        config = checkpoint.read(path_of(name))[0]["config"]
        if (config["model"], config["dataset"]) == (model, dataset):
            names.append(name)
    return names
