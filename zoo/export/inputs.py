"""What an exported program takes: a user's raw arrays, which it prepares itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..datasets import Preparation
from ..datasets.preparation import ImagePreparation, TablePreparation
from ..datasets.scale import Scale
from ..errors import ConfigError
from ..tasks import Arrays

Traced: TypeAlias = Mapping[str, Array]
"""Arrays [B, ...] by name that are being traced, their numbers in 64 bits."""


@dataclass(frozen=True)
class ProgramInputs:
    """The raw arrays that a program takes, and what it makes of them.

    For a preparation of your own, register a function that returns this:

        @zoo.export.inputs_of.register
        def _(preparation: Spectra, length: int | None) -> zoo.export.ProgramInputs: ...
    """

    arrays: Mapping[str, jax.ShapeDtypeStruct]
    """Of one example, by name, in the order of the program's arguments; numbers are float64."""
    axes: Mapping[str, tuple[str, ...]]
    """What the axes of each array are called, the batch axis left out."""
    prepare: Callable[[Traced], dict[str, Array]]
    """`Preparation.prepared` in JAX: raw arrays [B, ...] to those that a model takes."""
    examples: Callable[[int], Arrays]
    """Raw arrays [N, ...] like those of the training rows, by which a program is checked."""
    range: tuple[float, float] | None = None
    """The least and the largest number of the training images, in whose unit new ones are to be;
    None of other data."""
    valid: Callable[[Traced], Array] | None = None
    """Which rows [B] of raw arrays make sense; the others get no prediction. None where all do."""


@singledispatch
def inputs_of(preparation: Preparation, length: int | None) -> ProgramInputs:
    """What a program takes of data that were prepared so.

    Args:
        preparation: what was learned of the training rows.
        length: times of a series; None for data without times.

    Raises `ConfigError` for a kind of data that no function is registered for, and a length that
    is missing or out of place.
    """
    raise ConfigError(
        f"Data of kind {preparation.kind} ({type(preparation).__name__}) have no export: expected "
        "a table, images or series. Register a function for them: zoo.export.inputs_of.register."
    )


@inputs_of.register
def _(preparation: TablePreparation, length: int | None) -> ProgramInputs:
    made = _of_numbers(preparation, (preparation.in_size,), ("columns",), length)
    if preparation.fill is None:
        return made
    fill = np.asarray(preparation.fill)

    def prepare(raw: Traced) -> dict[str, Array]:
        return made.prepare({"x": jnp.where(jnp.isnan(raw["x"]), fill, raw["x"])})

    return replace(made, prepare=prepare)


@inputs_of.register
def _(preparation: ImagePreparation, length: int | None) -> ProgramInputs:
    axes, (low, high) = ("height", "width", "channels"), (preparation.low, preparation.high)
    told = None if low is None or high is None else (low, high)
    return _of_numbers(preparation, preparation.in_shape, axes, length, told)


def _of_numbers(
    preparation: TablePreparation | ImagePreparation,
    shape: tuple[int, ...],
    axes: tuple[str, ...],
    length: int | None,
    within: tuple[float, float] | None = None,
) -> ProgramInputs:
    """Inputs of a shape, each number standardised by itself; `within` a known range."""
    if length is not None:
        raise ConfigError(
            f"length = {length}: the model takes data of kind {preparation.kind}, which have no "
            "times; leave it out."
        )

    def prepare(raw: Traced) -> dict[str, Array]:
        return {"x": scaled(raw["x"], preparation.x_scale)}

    def examples(count: int) -> Arrays:
        raw = preparation.raw(normal(count, *shape))
        return {"x": raw if within is None else np.clip(raw, *within)}

    arrays = {"x": numbers(*shape)}
    return ProgramInputs(arrays, {"x": axes}, prepare, examples, within)


def scaled(values: Array, scale: Scale | None) -> Array:
    """Values standardised as `Scale.apply` does, in their own type."""
    return values if scale is None else (values - scale.mean) / scale.std


def numbers(*shape: int) -> jax.ShapeDtypeStruct:
    """An argument of a shape for one example, in 64 bits."""
    return jax.ShapeDtypeStruct(shape, np.dtype(np.float64))


def normal(*shape: int) -> np.ndarray:
    """Standard normal numbers, the same in every call."""
    return np.random.default_rng(0).normal(size=shape)
