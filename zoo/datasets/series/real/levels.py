"""Series by how far they are from the last value shown, so that a trend leaves no known range."""

import dataclasses

import numpy as np

from ...preparation import SeriesInputs
from ...raw import RawData


def from_last_shown(raw: RawData) -> RawData:
    """Series whose values [N, T, D] count from the last one of each channel that is shown.

    Differences stay as they are, and so do the errors of forecasts and of all baselines. A channel
    of which nothing is shown stays too.

    Args:
        raw: what `series_data` made with a horizon.
    """
    inputs = raw.inputs
    assert isinstance(inputs, SeriesInputs)
    x, given = inputs.arrays["x"], inputs.arrays["given"]
    place = x.shape[1] - 1 - np.argmax(given[:, ::-1], axis=1)
    last = np.take_along_axis(x, place[:, None], axis=1)
    moved = x - np.where(given.any(axis=1, keepdims=True), last, 0)
    return dataclasses.replace(
        raw, inputs=dataclasses.replace(inputs, arrays={**inputs.arrays, "x": moved})
    )
