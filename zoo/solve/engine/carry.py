"""What the loop carries from attempt to attempt, of all lanes or of the few that are not done."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from .lanes import Lane
from .outputs import Outputs
from .record import Record

# Measured: with fewer lanes, going on with few of them costs what it saves.
_FROM = 128
# So small a part that one lane of hundreds of attempts at most doubles what a large step takes:
# see "One failed example" in scripts/benchmarks/README.md.
_PART = 16


def few_lanes(batch_size: int) -> int:
    """With how many unfinished lanes a batch goes on without the others; 0 where it never does."""
    return batch_size // _PART if batch_size >= _FROM else 0


class Fields(NamedTuple):
    """The dynamics of all lanes, and of the few that go on without the others."""

    all: Any
    few: Any


class Way(NamedTuple):
    """The interval of each lane, in times that run forward; real time is sign · τ."""

    start: Lane
    stop: Lane
    sign: Lane


class Report(NamedTuple):
    """What the loop tells of each lane, and of the batch."""

    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    result: Int[Array, "*lanes"]
    reached: Float[Array, "*lanes"]
    together: Int[Array, ""]
    """The attempts of the loop in which all lanes took part, done or not."""


class Carry(NamedTuple):
    """The state of the loop."""

    start: Lane
    stop: Lane
    y: PyTree[Array]
    slope: PyTree[Array] | None
    """The first stage of the next step, where the method reuses it."""
    memory: tuple[Lane, Lane]
    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    running: Bool[Array, "*lanes"]
    base: Lane
    """One and the size of the initial state."""
    strikes: Int[Array, "*lanes"]
    """Attempts that were not finite, after the first accepted one; below zero where there is none
    yet and the latest was not."""
    limited: Int[Array, "*lanes"]
    """Accepted steps that stability limited, rather than accuracy."""
    record: Record | None
    """Of the whole batch, as are the outputs."""
    outputs: Outputs | None


def of_lanes(tree: PyTree, lane: Int[Array, " few"]) -> Any:
    """The lanes named, of every array in the tree."""
    return jax.tree.map(lambda x: x[lane] if eqx.is_array(x) else x, tree)


def back_to_all(tree: PyTree[Array], lane: Int[Array, " few"], few: PyTree[Array]) -> Any:
    """The tree of all lanes with `few` in the place of those named."""
    return jax.tree.map(lambda x, part: x.at[lane].set(part, unique_indices=True), tree, few)


def unfinished(carry: Carry, few: int) -> Int[Array, " few"]:
    """`few` different lanes, all that still run among them."""
    return largest_lanes(carry.running, few)[1]


def largest_lanes(numbers: Array, count: int) -> tuple[Array, Int[Array, " count"]]:
    """The `count` largest of the lanes' numbers, and whose they are."""
    # Of floats: the only type for which the CPU has a fast top_k.
    values, lane = jax.lax.top_k(numbers.astype(jnp.float32), count)
    return values, lane


def carry_of_few(carry: Carry, lane: Int[Array, " few"]) -> Carry:
    """The carry of the lanes named, which write into the record and outputs of all."""
    own = of_lanes(_by_lane(carry), lane)
    outputs = carry.outputs
    if outputs is not None:
        times = outputs.times if outputs.times.ndim == 1 else outputs.times[:, lane]
        outputs = Outputs(times, outputs.values, outputs.made[lane])
    return own._replace(record=carry.record, outputs=outputs)


def carry_of_all(carry: Carry, lane: Int[Array, " few"], few: Carry) -> Carry:
    """The carry of all lanes, once the few are done."""
    own = back_to_all(_by_lane(carry), lane, _by_lane(few))
    outputs = carry.outputs
    if outputs is not None and few.outputs is not None:
        made = back_to_all(outputs.made, lane, few.outputs.made)
        outputs = Outputs(outputs.times, few.outputs.values, made)
    return own._replace(record=few.record, outputs=outputs)


def _by_lane(carry: Carry) -> Carry:
    return carry._replace(record=None, outputs=None)
