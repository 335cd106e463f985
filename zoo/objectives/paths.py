"""Losses of paths: a model's mean and deviation at each time, against what was observed there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..errors import ConfigError
from ..solve import Solver
from ..tasks.marked import marked
from ..types import AnyKey, Aux, Batch, Keys, Stats
from .losses import Loss
from .model import Model
from .reported import ReportedUpdate


class Fit(eqx.Module):
    """How far a model's paths are from what it is fitted to, at points P of each series."""

    errors: Float[Array, "B P D"]
    """Prediction less value, in any order of the times; finite where a solve failed, too."""
    seen: Bool[Array, "B P D"]
    """Which of them count."""
    deviation: Float[Array, " D"]
    """The standard deviation that the model expects of them."""
    penalty: Float[Array, " B"]
    """What is added to the loss of an example, such as the jumps between windows."""
    stats: Stats


@runtime_checkable
class FitsPaths(Model, Protocol):
    """A model whose paths are fitted to the values that it is shown."""

    def fit_errors(
        self,
        batch: Batch,
        *,
        step: Array,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> Fit:
        """The errors of a batch as training step `step` sees them."""


def path_error(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The mean squared error of each series over the values that it shows, and its penalty.

    The model's deviation is fitted by the Gaussian likelihood of the same errors, which are
    constants there: it changes neither the value of the loss nor any other gradient. The metric is
    `mse`, over all values of all series.

    Raises `ConfigError` for a model that does not say its errors (`FitsPaths`).
    """
    if not isinstance(model, FitsPaths):
        raise ConfigError(
            f"path_error fits the paths of a model with fit_errors, and {type(model).__name__} has "
            "none: expected a model of paths, such as trajectory."
        )
    fit = model.fit_errors(batch, step=step, solver=solver, key=key)
    errors = jnp.where(fit.seen, fit.errors, 0)
    count = fit.seen.sum(axis=(1, 2)).astype(errors.dtype)
    total = jnp.sum(errors**2, axis=(1, 2))
    spread = over_seen(gaussian_nll(jax.lax.stop_gradient(errors), fit.deviation), fit.seen)
    spread = spread - jax.lax.stop_gradient(spread)
    values = (total + spread) / jnp.maximum(count, 1) + fit.penalty
    return values, Aux(fit.stats, {"mse": total}, counts={"mse": count})


@dataclass(frozen=True)
class PathReport:
    """What evaluation reports of whole paths, [B, T, D, 2]: the loss `measure` of each series.

    `mse`, the squared error, and `nll`, the negative log likelihood of a value, are means over the
    values that `targets` marks of a batch, in standardised units. Both are metrics, over all such
    values of all series; the paths are the prediction.
    """

    targets: Callable[[Batch], Bool[Array, "B T D"]]
    measure: Literal["mse", "nll"]

    def __call__(
        self, model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        """The loss of each series, 0 for one without targets, and `Aux`."""
        inputs, args = model.inputs(batch), batch.get("args")
        paths, stats = model.forward(inputs, args=args, solver=solver, key=key)
        return self.scored(paths, stats, batch)

    def scored(
        self, paths: Float[Array, "B T D 2"], stats: Stats, batch: Batch
    ) -> tuple[Float[Array, " B"], Aux]:
        """The same of paths that a model gave of a batch."""
        targets = self.targets(batch)
        errors = jnp.where(targets, paths[..., 0] - jnp.asarray(batch["x"]), 0)
        count = targets.sum(axis=(1, 2)).astype(errors.dtype)
        likelihood = gaussian_nll(errors, paths[..., 1])
        sums = {"mse": over_seen(errors**2, targets), "nll": over_seen(likelihood, targets)}
        values = sums[self.measure] / jnp.maximum(count, 1)
        return values, Aux(stats, {**sums}, paths, dict.fromkeys(sums, count))


def path_objectives(loss: Loss, measure: Literal["mse", "nll"]) -> dict[str, ReportedUpdate]:
    """What trains a model of paths by a loss, for each task of paths; evaluation reports `measure`.

    For `trajectory` and `dynamics` over all that is observed, for `interpolation` and
    `forecasting` over what the model is not shown.
    """
    whole, hidden = (
        ReportedUpdate(loss, PathReport(each, measure)) for each in (observed_in, targets_of)
    )
    return {
        "trajectory": whole,
        "interpolation": hidden,
        "forecasting": hidden,
        "dynamics": whole,
    }


def gaussian_nll(
    errors: Float[Array, "*axes D"], deviation: Float[Array, "*others D"]
) -> Float[Array, "*axes D"]:
    """-log N(error; 0, deviation²), in nats."""
    return 0.5 * (errors / deviation) ** 2 + jnp.log(deviation) + 0.5 * jnp.log(2 * jnp.pi)


def over_seen(values: Float[Array, "B P D"], seen: Bool[Array, "B P D"]) -> Float[Array, " B"]:
    """The sum over what is seen, of each series."""
    return jnp.sum(jnp.where(seen, values, 0), axis=(1, 2))


def observed_in(batch: Batch) -> Bool[Array, "B T D"]:
    """Where a batch of series holds a value, shown to the model or not."""
    return jnp.asarray(marked(batch, "mask"))


def targets_of(batch: Batch) -> Bool[Array, "B T D"]:
    """Where a batch of series holds a value to be found: one that the model is not shown.

    All that is observed, where the data have no `given`.
    """
    seen = observed_in(batch)
    return seen & ~jnp.asarray(marked(batch, "given")) if "given" in batch else seen
