"""The evidence lower bound of a model whose posterior is a law of whole paths."""

from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import ConfigError
from ..regularisers import keys_of_examples
from ..solve import Solver
from ..types import AnyKey, Aux, Batch, Keys, Stats
from .by_task import Objectives
from .energy_score import DrawsFromLaw, energy_score
from .model import Model
from .paths import gaussian_nll
from .reported import ReportedUpdate


class Posterior(eqx.Module):
    """n paths drawn from the posterior of each example."""

    paths: Float[Array, "B n T D"]
    seen: Float[Array, "B T D"]
    """The values whose posterior it is: those of the data with noise of a size `blur`."""
    blur: float
    cost: Float[Array, "B n"]
    """How much denser the posterior is than the prior at the path, start included, in nats."""
    stats: Stats


@runtime_checkable
class HasPosterior(DrawsFromLaw, Protocol):
    """A model with a posterior over paths."""

    def divergence_weight(self, step: Array) -> Float[Array, ""]:
        """What the divergence counts in a step of training."""

    def posterior(self, xs: object, key: Keys, *, solver: Solver | None = None) -> Posterior:
        """Paths of the posterior of each example."""


def path_elbo(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The negative importance-weighted bound of each blurred path, in nats a value.

    -log mean_n p(seen | path) p(path) / q(path) over n draws of the posterior q: with one draw the
    evidence lower bound, with more a closer one (Burda et al. 2016, "Importance Weighted
    Autoencoders"). log p/q counts by the model's weight at this step. Metrics are `nll`, of a value
    given a path, and `divergence` of posterior from prior, means over the draws.

    Raises `ConfigError` for a model without a posterior over paths (`HasPosterior`).
    """
    if not isinstance(model, HasPosterior):
        raise ConfigError(
            f"path_elbo fits a posterior over paths, and {type(model).__name__} has none: expected "
            "a model with a method posterior, such as latent_sde."
        )
    keys = keys_of_examples(jax.random.key(0) if key is None else key, len(batch["x"]))
    found = model.posterior(model.inputs(batch), keys, solver=solver)
    errors = found.paths - found.seen[:, None]
    nll = gaussian_nll(errors, jnp.full(errors.shape[-1], found.blur, errors.dtype))
    count, draws = found.seen[0].size, found.cost.shape[1]
    total = jnp.sum(nll, axis=(2, 3))
    against = total + model.divergence_weight(step) * found.cost
    values = (jnp.log(draws) - jax.nn.logsumexp(-against, axis=1)) / count
    metrics = {"nll": total.mean(axis=1) / count, "divergence": found.cost.mean(axis=1)}
    return values, Aux(found.stats, {**metrics})


BY_POSTERIOR: Objectives = {"paths": ReportedUpdate(path_elbo, energy_score)}
"""The objectives of a model of random paths that has a posterior."""
