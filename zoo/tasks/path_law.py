"""The law of random paths, as far as it is known in closed form."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PathLaw:
    """What is known of the law from which paths [N, T, D] were drawn, in the user's units.

    A data set whose law is known returns one with its arrays (`RawData.law`), and the task `paths`
    compares what a model draws with it, where it would else have a split of finite size alone.
    """

    mean: np.ndarray
    """Of each channel at each time, [T, D]."""
    sd: np.ndarray
    """The standard deviation, [T, D]."""
    autocovariance: np.ndarray | None = None
    """Of each channel between two times, [T, T, D]; None where it has no closed form."""
