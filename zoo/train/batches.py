"""Which examples step n sees: a pure function of the run's key and n, with no cursor to save."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ..errors import ConfigError


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Batches that show every example once; the last may be partial."""
    return -(-count // batch_size)


def check_batch_size(count: int, batch_size: int | None) -> int:
    """The batch size, min(128, N) where not given.

    Raises `ConfigError` for one that is below 1 or above the number of training examples.
    """
    if batch_size is None:
        return min(128, count)
    if not 1 <= batch_size <= count:
        raise ConfigError(
            f"batch_size = {batch_size}: expected 1 to {count}, the number of training examples."
        )
    return batch_size


def epoch_order(key: PRNGKeyArray, epoch: Int[Array, ""], count: int) -> Int[Array, " N"]:
    """The order in which an epoch shows the examples."""
    return jax.random.permutation(jax.random.fold_in(key, epoch), count)


def batch_of(
    order: Int[Array, " N"], step: Int[Array, ""], batch_size: int
) -> tuple[Int[Array, " B"], Float[Array, " B"]]:
    """Indices of step's batch and their weights.

    A partial last batch is filled up with its own examples, of weight 0: a shape of its own would
    cost a trace, and other examples could fail in their stead.
    """
    count = len(order)
    start = (step % steps_per_epoch(count, batch_size)) * batch_size
    real = jnp.minimum(count - start, batch_size)
    slots = jnp.arange(batch_size)
    return order[start + slots % real], (slots < real).astype(float)
