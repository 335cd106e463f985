"""Regression: numbers for each example."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..precision import constant
from ..registry import register_task
from .base import Task
from .meaning import Output, Target
from .types import Answer, Arrays, Data, ExampleSpec, Learned, Metrics, Report, Score


@register_task("regression")
class Regression(Task):
    """Numbers for each example: their error beside that of the training mean."""

    kinds: ClassVar[Sequence[str]] = ("table", "image", "series")
    target: ClassVar[Target] = Target.NUMBERS
    output: ClassVar[Output] = Output.NUMBERS
    output_label: ClassVar[str] = "prediction"
    metric: ClassVar[str] = "rmse"
    baseline: ClassVar[str] = "mean_rmse"

    def out_size(self, spec: ExampleSpec) -> int:
        """An output for each target."""
        return spec.size("targets")

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """What `regression_metrics` gives."""
        return regression_metrics(data, outputs, arrays["y"], ok)

    def score(self, metrics: Report) -> Score:
        """`metric` as a share of `baseline`, which is 1; the mean over the targets."""
        errors, means = (_by_target(metrics[name]) for name in (self.metric, self.baseline))
        shares = [(errors[name], means[name]) for name in errors]
        known = [error / mean for error, mean in shares if error is not None and mean]
        mean_share = float(np.mean(known)) if known else None
        return Score(f"relative {self.metric.upper()}", mean_share, 1.0)

    def to_units(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> np.ndarray:
        """Predictions in the targets' own units."""
        return learned.targets(outputs)

    def answer(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Answer:
        """The predictions, a column for each target."""
        values = self.to_units(outputs, xs, learned)
        names = learned.target_names or tuple(f"y{i}" for i in range(values.shape[-1]))
        several = tuple(f"prediction_{name}" for name in names)
        return Answer(values, several if len(several) > 1 else ("prediction",))


def regression_metrics(
    data: Data, prediction: np.ndarray, targets: np.ndarray, ok: np.ndarray
) -> Metrics:
    """Root mean squared error and R² by target, in original units, beside the training mean's.

    An example that was not solved (`ok` [N]) is left out. Where none was, every error is None.

    Args:
        data: whose training targets have the mean.
        prediction: [N, targets], standardised.
        targets: [N, targets], standardised.
        ok: [N], which examples were solved.
    """
    learned = data.preprocessing
    names = learned.target_names or tuple(f"y{i}" for i in range(targets.shape[-1]))
    predicted, true = learned.targets(prediction[ok]), learned.targets(targets[ok])
    mean = learned.targets(data.train["y"]).mean(axis=0)
    if not len(true):
        return {"rmse": dict.fromkeys(names), "mean_rmse": dict.fromkeys(names)}
    errors = ((predicted - true) ** 2).mean(axis=0)
    baseline = ((true - mean) ** 2).mean(axis=0)
    spread = ((true - true.mean(axis=0)) ** 2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(constant(true) | (spread == 0), np.nan, 1 - errors / spread)
    return {
        "rmse": _by_name(names, np.sqrt(errors)),
        "mean_rmse": _by_name(names, np.sqrt(baseline)),
        "r2": _by_name(names, r2),
    }


def _by_target(
    value: str | float | dict[str, float | None] | None,
) -> dict[str, float | None]:
    if isinstance(value, dict):
        return value
    return {"": value if isinstance(value, int | float) else None}


def _by_name(names: tuple[str, ...], values: np.ndarray) -> dict[str, float | None]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
