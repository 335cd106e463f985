"""Density: how likely each example is, log p(x)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from ..errors import ConfigError
from ..precision import constant
from ..registry import register_task
from .base import Task
from .meaning import Output
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

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """`nll`, the mean of -log p(x) in nats and the user's units, beside `gaussian_nll`.

        That is the same of a Gaussian with the mean and covariance of the training rows. It is None
        where these fill no volume: a constant feature, one that others add up to, too few rows.
        Examples that were not solved are left out of both.

        Args:
            outputs: [N], log densities of standardised inputs.
            arrays: the split, with `x` [N, ...].
            data: whose training rows the Gaussian has seen.
            ok: [N], which examples were solved.
        """
        if not ok.any():
            return {"nll": None, "gaussian_nll": None}
        xs = arrays["x"][ok]
        volume = data.preprocessing.log_volume(xs.shape[1:])
        gaussian = gaussian_log_density(data.train["x"], xs)
        return {
            "nll": -float(np.mean(outputs[ok], dtype=np.float64)) - volume,
            "gaussian_nll": None if gaussian is None else -float(gaussian.mean()) - volume,
        }

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


def gaussian_log_density(train: np.ndarray, xs: np.ndarray) -> np.ndarray | None:
    """log N(x; m, C) of xs [M, ...], [M]; m and C are the mean and covariance of train [N, ...].

    None where C has no full rank.
    """
    flat = train.reshape(len(train), -1)
    if constant(flat).any():
        return None
    mean, std = flat.mean(axis=0, dtype=np.float64), flat.std(axis=0, dtype=np.float64)
    rows = (flat - mean) / std
    lengths, axes = np.linalg.eigh(rows.T @ rows / len(rows))
    # What varies less than the features are rounded does not vary.
    if lengths[0] <= len(lengths) * np.finfo(flat.dtype).eps:
        return None
    whitened = ((xs.reshape(len(xs), -1) - mean) / std) @ axes / np.sqrt(lengths)
    log_determinant = np.log(2 * np.pi * lengths).sum() + 2 * np.log(std).sum()
    return -0.5 * ((whitened**2).sum(axis=1) + log_determinant)
