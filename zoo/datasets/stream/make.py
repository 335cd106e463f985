"""A data set whose rows stay on disk, made in one pass over its file."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import DataError
from ...tasks import Target, target_of
from ..findings import lacking_notes, target_notes
from ..in_memory import Prepared
from ..preparation import Preparation
from ..preparation.array_inputs import standardised_of
from ..preparation.narrow import narrowed
from ..raw import RawData
from ..scale import Scale
from ..spec import check_kind, kind_of
from .parts import parts_of
from .prepared_rows import RowPreparation
from .source import RowSource
from .split import StreamedSplit
from .summary import Summary, summarise

_OF_SERIES = ("t", "mask", "given", "static", "inputs", "dx")


def prepared_stream(raw: RawData, *, split: str, seed: int, standardise: bool) -> Prepared:
    """The splits of the rows on disk, and what one pass over them teaches.

    Rows are assigned, and what they are made into is, as for data in memory; means and deviations
    are equal but for rounding in float64, since they are summed in another order.

    Raises `DataError` for arrays that do not fit together or are not finite, and `ConfigError` for
    a split that cannot be made.
    """
    source = raw.source
    assert source is not None, "data on disk have one"
    like = source.like
    _check_source(raw, source)
    kind = raw.kind or kind_of(like["x"].shape[1:])
    check_kind(raw.kind, like["x"].shape)
    target = target_of(raw.tasks)
    labels = indices = None
    if target is Target.LABELS:
        labels, indices = np.unique(_targets(source), return_inverse=True)
    parts = parts_of(source, indices, split, seed)
    summary = summarise(source, parts, indices, 0 if labels is None else len(labels))
    learned = _learned(raw, source, summary, labels, kind, standardise)
    table = learned.byte_table({"x": like["x"]})
    if table is None:
        narrowed("x", learned.arrays({"x": _extremes(like["x"], summary)})["x"])
    prepare = RowPreparation(learned, labels, table)
    splits = [StreamedSplit(source, part, prepare) for part in parts]
    return Prepared(splits, learned, (*raw.notes, *_notes(raw, source, summary, learned)))


def _check_source(raw: RawData, source: RowSource) -> None:
    """Raise `DataError` for arrays that are not there, or of which no batch can be made."""
    like = source.like
    wanted = ["x"] if target_of(raw.tasks) is Target.NOTHING else ["x", "y"]
    if raw.arrays or not like.keys() >= set(wanted) or like["x"].ndim < 2 or not len(source):
        raise DataError(
            f"The rows on disk hold {', '.join(like)}, {len(source):,} of them: expected "
            f"{' and '.join(wanted)}, x of shape (examples, features, ...), and nothing in memory."
        )
    for name, values in like.items():
        if name in _OF_SERIES:
            raise DataError(
                f"The array {name!r} makes these series with times or gaps, which are prepared in "
                "memory: expected x, y, weight and args. Leave stream off, or the array out."
            )
        if name != "y" and values.dtype.kind not in "biuf":
            raise DataError(
                f"{name} holds {values.dtype}, text or objects: expected numbers. Leave it out of "
                "the file, or encode its words as numbers."
            )


def _targets(source: RowSource) -> np.ndarray:
    """The targets of all rows."""
    return np.concatenate([block["y"] for _, block in source.blocks({"y"})])


def _learned(
    raw: RawData,
    source: RowSource,
    summary: Summary,
    labels: np.ndarray | None,
    kind: str,
    standardise: bool,
) -> Preparation:
    """What the training rows teach of inputs and of targets."""
    like = source.like
    learned = standardised_of(kind).of_moments(like["x"], summary.train["x"], standardise)
    numbers = standardise and target_of(raw.tasks) is Target.NUMBERS
    return dataclasses.replace(
        learned,
        tasks=tuple(raw.tasks),
        classes=() if labels is None else tuple(labels.tolist()),
        target_names=tuple(raw.target_names),
        y_scale=Scale.of_moments(summary.train["y"], like["y"].dtype) if numbers else None,
    )


def _extremes(x: np.ndarray, summary: Summary, *, train: bool = False) -> np.ndarray:
    """Two inputs, the least and the largest number of each channel over all places."""
    ends = (summary.train["x"].range if train else summary.every["x"]).astype(x.dtype)
    shape = (2, *x.shape[1:])
    return np.broadcast_to(ends.reshape(2, *[1] * (x.ndim - 2), -1), shape)


def _notes(
    raw: RawData, source: RowSource, summary: Summary, learned: Preparation
) -> Iterator[str]:
    """What a user should know, as `zoo.datasets.findings` has it of data in memory."""
    yield f"{len(source):,} rows of {source.row_bytes():,} bytes stay on disk; batches are read."
    yield from lacking_notes(learned.classes, summary.counts)
    if target_of(raw.tasks) is Target.NUMBERS:
        ends = summary.train["y"].range.astype(source.like["y"].dtype)
        yield from target_notes(raw.target_names, ends)
    raws: dict[str, Any] = {"x": _extremes(source.like["x"], summary, train=True)}
    yield from learned.notes(raws, np.arange(2))
