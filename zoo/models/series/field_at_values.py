"""A field at the values of observed paths, for the loss `derivative`."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import Dynamics, lift
from ...errors import ConfigError
from ...types import Args
from .batch import Series
from .driving import drive_of
from .initial import AbstractInitial, GivenInitial
from .repeated import repeated


def field_at_values(
    dynamics: Dynamics, initial: AbstractInitial, xs: Series, args: Args
) -> Float[Array, "B T D"]:
    """The derivatives at the values of series, anything where none is shown.

    Raises `ConfigError` where the state is not what is observed: `augment` adds entries, and an
    initial state that is learned is not fitted without a solve.
    """
    if not isinstance(initial, GivenInitial) or initial.augment:
        raise ConfigError(
            "The loss derivative solves nothing, and this model starts by "
            f"{type(initial).__name__}: expected a state that is observed, from a first "
            "value that is given. Way out: --model.initial given without --model.augment, or "
            "the model's own loss."
        )
    size, length, channels = xs.x.shape
    drive = repeated(drive_of(xs, args), length)
    values = jnp.asarray(xs.x).reshape(size * length, channels)
    slopes = lift(dynamics)(xs.since_start.reshape(-1), values, drive)
    return slopes.reshape(size, length, channels)
