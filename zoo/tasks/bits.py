"""Densities of inputs that take levels: in bits, and beside a uniform choice of a level."""

import math

import numpy as np

from .types import Data, Learned


def in_bits(nll: float, data: Data) -> float:
    """Bits per dimension of a negative log density in the model's units, in nats.

    -log2 of the density in units of one level, over the numbers of an input. It bounds that of the
    levels' probability from above: Theis, van den Oord and Bethge 2016.
    """
    quanta = data.levels.quanta
    return float((nll - np.log(quanta).sum()) / (len(quanta) * math.log(2)))


def from_bits(bits: float, data: Data) -> float:
    """The negative log density in the model's units, in nats, of bits per dimension."""
    quanta = data.levels.quanta
    return float(bits * len(quanta) * math.log(2) + np.log(quanta).sum())


def uniform_bits(data: Data, xs: np.ndarray) -> float | None:
    """Bits per dimension of a uniform choice of a level: the mean log2 of how many there are.

    They reach from the least to the largest value of the training rows: in each column or channel,
    or in all together where the data set says their spacing. None where a row of xs [M, ...] has a
    number out of that range, since it has no probability there.
    """
    learned, levels = data.preprocessing, data.levels
    ranges = [_range(learned, each) for each in (data.train["x"], xs)]
    if levels.shared is not None:
        ranges = [(np.min(low), np.max(high)) for low, high in ranges]
    (low, high), (least, largest) = ranges
    step = raw_steps(learned, levels.quanta, xs.shape[1:])
    if (least < low - step / 2).any() or (largest > high + step / 2).any():
        return None
    return float(np.log2((high - low) / step + 1).mean())


def _range(learned: Learned, xs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest value in each column or channel, [C], in the user's units."""
    columns = xs.reshape(-1, xs.shape[-1])
    return learned.raw(columns.min(axis=0)), learned.raw(columns.max(axis=0))


def raw_steps(learned: Learned, quanta: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Spacings of levels, of an input of a shape, in the user's units; of that shape."""
    steps = quanta.reshape(shape)
    return learned.raw(steps) - learned.raw(np.zeros_like(steps))
