"""What evaluation reports of a model that draws whole paths from a law: the energy score."""

from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ..errors import ConfigError
from ..solve import Solver, zeroed
from ..types import AnyArray, Aux, Batch, Keys, Stats
from .model import Model


@runtime_checkable
class DrawsFromLaw(Model, Protocol):
    """A model that draws paths without being shown any."""

    def sample(
        self,
        xs: PyTree[AnyArray],
        *,
        key: Keys,
        args: None = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "n T D"], Stats]:
        """A path for each of the keys [n], at the times of `xs`."""


def energy_score(
    model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The energy score of each path x, [B], and a drawn path as the prediction, [B, T, D].

    (|y - x| + |y' - x|) / 2 - |y - y'| / 2 of two draws y and y', with |.| the root mean square
    over times and channels. In the mean over x it is least for the true law: a proper score
    (Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and estimation"), and
    the same in a batch of any size, which a distance of two batches is not.

    Raises `ConfigError` for a model that draws no paths (`DrawsFromLaw`).
    """
    if not isinstance(model, DrawsFromLaw):
        raise ConfigError(
            f"energy_score is of drawn paths, and {type(model).__name__} draws none: expected a "
            "model with a method sample, such as neural_sde."
        )
    xs, real = model.inputs(batch), jnp.asarray(batch["x"])
    both = jax.vmap(jax.random.split, out_axes=1)(key)
    first, stats = model.sample(xs, key=both[0], solver=solver)
    second, others = model.sample(xs, key=both[1], solver=solver)
    y, z = zeroed(first, stats), zeroed(second, others)
    near = (root_mean_square(y - real) + root_mean_square(z - real)) / 2
    score = near - root_mean_square(y - z) / 2
    return score, Aux(stats, {"energy_score": score}, first)


def root_mean_square(paths: Float[Array, "B T D"]) -> Float[Array, " B"]:
    """The root mean square of each path; its gradient is finite at 0."""
    mean = jnp.mean(paths**2, axis=(1, 2))
    return jnp.sqrt(jnp.maximum(mean, jnp.finfo(mean.dtype).tiny))
