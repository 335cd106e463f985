"""Series beside what they were one season ago, as an input that is known at every time."""

import dataclasses

import numpy as np

from ....tasks import naive
from ...preparation import SeriesInputs
from ...raw import RawData


def beside_season_before(raw: RawData) -> RawData:
    """Series with two inputs for each channel, which tell a model what the seasonal naive knows.

    The first is the seasonal naive forecast at each time: the value shown whole seasons before. The
    second is by how much the last value shown is above the one of a season before it, the same at
    all times of a window: the rise that the forecast lacks. Both are made of values that are shown;
    a channel of which nothing is shown has 0.

    Args:
        raw: what `series_data` made, with a season and a horizon and without inputs.
    """
    inputs = raw.inputs
    assert isinstance(inputs, SeriesInputs) and inputs.season is not None
    t, x, given = (inputs.arrays[name] for name in ("t", "x", "given"))
    before = naive.seasonal(t, x, given, inputs.season, np.zeros(x.shape[-1]))
    last = x.shape[1] - 1 - np.argmax(given[:, ::-1], axis=1)[:, None]
    rise = np.take_along_axis(x - before, last, axis=1)
    rise = np.where(given.any(axis=1, keepdims=True), rise, 0)
    known = np.concatenate([before, np.broadcast_to(rise, x.shape)], axis=-1)
    return dataclasses.replace(
        raw, inputs=dataclasses.replace(inputs, arrays={**inputs.arrays, "inputs": known})
    )
