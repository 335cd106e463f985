"""The evidence lower bound of a model that draws whole paths from a posterior."""

from typing import Protocol, runtime_checkable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..errors import ConfigError
from ..solve import Solver
from ..types import AnyArray, AnyKey, Args, Aux, Batch, Stats
from .model import Model
from .paths import gaussian_nll, observed_in, over_seen


class Draws(eqx.Module):
    """Paths drawn from a model's posterior of each example."""

    paths: Float[Array, "B n T D"]
    """Without the noise of observations."""
    deviation: Float[Array, " D"]
    """The standard deviation of an observation's noise, in each channel."""
    divergence: Float[Array, " B"]
    """The KL divergence of the posterior from the prior, in nats."""
    stats: Stats


@runtime_checkable
class DrawsPaths(Model, Protocol):
    """A model that draws paths from a posterior."""

    @property
    def training_draws(self) -> int:
        """How many paths of an example a step of training draws."""

    def divergence_weight(self, step: Array) -> Float[Array, ""]:
        """What the divergence counts in a step of training: annealed from 0 to 1."""

    def counted(self, xs: object, step: Array) -> Bool[Array, "B T"]:
        """Which times count in a step of training."""

    def draws(
        self,
        xs: object,
        count: int,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> Draws:
        """`count` paths of each example."""


def elbo(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The negative evidence lower bound of each series, in nats an observed value.

    -log p(x | path) over the observed values, the mean over the draws, and the divergence of the
    posterior, by the model's weight at this step: Kingma and Welling 2014, "Auto-Encoding
    Variational Bayes". The model is shown what `given` says; the values that it is not shown count
    as well, since they are what it is to find. The noise is learned by the same bound. Metrics are
    `nll` and `mse`, over all values, and `divergence`, a mean over the series.

    Raises `ConfigError` for a model that draws no paths (`DrawsPaths`).
    """
    if not isinstance(model, DrawsPaths):
        raise ConfigError(
            f"elbo is the loss of a model that draws paths, and {type(model).__name__} draws none: "
            "expected one with draws, such as latent_ode."
        )
    xs = model.inputs(batch)
    draws = model.draws(
        xs,
        model.training_draws,
        args=batch.get("args"),
        solver=solver,
        key=key,
    )
    seen = observed_in(batch) & model.counted(xs, step)[..., None]
    errors = draws.paths - jnp.asarray(batch["x"])[:, None]
    errors = jnp.where(seen[:, None], errors, 0)
    count = seen.sum(axis=(1, 2)).astype(errors.dtype)
    nll = over_seen(gaussian_nll(errors, draws.deviation).mean(axis=1), seen)
    values = nll + model.divergence_weight(step) * draws.divergence
    metrics: dict[str, AnyArray] = {
        "nll": nll,
        "mse": jnp.sum((errors**2).mean(axis=1), axis=(1, 2)),
        "divergence": draws.divergence,
    }
    counts: dict[str, AnyArray] = {"nll": count, "mse": count}
    return values / jnp.maximum(count, 1), Aux(draws.stats, metrics, counts=counts)
