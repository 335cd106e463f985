"""A loss between two samples of paths: a batch of draws, and a batch of data."""

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import ConfigError
from ..regularisers import keys_of_examples
from ..solve import Solver, zeroed
from ..tasks.signatures import LEAST_WIDTH, path_features
from ..types import AnyKey, Aux, Batch
from .by_task import Objectives
from .energy_score import DrawsFromLaw, energy_score
from .losses import Loss
from .model import Model
from .reported import ReportedUpdate

Distance: TypeAlias = Literal["signature", "moments"]
_COUNTED = "weight in this step"


class BatchUpdate(ReportedUpdate):
    """A step against a loss of a whole batch, which is told the weight of each example.

    Losses are of each example where they can be (`zoo.losses.Loss`). A distance of two samples
    cannot, and padding must not take part in it.
    """

    takes_parts: ClassVar[bool] = False

    def told(self, batch: Batch, weight: Float[Array, " B"]) -> Batch:
        """The batch, and the weights of its examples."""
        return {**batch, _COUNTED: weight}


def path_distance(kind: Distance) -> Loss:
    """The squared distance of the mean features of drawn paths from those of a batch, [B].

    The maximum mean discrepancy (Gretton et al. 2012) of a kernel that is the product of features,
    each in units of its deviation in the batch; without bias for the draws, since no path is
    compared with itself. The same number for each example, and the metric `mmd2`, which may be
    below 0.

    Args:
        kind: `signature`, see `zoo.tasks.signatures.path_features`; or `moments`, the values at
            all times, and the products of each two of them.

    Raises `ConfigError`, when it is called, for a model that draws no paths.
    """

    def distance(
        model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        if not isinstance(model, DrawsFromLaw):
            raise ConfigError(
                f"path_distance compares what a model draws, and {type(model).__name__} draws no "
                "paths: expected one with a method sample, such as neural_sde."
            )
        x = jnp.asarray(batch["x"])
        count = len(x)
        t = jnp.asarray(batch["t"] if "t" in batch else jnp.broadcast_to(0.0, x.shape[:2]))
        weight = jnp.asarray(batch.get(_COUNTED, jnp.ones(count, x.dtype)))
        keys = keys_of_examples(jax.random.key(0) if key is None else key, count)
        drawn, stats = model.sample(model.inputs(batch), key=keys, solver=solver)
        share = (weight / jnp.sum(weight))[:, None]
        real = features_of(kind, t, x)
        mean = jnp.sum(share * real, axis=0)
        width = jnp.sqrt(jnp.sum(share * (real - mean) ** 2, axis=0))
        varying = width > LEAST_WIDTH
        apart = features_of(kind, t, zeroed(drawn, stats)) - mean
        apart = jnp.where(varying, apart / jnp.where(varying, width, 1), 0)
        pairs = jnp.sum(apart, axis=0) ** 2 - jnp.sum(apart**2, axis=0)
        value = jnp.sum(pairs) / jnp.maximum(jnp.sum(varying), 1) / max(count * (count - 1), 1)
        values = jnp.broadcast_to(value, (count,))
        return values, Aux(stats, {"mmd2": values})

    return distance


def features_of(
    kind: Distance, t: Float[Array, "B T"], x: Float[Array, "B T D"]
) -> Float[Array, "B F"]:
    """What the two samples are compared by."""
    if kind == "signature":
        return path_features(t, x)
    flat = x.reshape(len(x), -1)
    first, second = np.triu_indices(flat.shape[1])
    return jnp.concatenate([flat, flat[:, first] * flat[:, second]], axis=1)


BY_DISTANCE: Mapping[Distance, Objectives] = {
    kind: {"paths": BatchUpdate(path_distance(kind), energy_score)} for kind in get_args(Distance)
}
"""The objectives of a model that draws paths, by what tells its draws from the data."""
