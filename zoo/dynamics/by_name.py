"""Dynamics by name, for a state of any shape that they know how to take."""

import inspect
import math
from collections.abc import Mapping
from typing import Any

from jaxtyping import PRNGKeyArray

from ..errors import ConfigError
from ..registry import DYNAMICS
from .base import Dynamics


def dynamics_by_name(
    name: str, shape: tuple[int, ...], options: Mapping[str, Any] | None, *, key: PRNGKeyArray
) -> Dynamics:
    """The registered dynamics `name` for a state of `shape`, without the batch axis.

    A builder says by the name of its first parameter what it takes: `shape` is the state's whole
    shape, any other name the length of a state that is a vector.

    Raises `ConfigError` for dynamics of vectors where the state is none, with those that take it.
    """
    builder, options = DYNAMICS[name].builder, dict(options or {})
    if takes_shape(name):
        return builder(shape, **options, key=key)
    if len(shape) != 1:
        others = ", ".join(entry.name for entry in DYNAMICS if takes_shape(entry.name))
        raise ConfigError(
            f"The dynamics {name!r} take a vector, and the state has shape {shape}: expected one "
            f"of {others}, or a model that flattens its inputs to {math.prod(shape)} numbers "
            "(odenet)."
        )
    return builder(shape[0], **options, key=key)


def takes_shape(name: str) -> bool:
    """Whether registered dynamics are made for the shape of a state, not for a vector's length."""
    return next(iter(inspect.signature(DYNAMICS[name].builder).parameters), None) == "shape"


def check_state_shape(name: str, shape: tuple[int, ...], forms: Mapping[int, str]) -> None:
    """Raise `ConfigError` where dynamics do not take a state of as many axes as `shape` has.

    `forms` are the states that they take, in words, by the number of axes.
    """
    if len(shape) not in forms or min(shape) < 1:
        raise ConfigError(
            f"The dynamics {name!r} take a state {' or '.join(forms.values())}, and this one has "
            f"shape {tuple(shape)}: expected so many axes, each of length 1 or more. Images keep "
            "their axes in the models conv_odenet, unet_odenet and transformer_odenet."
        )


IMAGE = {3: "[height, width, channels]"}
"""The form of a state that is an image, for `check_state_shape`."""
