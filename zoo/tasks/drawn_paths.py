"""Paths: the law of random paths, of which a model draws new ones."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..errors import ConfigError, DataError
from ..registry import register_task
from .base import Task
from .meaning import Output
from .path_moments import Moments, moments_of, moments_of_law, place_names
from .path_task import PathTask, times_of
from .paths import channel_names
from .signatures import path_features, signature_distance
from .sliced_wasserstein import sliced_wasserstein
from .types import Arrays, Data, ExampleSpec, Metrics, Report, Score

_UNEVEN = 1e-3
"""Share of a step by which the times of a grid may differ from even ones."""
_PROJECTIONS = 32


@register_task("paths")
class DrawnPaths(PathTask):
    """The law of random paths on one grid: what a model draws, beside held-out paths.

    Evaluation draws a path for each of N held-out ones, [N, T, D] in standardised units; which one
    it is drawn for has no meaning. Everything is compared with the true law where it is known
    (`RawData.law`), else with the held-out paths, and the honest baseline is what as many training
    paths reach: no sample of N paths comes nearer to the law than one of the law itself.
    """

    kinds: ClassVar[Sequence[str]] = ("paths",)
    output: ClassVar[Output] = Output.PATH
    metric: ClassVar[str] = "signature_mmd"
    baseline: ClassVar[str] = "signature_mmd_train"

    def out_size(self, spec: ExampleSpec) -> int:
        """A value of each channel at each time."""
        return spec.size("channels")

    def check_data(self, data: Data) -> None:
        """Raise `DataError` for paths that are not complete, or not on one grid of even steps."""
        check_grid(data.train)

    def check_outputs(self, shape: tuple[int, ...] | None, count: int) -> None:
        """Raise `ConfigError` for predictions that are no drawn paths [count, T, D]."""
        if shape is None or len(shape) != 3 or shape[0] != count:
            got = "no prediction" if shape is None else f"predictions of shape {shape}"
            raise ConfigError(
                f"The task {self.name} got {got}: expected a path drawn for each example, of shape "
                f"({count}, times, channels). Give them from the objective's evaluation as "
                "zoo.Aux(stats, prediction=paths), as zoo.objectives.energy_score does."
            )

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """What drawn paths are worth, in the user's units, beside as many training paths.

        - `signature_mmd`: `signature_distance` of draws from held-out paths, standardised.
        - `sliced_w2`: the sliced 2-Wasserstein distance of the marginals, a mean over the times.
        - `coverage_90`: the share of held-out values within the band that holds 90 % of the draws
          at their time.
        - `mean`, `sd` and `autocovariance` at a few times (by the share of the interval), each with
          its standard error and, where the law is known, its truth, else that of the held-out
          paths, see `zoo.tasks.path_moments`.
        - `mean_off` and so on: by how many standard errors they differ, at most.

        Each with `_train` behind its name is the same of training paths. All are None where no
        example was solved. Raises `DataError` for a split of which `check_grid` does.

        Args:
            outputs: drawn paths, [N, T, D].
            arrays: the split, with `x` [N, T, D].
            data: whose training paths are the baseline, and whose law may be known.
            ok: [N], which draws were solved.
        """
        if not ok.any():
            return {self.metric: None, self.baseline: None}
        check_grid(arrays)
        learned, t = data.preprocessing, times_of(arrays)
        train = data.train["x"][: len(arrays["x"])]
        told = _distances(outputs[ok], arrays["x"], t) | {
            f"{name}_train": value
            for name, value in _distances(train, arrays["x"], times_of(data.train)).items()
        }
        drawn, held_out, seen = (
            learned.raw(each.astype(np.float64)) for each in (outputs[ok], arrays["x"], train)
        )
        told |= {"sliced_w2": _marginals(drawn, held_out)}
        told |= {"sliced_w2_train": _marginals(seen, held_out)}
        low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
        told["coverage_90"] = float(((held_out >= low) & (held_out <= high)).mean())
        names = channel_names(learned, drawn.shape[-1])
        for place, name in enumerate(names):
            law = None if data.law is None else moments_of_law(data.law, place)
            expected = moments_of(held_out[..., place]) if law is None else law
            told |= _moments(
                [moments_of(each[..., place]) for each in (drawn, seen)],
                expected,
                "data" if law is None else "true",
                place_names(drawn.shape[1]),
                "" if len(names) == 1 else f"{name}_",
            )
        return told

    def score(self, metrics: Report) -> Score:
        """The signature distance beside that of training paths."""
        found = Task.score(self, metrics)
        assert found is not None, "the metric and its baseline have names"
        return found


def check_grid(arrays: Arrays) -> None:
    """Raise `DataError` for paths that are not complete, or not on one grid of even steps."""
    t = times_of(arrays).astype(np.float64)
    if not np.asarray(arrays.get("mask", True)).all():
        raise DataError(
            "Some values of the paths are missing: expected all of them, on one grid of "
            "times. Fill them in, or learn from what there is by --task interpolation."
        )
    even = np.linspace(t[0, 0], t[0, -1], t.shape[1])
    step = (t[0, -1] - t[0, 0]) / max(t.shape[1] - 1, 1)
    wrong = np.argwhere(np.abs(t - even) > _UNEVEN * step)
    if t.shape[1] < 2 or len(wrong):
        row, place = wrong[0] if len(wrong) else (0, 0)
        raise DataError(
            f"Path {row} has time {t[row, place]:.6g} in place {place}, and even steps "
            f"have {even[place]:.6g}: expected 2 or more times, the same of all paths and "
            "equally far apart. Interpolate them on such a grid."
        )


def _distances(xs: np.ndarray, ys: np.ndarray, t: np.ndarray) -> Metrics:
    times = np.broadcast_to(t[:1].astype(np.float64), (max(len(xs), len(ys)), t.shape[1]))
    first, second = (path_features(times[: len(e)], e.astype(np.float64)) for e in (xs, ys))
    return {"signature_mmd": signature_distance(first, second)}


def _marginals(xs: np.ndarray, ys: np.ndarray) -> float:
    count = xs.shape[1]
    return (
        sum(
            sliced_wasserstein(xs[:, at], ys[:, at], projections=_PROJECTIONS)
            for at in range(count)
        )
        / count
    )


def _moments(
    pair: list[Moments], expected: Moments, word: str, names: tuple[list[str], list[str]], by: str
) -> Metrics:
    """The moments of draws beside those expected, and by how much draws and training paths are
    off."""
    drawn, seen = pair
    told: Metrics = {}
    theirs, single = expected.of_names(), {"mean": names[0], "sd": names[0]}
    for name, moment in drawn.of_names().items():
        at = single.get(name, names[1])
        told[f"{by}{name}"] = dict(zip(at, moment.values.tolist(), strict=True))
        told[f"{by}{name}_se"] = dict(zip(at, moment.errors.tolist(), strict=True))
        if name in theirs:
            values = theirs[name].values.tolist()
            told[f"{by}{name}_{word}"] = dict(zip(at, values, strict=True))
    for suffix, each in (("", drawn), ("_train", seen)):
        for name, off in each.off(expected).items():
            told[f"{by}{name}_off{suffix}"] = float(off.max(initial=0))
    return told
