"""A batch in parts: on several devices at once, and on each of them one after another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ..errors import ConfigError
from ..models.base import AbstractModel
from ..objectives.base import AbstractUpdate, AdditiveUpdate
from ..objectives.parameters import trainable
from ..objectives.part import Part, Sums, one_after_another, part_of, sums_of
from ..placement import AXIS, Devices, chosen_mesh, total
from ..solve import Solver
from ..types import Batch

Examples: TypeAlias = Callable[[Array, Array], tuple[Batch, Array]]
"""From places in the data and weights to the examples as a model takes them, and their weights."""


@dataclass(frozen=True)
class Parts:
    """How a batch is divided: each device takes a share, and that in so many parts in a row."""

    mesh: Mesh | None
    """The devices, see `zoo.placement.chosen_mesh`; None for the one that JAX computes on."""
    accumulate: int
    """Parts of a device's share, one after another."""
    batch_size: int
    """Examples of a batch."""
    own_rows: bool = False
    """Whether each device is handed the rows of its own examples, as they are read from disk; else
    the whole training split lies on all of them."""

    @property
    def devices(self) -> int:
        """How many devices share a batch."""
        return 1 if self.mesh is None else self.mesh.size

    @property
    def each(self) -> int:
        """Examples of a part; those that the last parts lack are filled up."""
        return -(-self.batch_size // (self.devices * self.accumulate))

    @property
    def size(self) -> int:
        """Examples of a batch, with those that fill it up."""
        return self.each * self.devices * self.accumulate


def parts_of(
    devices: Devices, accumulate: int | None, batch_size: int, *, own_rows: bool = False
) -> Parts | None:
    """How batches are divided, None where one device takes each as a whole; see `Parts`.

    Raises `ConfigError` for devices that there are not, and for more parts than examples.
    """
    parts = Parts(chosen_mesh(devices), accumulate or 1, batch_size, own_rows)
    if parts.mesh is None and parts.accumulate == 1:
        return None
    if parts.devices * parts.accumulate > batch_size:
        raise ConfigError(
            f"A batch of {batch_size} examples cannot be divided among {parts.devices} "
            f"{'device' if parts.devices == 1 else 'devices'} in {parts.accumulate} parts each: "
            "expected an example or more for each part. Take a larger batch_size, or fewer devices "
            "or parts (accumulate)."
        )
    return parts


def check_parts(parts: Parts | None, update: AbstractUpdate, lbfgs_steps: int | None) -> None:
    """Raise `ConfigError` for what needs a batch as a whole, where it is to be taken in parts."""
    if parts is None:
        return
    asked = _asked(parts)
    if lbfgs_steps is not None:
        raise ConfigError(
            f"{asked} and lbfgs_steps = {lbfgs_steps} do not go together: its line search asks for "
            "the loss of all examples at each trial. Leave one of them out."
        )
    name = type(update).__name__
    if not isinstance(update, AdditiveUpdate) or _own_call(update) is not AdditiveUpdate:
        raise ConfigError(
            f"{asked}: {name} has a __call__ of its own, which takes a whole batch. Way out: a "
            "zoo.train.AdditiveUpdate, which says what a part of a batch adds; or leave it out."
        )
    if not update.takes_parts:
        raise ConfigError(
            f"{asked}: the loss of {name} compares all examples of a batch, so that those of its "
            "parts do not add up to it. Leave it out."
        )


def _asked(parts: Parts) -> str:
    told = {"devices": parts.devices, "accumulate": parts.accumulate}
    return " and ".join(f"{name} = {count}" for name, count in told.items() if count > 1)


def _own_call(update: AbstractUpdate) -> type:
    """The class whose `__call__` an update has."""
    return next(each for each in type(update).__mro__ if "__call__" in vars(each))


def whole_part(
    parts: Parts,
    update: AdditiveUpdate,
    model: AbstractModel,
    examples: Examples,
    index: Int[Array, " S"],
    weight: Float[Array, " S"],
    *,
    key: PRNGKeyArray,
    step: Array,
    solver: Solver | None,
) -> Part:
    """What all examples of a batch say of a step, as each device has it in the end.

    `index` and `weight` are the device's own share. Each solves it without a word to the others;
    then one all-reduce adds up gradients, counts and all. An example draws from `key` folded with
    its place in the whole batch, so that no number of parts changes what it draws.
    """
    me = 0 if parts.mesh is None else jax.lax.axis_index(AXIS)

    def of_part(rows: tuple[Array, Array], number: Array) -> Sums:
        batch, weights = examples(*rows)
        start = (me * parts.accumulate + number) * parts.each
        places = start + jnp.arange(parts.each)
        keys = jax.vmap(lambda place: jax.random.fold_in(key, place))(places)
        part = update.part(model, batch, weights, key=keys, step=step, solver=solver)
        return sums_of(part, start, parts.size)

    rows = index.reshape(-1, parts.each), weight.reshape(-1, parts.each)
    sums = one_after_another(of_part, rows, parts.size)
    if parts.mesh is not None:
        extremes = sums.largest, sums.first
        added, (largest, first) = total(sums.added, extremes, parts.devices)
        sums = Sums(added, largest.max(), first.min())
    return part_of(sums, eqx.filter(model, trainable(model)))
