"""Observations removed at random, as if they had never been made."""

from collections.abc import Mapping

import numpy as np

from ..preparation.padding import real_places, seen_places
from .draws import DROP, drawn_places
from .places import take_places

LEAST = 2
"""So many observed times of a series always stay."""


def drop_times(arrays: Mapping[str, np.ndarray], share: float, seed: int) -> dict[str, np.ndarray]:
    """The arrays with a share of the observed times of each series removed, all channels of each.

    The series get shorter, as in Kidger et al. 2020, "Neural Controlled Differential Equations".
    Which times go follows from the seed and the index of the series.
    """
    seen = seen_places(arrays["mask"])
    real = real_places(arrays["t"], seen)
    kept = []
    for index in range(len(seen)):
        observed = np.flatnonzero(seen[index])
        count = min(round(share * len(observed)), max(len(observed) - LEAST, 0))
        gone = drawn_places(observed, count, seed, DROP, index)
        kept.append(np.setdiff1d(np.flatnonzero(real[index]), gone, assume_unique=True))
    return take_places(arrays, np.arange(len(seen)), kept)
