"""Density: how likely each example is, log p(x)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from ..errors import ConfigError
from ..registry import register_task
from .base import Task
from .bits import from_bits, in_bits, uniform_bits
from .gaussian_density import gaussian_log_density
from .meaning import Output
from .no_density import check_has_density, level_notes
from .percentiles import percentiles, quantiles
from .types import Answer, Arrays, Data, Learned, Metrics, Reference


@register_task("density")
class Density(Task):
    """The log density of each example: its mean beside that of a Gaussian.

    A model's outputs are log p(z) of standardised inputs z, [N], in nats. In the user's units
    log p(x) = log p(z) + log |det dz/dx|.
    """

    kinds: ClassVar[Sequence[str]] = ("table", "image")
    output: ClassVar[Output] = Output.LOG_DENSITY
    output_label: ClassVar[str] = "log density (nats)"
    metric: ClassVar[str] = "nll"
    baseline: ClassVar[str] = "gaussian_nll"
    compares: ClassVar[bool] = True

    def check_outputs(self, shape: tuple[int, ...] | None, count: int) -> None:
        """Raise `ConfigError` for predictions that are not a log density for each example."""
        if shape != (count,):
            got = "no prediction" if shape is None else f"predictions of shape {shape}"
            raise ConfigError(
                f"The task {self.name} got {got} for {count} examples: expected the log density of "
                f"each, of shape ({count},). Return it from the model's forward, and from its loss "
                "as in zoo.Aux(stats, prediction=log_density)."
            )

    def sizes(self, data: Data) -> dict[str, tuple[float, ...]]:
        """`quanta`, the spacing of levels in the model's units, where numbers take some."""
        return data.levels.sizes()

    def check_data(self, data: Data) -> None:
        """Raise `DataError` for data without a density, see `zoo.tasks.no_density`."""
        check_has_density(data)

    def notes(self, data: Data) -> Iterator[str]:
        """Which columns are dequantised."""
        return level_notes(data)

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """`nll`, the mean of -log p(x) in nats and the user's units, beside `gaussian_nll`.

        That is the same of a Gaussian with the mean and covariance of the training rows, which sees
        dequantised rows as the model does. It is None where these fill no volume: a constant
        feature, one that others add up to, too few rows. `nll_se` is the standard error of `nll`
        over the rows. `true_nll` is that of the density from which the data were drawn, where it is
        known. Where all numbers take levels, `uniform_nll` and bits per dimension are added, see
        `zoo.tasks.bits`. Examples that were not solved are left out of all. What is made of outputs
        that are not a number though they were solved is None: a flow whose base has no known
        density has such.

        Args:
            outputs: [N], log densities of standardised inputs.
            arrays: the split, with `x` [N, ...].
            data: whose training rows the Gaussian has seen.
            ok: [N], which examples were solved.
        """
        if not ok.any():
            return {"nll": None, "gaussian_nll": None}
        xs, losses = arrays["x"][ok], -outputs[ok].astype(np.float64)
        volume = data.preprocessing.log_volume(xs.shape[1:])
        gaussian = gaussian_log_density(data.train["x"], xs, data.levels.quanta)
        nll = float(losses.mean())
        gaussian_nll = None if gaussian is None else -float(gaussian.mean())
        told: Metrics = {
            "nll": nll - volume,
            "nll_se": float(losses.std(ddof=1) / len(losses) ** 0.5) if len(losses) > 1 else None,
            "gaussian_nll": None if gaussian_nll is None else gaussian_nll - volume,
        }
        if data.log_density is not None:
            true = data.log_density(data.preprocessing.raw(xs.astype(np.float64)))
            told["true_nll"] = -float(true.mean())
        told |= _of_levels(nll, gaussian_nll, data, xs) if data.levels.everywhere else {}
        return {name: value if _known(value) else None for name, value in told.items()}

    def to_units(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> np.ndarray:
        """log p(x) of inputs in the user's units, [N]."""
        self.check_outputs(outputs.shape, len(xs))
        return outputs.astype(np.float64) + learned.log_volume(xs.shape[1:])

    def answer(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Answer:
        """The column `log_prob`, in nats and the user's units."""
        return Answer(self.to_units(outputs, xs, learned), ("log_prob",), array="log_prob")

    def reference(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Reference:
        """`log_prob`, that of the training rows: all in order, or their quantiles."""
        return {"log_prob": quantiles(self.to_units(outputs, xs, learned))}

    def placed(self, answer: Answer, reference: Reference) -> Answer:
        """`percentile` is added, the share of the training rows that are less likely, in %."""
        if "log_prob" not in reference:
            return answer
        found = percentiles(answer.values, reference["log_prob"])
        return replace(answer, more={**answer.more, "percentile": found})


def _known(value: object) -> bool:
    """Whether a metric is anything but a float that is not a number."""
    return not (isinstance(value, float) and math.isnan(value))


def _of_levels(nll: float, gaussian_nll: float | None, data: Data, xs: np.ndarray) -> Metrics:
    """What is added where all numbers take levels, of figures in the model's units."""
    bits = uniform_bits(data, xs)
    volume = data.preprocessing.log_volume(xs.shape[1:])
    uniform = None if bits is None else from_bits(bits, data) - volume
    return {
        "uniform_nll": uniform,
        "bits_per_dim": in_bits(nll, data),
        "gaussian_bits_per_dim": None if gaussian_nll is None else in_bits(gaussian_nll, data),
        "uniform_bits_per_dim": bits,
    }
