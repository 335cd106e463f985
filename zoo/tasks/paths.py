"""What predicted paths are worth: means over their target points, in the user's units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from ..errors import ConfigError
from . import gaussian
from .types import Learned, Metrics


@dataclass(frozen=True)
class Paths:
    """Paths [N, T, D] in standardised units: the mean and, where a model tells it, the standard
    deviation of each channel at each time."""

    mean: np.ndarray
    sd: np.ndarray | None

    @classmethod
    def of(cls, outputs: np.ndarray, shape: tuple[int, ...], task: str) -> "Paths":
        """Paths of a model's outputs, [N, T, D, 2] or the mean alone, [N, T, D].

        Raises `ConfigError` for outputs that are none of series of a `shape` (N, T, D).
        """
        if outputs.shape not in (shape, (*shape, 2)):
            refuse_paths(task, outputs.shape, shape)
        values = outputs.astype(np.float64)
        return cls(values, None) if values.ndim == 3 else cls(values[..., 0], values[..., 1])

    def at(self, points: tuple[np.ndarray, ...], task: str) -> "Paths":
        """Those at points [P] alone. Raises `ConfigError` for a standard deviation below 0."""
        sd = None if self.sd is None else self.sd[points]
        if sd is not None and (sd < 0).any():
            raise ConfigError(
                f"The task {task} got standard deviations down to {sd.min():.3g}: expected 0 or "
                "more in the last axis's second place. Return the standard deviation, not its "
                "logarithm: jax.nn.softplus of what the model computes."
            )
        return Paths(self.mean[points], sd)


def refuse_paths(
    task: str, got: tuple[int, ...] | None, expected: tuple[int | str, ...]
) -> NoReturn:
    """Raise `ConfigError` for predictions that are no paths of an expected shape (N, T, D)."""
    told = "no prediction" if got is None else f"predictions of shape {got}"
    axes = ", ".join(map(str, expected))
    raise ConfigError(
        f"The task {task} got {told}: expected the mean and standard deviation of each channel at "
        f"each time, of shape ({axes}, 2), or the mean alone, ({axes}). Return them from the "
        "model's forward, and from its loss as in zoo.Aux(stats, prediction=paths)."
    )


def unit_of(learned: Learned, channels: int) -> np.ndarray:
    """What a standardised unit of each channel is in the user's units, [channels].

    Series are standardised by a shift and a factor for each channel.
    """
    units: np.ndarray = learned.raw(np.ones(channels)) - learned.raw(np.zeros(channels))
    return units


def channel_names(learned: Learned, channels: int) -> tuple[str, ...]:
    """What the channels are called; x0, x1 and so on where they have no names."""
    return learned.channels or tuple(f"x{i}" for i in range(channels))


@dataclass(frozen=True)
class Tally:
    """Numbers of P target points, to be averaged over all and by channel: Σ/Σ, so that a series
    counts by how many target points it has."""

    channel: np.ndarray
    """Of each point, [P]."""
    names: tuple[str, ...]
    """Of the channels, [D]."""
    units: np.ndarray
    """Of the channels, [D]: the user's units that a standardised one is."""

    def rmse(self, name: str, errors: np.ndarray) -> Metrics:
        """The root mean square of standardised errors [P]."""
        by_channel, overall = self._means(errors**2)
        return self._in_units(name, self.units * np.sqrt(by_channel), overall**0.5)

    def mean(self, name: str, values: np.ndarray) -> Metrics:
        """The mean of lengths [P] in standardised units."""
        by_channel, overall = self._means(values)
        return self._in_units(name, self.units * by_channel, overall)

    def nll(self, name: str, values: np.ndarray) -> Metrics:
        """The mean of negative log densities [P] of standardised values, in nats."""
        by_channel, overall = self._means(values)
        return self._in_units(name, by_channel + np.log(self.units), overall)

    def share(self, name: str, values: np.ndarray) -> Metrics:
        """The mean of values [P] without a unit; those that are NaN have none and are left out."""
        by_channel, overall = self._means(values, ~np.isnan(values))
        if len(self.names) == 1:
            return {name: _number(overall)}
        return {name: self._named(by_channel), f"{name}_overall": _number(overall)}

    def _in_units(self, name: str, by_channel: np.ndarray, overall: float) -> Metrics:
        """By channel in the user's units, and overall in standardised ones; of one channel, in
        the user's units alone."""
        if len(self.names) == 1:
            return {name: _number(float(by_channel[0]))}
        return {name: self._named(by_channel), f"{name}_standardised": _number(overall)}

    def _named(self, values: np.ndarray) -> dict[str, float | None]:
        return dict(zip(self.names, map(_number, values.tolist()), strict=True))

    def _means(
        self, values: np.ndarray, known: np.ndarray | None = None
    ) -> tuple[np.ndarray, float]:
        """The means by channel, [D], and over all points, or those `known`; NaN over none."""
        channel = self.channel
        if known is not None:
            channel, values = channel[known], values[known]
        sums = np.bincount(channel, values, len(self.names))
        counts = np.bincount(channel, minlength=len(self.names))
        with np.errstate(invalid="ignore"):
            return sums / counts, float(sums.sum() / counts.sum())


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def path_metrics(
    tally: Tally, x: np.ndarray, paths: Paths, naive: Mapping[str, np.ndarray]
) -> Metrics:
    """What paths are worth at P target points, and the rmse of each naive prediction beside it.

    `rmse` and `mae` of the mean; `crps`, the mean over the points of `gaussian.crps`, which without
    a standard deviation is `mae`; with one, `nll` in nats and `coverage_90`, the share of points
    within the 90 % band. Of several channels each is by channel in the user's units, and
    `rmse_standardised`, `coverage_90_overall` and their like are over all channels.

    Args:
        tally: of the points.
        x: standardised values, [P].
        paths: predictions at the points, [P].
        naive: standardised values, [P], by the name of the baseline.
    """
    errors = paths.mean - x
    told = tally.rmse("rmse", errors) | tally.mean("mae", np.abs(errors))
    if paths.sd is None:
        told |= tally.mean("crps", np.abs(errors))
    else:
        told |= tally.nll("nll", gaussian.nll(x, paths.mean, paths.sd))
        told |= tally.mean("crps", gaussian.crps(x, paths.mean, paths.sd))
        told |= tally.share("coverage_90", gaussian.covered(x, paths.mean, paths.sd))
    for name, values in naive.items():
        told |= tally.rmse(f"{name}_rmse", values - x)
    return told
