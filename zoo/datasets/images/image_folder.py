"""A user's own pictures, a folder for each class."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from ...errors import DataError
from ...registry import register_dataset
from ...schema import File, Required, Seed, Size
from ..raw import RawData
from .pictures import mode_of, pictures_in, read_pictures
from .subset import stratified


@register_dataset("image_folder")
def image_folder(
    *,
    path: Annotated[str, Required(), File()] = "",
    channels: Literal["auto", "grey", "colour"] = "auto",
    n: Size | None = None,
    seed: Seed = 0,
) -> RawData:
    """Pictures of your own, all of one size, a folder for each class (classification, density).

    Args:
        path: the folder, in which each folder is a class and has its name
        channels: auto is grey where all pictures are, else colour
        n: how many pictures, as many of each class as its share; all when not given
        seed: which of them
    """
    folder = Path(path)
    if not folder.is_dir():
        raise DataError(f"There is no folder {path}: expected one that holds a folder a class.")
    classes = sorted(each for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")
    if len(classes) < 2:
        raise DataError(
            f"{path} holds {len(classes)} folders: expected one for each of two classes or more, "
            "with the pictures of that class in it."
        )
    found = [(picture, each.name) for each in classes for picture in pictures_in(each)]
    rows = stratified(np.array([name for _, name in found]), n, seed, "n")
    paths, labels = zip(*(found[row] for row in rows), strict=True)
    mode = mode_of(paths) if channels == "auto" else channels
    x = read_pictures(paths, mode)
    return RawData(
        {"x": x, "y": np.array(labels)},
        ("classification", "density"),
        kind="image",
        notes=(f"{path}: {len(x):,} pictures of {len(classes)} classes, {mode}.",),
    )
