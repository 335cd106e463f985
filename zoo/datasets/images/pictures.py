"""Files of pictures as arrays of bytes, all of one size."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from ...errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
"""The endings by which a file is taken for a picture."""
_LARGEST = 50_000_000  # pixels of a picture: what unpacks to more is made to fill the memory

Mode = Literal["grey", "colour"]


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder, by name. Raises `DataError` for a folder without one."""
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror or error}.") from error
    if not found:
        raise DataError(f"{folder} holds no pictures: expected files {', '.join(SUFFIXES)}.")
    return found


def mode_of(paths: Sequence[Path]) -> Mode:
    """Grey where all pictures are, else colour."""
    from PIL import Image  # only for who reads pictures

    grey = {"1", "L", "LA", "I;16", "I"}
    for path in paths:
        with _opened(path, Image) as picture:
            if picture.mode not in grey:
                return "colour"
    return "grey"


def read_pictures(
    paths: Sequence[Path], mode: Mode, size: tuple[int, int] | None = None
) -> np.ndarray:
    """Pictures as bytes, uint8 [N, height, width, channels]: one channel where grey, else three.

    Args:
        paths: the files.
        mode: grey or colour, to which each is converted.
        size: height and width that each must have; those of the first where None.

    Raises `DataError` for a file that is no picture, and for one of another size.
    """
    from PIL import Image  # only for who reads pictures

    made = []
    for path in paths:
        with _opened(path, Image) as picture:
            width, height = picture.size
            size = (height, width) if size is None else size
            if (height, width) != size:
                raise DataError(
                    f"{path} is a picture of {height}×{width} pixels: expected {size[0]}×{size[1]},"
                    " as the others or the model have. Resize or cut it out in an editor."
                )
            if height * width > _LARGEST:
                raise DataError(f"{path} has {height * width:,} pixels: expected a small picture.")
            made.append(_bytes(path, picture, mode))
    return np.stack(made)


def _opened(path: Path, image):  # type: ignore[no-untyped-def]
    """The picture in a file. Raises `DataError` where there is none."""
    try:
        return image.open(path)
    except Exception as error:  # of a damaged file, Pillow raises many kinds
        raise DataError(
            f"{path} is no picture that can be read ({type(error).__name__})."
        ) from error


def _bytes(path: Path, picture, mode: Mode) -> np.ndarray:  # type: ignore[no-untyped-def]
    try:
        converted = picture.convert("L" if mode == "grey" else "RGB")
    except Exception as error:
        raise DataError(
            f"{path} is a damaged picture ({type(error).__name__}): take another copy."
        ) from error
    values = np.asarray(converted, np.uint8)
    return values[..., None] if mode == "grey" else values
