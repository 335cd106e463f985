"""Arrays in memory split, standardised, and their labels mapped."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .findings import split_notes
from .pixels import PixelSplit
from .preparation import ArrayInputs, Preparation, SplittingInputs
from .preparation.narrow import narrowed
from .raw import Arrays, RawData, check_raw, check_taught, count_examples
from .splits import split_around, split_indices
from .targets import index_labels, taught_targets


@dataclass(frozen=True)
class Prepared:
    """What raw data are made into: training, validation and test split, and what was learned."""

    splits: Sequence[Arrays]
    learned: Preparation
    notes: tuple[str, ...]
    """What a user should know of the data."""


def prepared_arrays(raw: RawData, *, split: str, seed: int, standardise: bool) -> Prepared:
    """The splits of arrays in memory. Arguments and errors are those of `make_dataset`."""
    arrays = check_raw(raw)
    classes = index_labels(raw, arrays)
    parts = _parts(raw, arrays, arrays["y"] if classes else None, split, seed)
    inputs = ArrayInputs(arrays, raw.kind) if raw.inputs is None else raw.inputs
    learned = inputs.learn(parts[0], standardise)
    notes = (*raw.notes, *split_notes(raw, arrays, classes, learned, parts))
    learned = taught_targets(learned, raw, arrays, classes, parts[0], standardise)
    table = learned.byte_table(arrays)
    if table is None:
        arrays |= learned.arrays(arrays if raw.inputs is None else raw.inputs)
    if learned.y_scale is not None:
        arrays["y"] = learned.y_scale.apply(arrays["y"])
    kept = {"x"} if table is not None else set()
    arrays = {k: value if k in kept else narrowed(k, value) for k, value in arrays.items()}
    splits = [_part(arrays, part, table) for part in parts]
    check_taught(splits[0])
    return Prepared(splits, learned, notes)


def _part(arrays: Arrays, rows: np.ndarray, table: np.ndarray | None) -> Arrays:
    """Some examples of all arrays; images as bytes where there is a table for them."""
    part = {key: value[rows] for key, value in arrays.items()}
    return part if table is None else PixelSplit(part, table)


def _parts(
    raw: RawData, arrays: Arrays, labels: np.ndarray | None, split: str, seed: int
) -> list[np.ndarray]:
    """The indices of the three splits: as the inputs decide, around what is held out, or drawn."""
    if isinstance(raw.inputs, SplittingInputs):
        return raw.inputs.split(split, seed)
    if raw.held_out is not None:
        return split_around(np.asarray(raw.held_out, bool), labels, split, seed)
    return split_indices(labels, count_examples(raw, arrays), split, seed)
