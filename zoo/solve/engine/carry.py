"""What the loop carries from attempt to attempt, of all lanes or of the few that are not done."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ...types import State, Tree
from .interval import Piece, of_lanes
from .lanes import Lane
from .outputs import Outputs
from .record import Record
from .watch import Sought

# Measured: with fewer lanes, going on with few of them costs what it saves.
_FROM = 128
# So small a part that one lane of hundreds of attempts at most doubles what a large step takes:
# see "One failed example" in scripts/maintain/benchmarks/README.md.
_PART = 16


def few_lanes(batch_size: int) -> int:
    """With how many unfinished lanes a batch goes on without the others; 0 where it never does."""
    return batch_size // _PART if batch_size >= _FROM else 0


class Fields(NamedTuple):
    """What the plan's stepper evaluates of the dynamics: of all lanes, and of the few that go on
    without the others. See `AbstractStepper.field`."""

    all: Any
    few: Any


class Renewed(NamedTuple):
    """Slopes that were evaluated anew behind a jump, where a smooth field would reuse the last."""

    each: Int[Array, "*lanes"]
    """By each lane for itself."""
    together: Int[Array, ""]
    """Evaluations of all lanes."""
    few: Int[Array, ""]
    """Evaluations of the few that went on."""


class Report(NamedTuple):
    """What the loop tells of each lane, and of the batch."""

    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    result: Int[Array, "*lanes"]
    reached: Float[Array, "*lanes"]
    """The share of the interval that was solved."""
    time: Float[Array, "*lanes"]
    """The time up to which it was solved, as the field sees it."""
    together: Int[Array, ""]
    """The attempts of the loop in which all lanes took part, done or not."""
    renewed: Renewed | None
    """None where no slope has to be renewed."""


class Carry(NamedTuple):
    """The state of the loop."""

    start: Lane
    stop: Lane
    y: State
    slope: State | None
    """The first stage of the next step, where the method reuses it."""
    memory: tuple[Lane, Lane]
    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    running: Bool[Array, "*lanes"]
    base: Lane
    """One and the size of the initial state."""
    piece: Int[Array, "*lanes"] | None
    """The number of the piece in which a lane is; None where the field does not jump."""
    within: Piece | None
    """That piece, looked up once as it is entered."""
    strikes: Int[Array, "*lanes"]
    """How many attempts were not finite since a first step was accepted. Before that -1 where the
    latest attempt was not finite, else 0."""
    limited: Int[Array, "*lanes"]
    """Accepted steps that stability limited, rather than accuracy."""
    renewed: Int[Array, "*lanes"] | None
    """Slopes that a lane renewed behind a jump."""
    renewals: Int[Array, ""] | None
    """Evaluations that renewed slopes, of whoever ran."""
    cost: Float[Array, " B"] | None
    """What the accepted steps have cost; None where nothing is charged for them."""
    record: Record | None
    """Of the whole batch, as are the outputs."""
    outputs: Outputs | None
    sought: Sought | None = None
    """What is known of each lane's event; None where none is looked for."""


def back_to_all(tree: Tree, lane: Int[Array, " few"], few: Tree) -> Tree:
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
        outputs = Outputs(times, outputs.values, outputs.made[lane], outputs.total[lane])
    return own._replace(record=carry.record, outputs=outputs, renewals=carry.renewals)


def carry_of_all(carry: Carry, lane: Int[Array, " few"], few: Carry) -> Carry:
    """The carry of all lanes, once the few are done."""
    own = back_to_all(_by_lane(carry), lane, _by_lane(few))
    outputs = carry.outputs
    if outputs is not None and few.outputs is not None:
        made = back_to_all(outputs.made, lane, few.outputs.made)
        outputs = Outputs(outputs.times, few.outputs.values, made, outputs.total)
    return own._replace(record=few.record, outputs=outputs, renewals=few.renewals)


def _by_lane(carry: Carry) -> Carry:
    return carry._replace(record=None, outputs=None, renewals=None)
