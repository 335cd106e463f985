"""The evidence lower bound of a model whose posterior is a law of whole paths."""

from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import ConfigError
from ..solve import Solver
from ..types import Aux, Batch, Keys, Stats
from .energy_score import DrawsFromLaw
from .model import Model
from .paths import gaussian_nll


class Posterior(eqx.Module):
    """A path drawn from the posterior of each example."""

    paths: Float[Array, "B T D"]
    seen: Float[Array, "B T D"]
    """The values whose posterior it is: those of the data with noise of a size `blur`."""
    blur: float
    divergence: Float[Array, " B"]
    """Of the posterior from the prior, in nats: of the start, and of the path from there on."""
    stats: Stats


@runtime_checkable
class HasPosterior(DrawsFromLaw, Protocol):
    """A model with a posterior over paths."""

    def divergence_weight(self, step: Array) -> Float[Array, ""]:
        """What the divergence counts in a step of training."""

    def posterior(self, xs: object, key: Keys, *, solver: Solver | None = None) -> Posterior:
        """A path of the posterior of each example."""


def path_elbo(
    model: Model, batch: Batch, *, key: PRNGKeyArray | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The negative evidence lower bound of each blurred path, in nats a value.

    -log N(seen; path, blur²) and the divergence by the model's weight at this step. Metrics are
    `nll` of a value and `divergence` of a path.

    Raises `ConfigError` for a model without a posterior over paths (`HasPosterior`).
    """
    if not isinstance(model, HasPosterior):
        raise ConfigError(
            f"path_elbo fits a posterior over paths, and {type(model).__name__} has none: expected "
            "a model with a method posterior, such as latent_sde."
        )
    keys = jax.random.split(jax.random.key(0) if key is None else key, len(batch["x"]))
    found = model.posterior(model.inputs(batch), keys, solver=solver)
    errors = found.paths - found.seen
    deviation = jnp.full(errors.shape[-1], found.blur, errors.dtype)
    nll = gaussian_nll(errors, deviation)
    count = nll[0].size
    total = jnp.sum(nll, axis=(1, 2))
    values = (total + model.divergence_weight(step) * found.divergence) / count
    return values, Aux(found.stats, {"nll": total / count, "divergence": found.divergence})
