"""What tasks of predicted paths share: the values to be found, those shown, and the metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import gaussian, naive
from .base import Task
from .marked import marked
from .meaning import Output, Target
from .paths import Paths, Tally, channel_names, path_metrics, refuse_paths, unit_of
from .types import Answer, Arrays, Data, ExampleSpec, Learned, Metrics, Report, Score


@dataclass(frozen=True)
class PathTask(Task):
    """Base of tasks whose outputs are values of each channel at each time of a series.

    A model returns the mean and the standard deviation in standardised units, [N, T, D, 2], or the
    mean alone, [N, T, D]. To write your own, subclass and say in what it differs: which observed
    values are `targets`, which ones the baselines are `shown`, and what these are (`naive`), of
    which `baseline` is the one to compare with.
    """

    kinds: ClassVar[Sequence[str]] = ("series",)
    target: ClassVar[Target] = Target.NOTHING
    output: ClassVar[Output] = Output.PATH
    output_label: ClassVar[str] = "value"
    metric: ClassVar[str] = "rmse"
    baseline: ClassVar[str] = "last_value_rmse"

    def targets(self, arrays: Arrays) -> np.ndarray:
        """Which values [N, T, D] the metrics are of; here those observed that are not shown."""
        return observed_values(arrays) & ~shown_values(arrays)

    def shown(self, arrays: Arrays) -> np.ndarray:
        """Which values [N, T, D] the baselines see; here what a model is shown."""
        return shown_values(arrays)

    def naive(self, arrays: Arrays, data: Data) -> dict[str, np.ndarray]:
        """The standardised predictions [N, T, D] of the baselines, by name.

        Here the `last_value` shown, the `mean` of what is shown of the series, and with a season
        the `seasonal_naive` forecast.
        """
        x, shown, fill = arrays["x"], self.shown(arrays), training_means(data)
        told = {
            "last_value": naive.last_value(x, shown, fill),
            "mean": naive.mean_value(x, shown, fill),
        }
        period = data.preprocessing.period
        if period is not None:
            told["seasonal_naive"] = naive.seasonal(times_of(arrays), x, shown, period, fill)
        return told

    def out_size(self, spec: ExampleSpec) -> int:
        """An output for each channel; a model may return its standard deviation too."""
        return spec.size("channels")

    def check_outputs(self, shape: tuple[int, ...] | None, count: int) -> None:
        """Raise `ConfigError` for predictions of another shape than [count, T, D] or
        [count, T, D, 2]."""
        fits = shape is not None and (len(shape) == 3 or (len(shape) == 4 and shape[3] == 2))
        if shape is None or not fits or shape[0] != count:
            refuse_paths(self.name, shape, (count, "times", "channels"))

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """What `zoo.tasks.paths.path_metrics` gives over the target points, and `mase`.

        That is the mean absolute error in units of the series' own `naive.seasonal_error`, for
        data with a season; points of a series shorter than a season have none. An example that was
        not solved (`ok` [N]) is left out. Over no points every metric is None.
        """
        x, learned = arrays["x"], data.preprocessing
        points = np.nonzero(self.targets(arrays) & ok[:, None, None])
        paths = Paths.of(outputs, x.shape, self.name).at(points, self.name)
        names, units = channel_names(learned, x.shape[-1]), unit_of(learned, x.shape[-1])
        tally = Tally(points[2], names, units)
        true = x[points].astype(np.float64)
        guesses = {name: each[points] for name, each in self.naive(arrays, data).items()}
        told = path_metrics(tally, true, paths, guesses)
        if learned.period is None:
            return told
        errors = naive.seasonal_error(times_of(arrays), x, self.shown(arrays), learned.period)
        unit = errors[points[0], points[2]]
        scaled = np.abs(paths.mean - true) / np.where(unit > 0, unit, np.nan)
        return told | tally.share("mase", scaled)

    def score(self, metrics: Report) -> Score:
        """The rmse beside that of the baseline; of several channels both are standardised."""
        several = isinstance(metrics[self.metric], Mapping)
        suffix = "_standardised" if several else ""
        pair = [metrics[f"{name}{suffix}"] for name in (self.metric, self.compared(metrics))]
        score, baseline = (each if isinstance(each, int | float) else None for each in pair)
        return Score(f"{self.metric}{suffix}", score, baseline)

    def compared(self, metrics: Report) -> str:
        """The name of the metric that stands for the baselines; here `baseline`."""
        return self.baseline

    def to_units(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> np.ndarray:
        """Means, and standard deviations where there are some, in the user's units.

        Raises `ConfigError` for outputs that are no paths.
        """
        paths = Paths.of(outputs, xs.shape, self.name)
        means = learned.raw(paths.mean)
        if paths.sd is None:
            return means
        return np.stack([means, paths.sd * unit_of(learned, xs.shape[-1])], axis=-1)

    def answer(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Answer:
        """A row [N, T] for each time: the mean, and with a standard deviation the ends of the band
        in which 90 % of the values should lie.

        They are called `prediction`, `prediction-lo-90` and `prediction-hi-90`; of several
        channels `prediction_NAME` and so on.
        """
        values = self.to_units(outputs, xs, learned)
        channels = channel_names(learned, xs.shape[-1])
        several = tuple(f"prediction_{name}" for name in channels)
        names = several if len(several) > 1 else ("prediction",)
        if values.ndim == 3:
            return Answer(values, names)
        mean, sd = values[..., 0], values[..., 1]
        columns = np.stack([mean, *gaussian.band(mean, sd)], axis=-1)
        ends = tuple(f"{name}{end}" for name in names for end in ("", "-lo-90", "-hi-90"))
        return Answer(columns.reshape(*mean.shape[:2], -1), ends)


def observed_values(arrays: Arrays) -> np.ndarray:
    """Which values [N, T, D] of a split are observed: `mask`, [N, T, D] or [N, T]; all without."""
    return np.asarray(marked(arrays, "mask"))


def shown_values(arrays: Arrays) -> np.ndarray:
    """Which observed values [N, T, D] a model is shown: those that `given` marks; all without."""
    return observed_values(arrays) & np.asarray(marked(arrays, "given"))


def times_of(arrays: Arrays) -> np.ndarray:
    """The times [N, T] of a split; 0 to 1 where it has none."""
    shape = arrays["x"].shape[:2]
    return arrays["t"] if "t" in arrays else np.broadcast_to(np.linspace(0, 1, shape[1]), shape)


def training_means(data: Data) -> np.ndarray:
    """The mean of each channel over the values that are shown of the training series, [D].

    0 for a channel of which there is none.
    """
    shown = shown_values(data.train)
    counts = np.maximum(shown.sum(axis=(0, 1)), 1)
    means: np.ndarray = np.where(shown, data.train["x"], 0).sum(axis=(0, 1), dtype=np.float64)
    return means / counts
