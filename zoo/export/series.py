"""What an exported program takes of series: x, t and mask of one length, perhaps static numbers."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..datasets.preparation import SeriesPreparation
from ..errors import ConfigError
from ..tasks import Arrays
from .inputs import ProgramInputs, Traced, inputs_of, normal, numbers, scaled


@inputs_of.register
def _(preparation: SeriesPreparation, length: int | None) -> ProgramInputs:
    length = _checked(preparation, length)
    channels, scale = preparation.in_size, preparation.static_scale
    arrays = {"x": numbers(length, channels), "t": numbers(length)}
    arrays["mask"] = jax.ShapeDtypeStruct((length, channels), np.dtype(bool))
    axes = {"x": ("times", "channels"), "t": ("times",), "mask": ("times", "channels")}
    if scale is not None:
        arrays["static"], axes["static"] = numbers(len(scale.mean)), ("columns",)

    def prepare(raw: Traced) -> dict[str, Array]:
        x = jnp.where(raw["mask"], scaled(raw["x"], preparation.x_scale), 0.0)
        static = {} if scale is None else {"static": scaled(raw["static"], scale)}
        return {"x": x, "t": _times(raw["t"], preparation), "mask": raw["mask"], **static}

    def examples(count: int) -> Arrays:
        return _examples(preparation, count, length)

    return ProgramInputs(arrays, axes, prepare, examples, valid=_in_order)


def _in_order(raw: Traced) -> Array:
    """Which series [B] have finite times that never run back."""
    times = raw["t"]
    return jnp.all(jnp.isfinite(times), axis=1) & jnp.all(jnp.diff(times, axis=1) >= 0, axis=1)


def _checked(preparation: SeriesPreparation, length: int | None) -> int:
    """The length. Raises `ConfigError` where there is none, and for series with known inputs."""
    if preparation.inputs_scale is not None or (preparation.columns and preparation.columns.inputs):
        raise ConfigError(
            "The series have inputs known at each time, of which an exported program takes none: "
            "expected series of x, t, mask and static. Predict with zoo predict."
        )
    if length is None:
        raise ConfigError(
            "A program of series is made for one length: say how many times a series has "
            "(--length 50); a shorter one is padded with mask = False and its last time."
        )
    return length


def _times(times: Array, preparation: SeriesPreparation) -> Array:
    """Times [B, T] as `SeriesPreparation.arrays` has them; they are finite."""
    scale = preparation.t_scale
    since = times - times[:, :1] if preparation.origin == "series" else times
    return since if scale is None else (since - float(scale.start)) / scale.length


def _examples(preparation: SeriesPreparation, count: int, length: int) -> Arrays:
    """Series over the times of the training rows, of which the last quarter is not shown."""
    channels, scale = preparation.in_size, preparation.static_scale
    share = np.broadcast_to(np.linspace(0.0, 1.0, length), (count, length))
    times = share if preparation.t_scale is None else preparation.t_scale.invert(share)
    mask = np.broadcast_to((share < 0.75)[..., None], (count, length, channels))
    static = {} if scale is None else {"static": scale.invert(normal(count, len(scale.mean)))}
    x = preparation.raw(normal(count, length, channels))
    return {"x": x, "t": times, "mask": mask, **static}
