"""Moments of random paths at a few times, with their standard errors."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .path_law import PathLaw

TIMES = 5
"""So many times, evenly from the first to the last, are reported."""
_LEAST = 1e-3
"""Share of the values' deviation below which a standard error is not taken to be."""


@dataclass(frozen=True)
class Moment:
    """One moment at several places: its values [P], and their standard errors [P]."""

    values: np.ndarray
    errors: np.ndarray

    def off(self, other: "Moment", least: float) -> np.ndarray:
        """How many standard errors of the two together lie between them, [P]."""
        together = np.sqrt(self.errors**2 + other.errors**2)
        return np.abs(self.values - other.values) / np.maximum(together, least)


@dataclass(frozen=True)
class Moments:
    """The moments of one channel at `TIMES` times."""

    mean: Moment
    sd: Moment
    autocovariance: Moment | None
    """Of each two of the times, in order; None where it is not known."""
    least: tuple[float, float, float]
    """The least standard error that counts, of each of the three."""

    def of_names(self) -> dict[str, Moment]:
        """Those that are known, by name."""
        found = {"mean": self.mean, "sd": self.sd, "autocovariance": self.autocovariance}
        return {name: each for name, each in found.items() if each is not None}

    def off(self, other: "Moments") -> dict[str, np.ndarray]:
        """By how many standard errors each moment that both know differs, by its name."""
        theirs = other.of_names()
        pairs = zip(self.of_names().items(), self.least, strict=True)
        return {name: m.off(theirs[name], e) for (name, m), e in pairs if name in theirs}


def places(length: int) -> np.ndarray:
    """The indices of the times that are reported."""
    return np.unique(np.linspace(0, length - 1, TIMES).round().astype(int))


def place_names(length: int) -> tuple[list[str], list[str]]:
    """What the times are called, and each two of them."""
    single = [f"{100 * place / max(length - 1, 1):.0f} %" for place in places(length)]
    return single, [f"{first} to {second}" for first, second in combinations(single, 2)]


def moments_of(paths: np.ndarray) -> Moments:
    """The moments of one channel of N paths [N, T], with the errors that N paths leave.

    The error of a standard deviation s is sqrt((m4 - s⁴) / N) / 2 s with m4 the fourth central
    moment; that of a covariance comes from the spread of the products.
    """
    xs = paths[:, places(paths.shape[1])].astype(np.float64)
    count, mean = len(xs), xs.mean(axis=0)
    apart = xs - mean
    sd = apart.std(axis=0, ddof=1) if count > 1 else np.zeros_like(mean)
    fourth = np.sqrt(np.maximum((apart**4).mean(axis=0) - sd**4, 0) / count)
    sd_error = np.divide(fourth, 2 * sd, out=np.zeros_like(sd), where=sd > 0)
    first, second = np.array(list(combinations(range(xs.shape[1]), 2))).reshape(-1, 2).T
    products = apart[:, first] * apart[:, second]
    root, width = np.sqrt(count), float(np.std(paths, dtype=np.float64))
    return Moments(
        Moment(mean, sd / root),
        Moment(sd, sd_error),
        Moment(products.mean(axis=0), products.std(axis=0) / root),
        (_LEAST * width, _LEAST * width, _LEAST * width**2),
    )


def moments_of_law(law: PathLaw, channel: int) -> Moments:
    """The true moments of one channel, without an error."""
    at = places(len(law.mean))
    first, second = np.array(list(combinations(at.tolist(), 2))).reshape(-1, 2).T

    def exact(values: np.ndarray) -> Moment:
        return Moment(values, np.zeros_like(values))

    covariance = law.autocovariance
    return Moments(
        exact(law.mean[at, channel]),
        exact(law.sd[at, channel]),
        None if covariance is None else exact(covariance[first, second, channel]),
        (0.0, 0.0, 0.0),
    )
