"""The files of series that come with the package; files/SOURCES.md says where each is from."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).with_name("files")
MILLION = 1_000_000


def read_columns(name: str) -> dict[str, list[str]]:
    """The cells of a csv file by column, in the order of its rows."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


@dataclass(frozen=True)
class LabelledSeries:
    """Series of unequal lengths, each with a label; those for training come first."""

    x: np.ndarray
    """Values [N, T, D]; a series that is shorter repeats its last one."""
    place: np.ndarray
    """The place [N, T] of each value in its series, from 0; the last one repeated is padding."""
    mask: np.ndarray
    """Which places [N, T] are no padding."""
    labels: np.ndarray
    """Of the series, [N]."""
    test: np.ndarray
    """Which series [N] are the published test split."""

    @classmethod
    def read(cls, name: str) -> "LabelledSeries":
        """Those of a file whose `planes` [4, D, sum of lengths] `packed` made."""
        with np.load(FOLDER / name, allow_pickle=False) as file:
            kept = {key: file[key] for key in file.files}
        lengths = kept["lengths"].astype(int)
        steps = np.arange(lengths.max())
        place = np.minimum(steps, lengths[:, None] - 1)
        first = np.cumsum(lengths) - lengths
        x = unpacked(kept["planes"]).T[first[:, None] + place]
        test = np.arange(len(lengths)) >= int(kept["train"])
        return cls(x, place, steps < lengths[:, None], kept["labels"], test)


def packed(values: np.ndarray) -> np.ndarray:
    """Values with six decimals as four planes of bytes, uint8 [4, ...], of whole millionths.

    Nothing is lost, and planes take less room in a compressed file than the numbers do.
    """
    whole = np.round(values * MILLION).astype("<i4")
    planes: np.ndarray = np.moveaxis(whole[..., None].view(np.uint8), -1, 0)
    return planes.copy()


def unpacked(planes: np.ndarray) -> np.ndarray:
    """The values of which `packed` made planes, in float64."""
    whole = np.ascontiguousarray(np.moveaxis(planes, 0, -1)).view("<i4")[..., 0]
    values: np.ndarray = whole / MILLION
    return values
