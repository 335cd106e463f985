"""Fitting a field to derivatives of observed paths, without solving it."""

from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..errors import ConfigError
from ..registry import register_loss
from ..solve import Solver
from ..tasks.marked import marked
from ..types import AnyArray, AnyKey, Aux, Batch, Stats
from .model import Model
from .paths import PathReport, gaussian_nll, observed_in, over_seen
from .reported import ReportedUpdate


@runtime_checkable
class HasField(Model, Protocol):
    """A model that says the derivative of each channel at observed values."""

    def derivatives(self, batch: Batch) -> tuple[Float[Array, "B T D"], Float[Array, " D"]]:
        """The derivatives by time of the values of a batch, anything where none is shown, and the
        standard deviation that the model expects of a value."""


def derivative_error(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The mean squared error of a field at the values that a batch shows.

    It is compared with `dx`, the derivatives that the data give, or else with `differences` of
    neighbouring values. Nothing is solved. The model's deviation becomes that of one step: of the
    error times the time up to the next value, by a likelihood that changes neither the value of the
    loss nor any other gradient. The metric is `derivative_mse`, over all values of all
    series.

    Raises `ConfigError` for a model without a field of the channels (`HasField`).
    """
    if not isinstance(model, HasField):
        raise ConfigError(
            f"The loss derivative fits the field of a model with derivatives, and "
            f"{type(model).__name__} has none: expected a model such as trajectory."
        )
    t, x = jnp.asarray(batch["t"]), jnp.asarray(batch["x"])
    shown = jnp.asarray(marked(batch, "mask")) & jnp.asarray(marked(batch, "given"))
    whole = shown.all(axis=-1)
    if "dx" in batch:
        wanted = jnp.asarray(batch["dx"])
    else:
        wanted, whole = differences(t, jnp.where(shown, x, 0), whole)
    seen = jnp.broadcast_to(whole[..., None], x.shape)
    slopes, deviation = model.derivatives(batch)
    errors = jnp.where(seen, slopes - wanted, 0)
    total = jnp.sum(errors**2, axis=(1, 2))
    gaps = jnp.pad(t[:, 1:] - t[:, :-1], ((0, 0), (0, 1)), mode="edge")[..., None]
    spread = over_seen(gaussian_nll(jax.lax.stop_gradient(errors) * gaps, deviation), seen)
    spread = spread - jax.lax.stop_gradient(spread)
    count = seen.sum(axis=(1, 2)).astype(errors.dtype)
    told: dict[str, AnyArray] = {"derivative_mse": total}
    counts: dict[str, AnyArray] = {"derivative_mse": count}
    values = (total + spread) / jnp.maximum(count, 1)
    return values, Aux(Stats.discrete(*x.shape[:2]), told, counts=counts)


def differences(
    t: Float[Array, "B T"], x: Float[Array, "B T D"], whole: Bool[Array, "B T"]
) -> tuple[Float[Array, "B T D"], Bool[Array, "B T"]]:
    """The slope at each time of the parabola through a value and its two neighbours.

    Its error is of second order, at unequal times too. The second array says where there is one:
    at no end of a series, and where all three are observed (`whole`) at three times.
    """
    steps = t[:, 1:] - t[:, :-1]
    before, after = steps[:, :-1, None], steps[:, 1:, None]
    there = (before > 0) & (after > 0)
    before, after = jnp.where(there, before, 1), jnp.where(there, after, 1)
    rise = x[:, 1:] - x[:, :-1]
    slope = (rise[:, :-1] / before * after + rise[:, 1:] / after * before) / (before + after)
    known = there[..., 0] & whole[:, :-2] & whole[:, 1:-1] & whole[:, 2:]
    return jnp.pad(slope, ((0, 0), (1, 1), (0, 0))), jnp.pad(known, ((0, 0), (1, 1)))


@register_loss("derivative")
def derivative_loss() -> ReportedUpdate:
    """The squared error of a field at observed values, without solving it (dynamics).

    Evaluation reports the error of rollouts.
    """
    return ReportedUpdate(derivative_error, PathReport(observed_in, "mse"))
