"""One recorded step of each lane taken again, and its gradient pulled back through it."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from ...types import Args, State
from .carry import Fields
from .devices import while_loop
from .ends import Ends
from .interval import Interval, of_lanes
from .lanes import bytes_of, choose, masked, read, read_several
from .outputs import read_time
from .plan import Plan
from .record import Record
from .step import Move, Stages
from .stretch import Moment, TimeGradients, at_moment, moment_of, with_moment, with_outputs

# A turn of the loop over outputs costs what interpolating some four of them does.
_TOGETHER = 4
# Bytes of states that so many may have; of larger ones fewer are pulled back in a turn.
_ROOM = 2**18


class Forward(NamedTuple):
    """A solve to go back through."""

    plan: Plan
    fields: Fields
    args: Args
    wanted: tuple[PyTree[bool], PyTree[bool]]
    """Of which arrays in (fields, args) a gradient is wanted."""
    span: Interval
    times: Array | None
    record: Record
    given: PyTree[Array]
    """The gradient of the states at the end, [B, ...], or at the times wanted, [T, B, ...]."""
    stretched: bool
    """Whether a gradient is wanted of the times of equal steps, which all move with the ends."""
    costs: Float[Array, " B"] | None = None
    """The gradient of what the steps cost each example; None where that is not wanted."""


class Lanes(NamedTuple):
    """Whose steps are pulled back: those of all lanes, or of the few that took the most."""

    lane: Int[Array, " lanes"] | None
    """Which they are; None for all."""
    steps: Int[Array, "*lanes"]
    """How many steps of theirs count: none of an example that failed."""
    source: Int[Array, " lanes"] | None
    """Whose steps are taken again; None where all share them."""
    taken: Int[Array, "*lanes"]
    """How many there are of those."""
    span: Interval
    """The intervals of those."""


class Gradients(NamedTuple):
    """What has come back so far."""

    y: State
    fields: Fields
    args: PyTree[Array]
    pointer: Array | None
    """How many outputs are still to come, of each lane."""
    times: TimeGradients | None = None
    """None where the steps do not stretch."""


class RecordedStep(NamedTuple):
    """Step number k of each lane, as the record has it."""

    active: Bool[Array, "*lanes"]
    move: Move
    y: State
    saved: Array | None


def pull_step(
    solved: Forward,
    lanes: Lanes,
    k: Int[Array, ""],
    ends: Ends | None,
    ring: State,
    a: Gradients,
) -> Gradients:
    """The gradients with those of step number `k` of each of the lanes.

    `ends` is from where to where it goes, where the record does not have that.
    """
    again = _recorded(solved, ring, k, ends, lanes)
    name = "all" if lanes.lane is None else "few"
    field, field_wanted = getattr(solved.fields, name), getattr(solved.wanted[0], name)
    of_field, rest_of_field = eqx.partition(field, field_wanted)
    of_args, rest_of_args = eqx.partition(solved.args, solved.wanted[1])

    def step(y: State, moment: Moment | None, of_field: Any, of_args: Any) -> Any:
        field, args = eqx.combine((of_field, of_args), (rest_of_field, rest_of_args))
        args = args if lanes.source is None else of_lanes(args, lanes.source)
        dense, move = solved.times is not None, at_moment(again.move, moment)
        whole = dense or solved.costs is not None
        stages = solved.plan.stepper.take(field, args, move, y, None, whole=whole)
        cost = _cost(solved, lanes, again, move, y, stages)
        return stages.y1, stages.slopes if dense else None, cost

    moment = None if a.times is None else moment_of(again.move)
    (*values, cost), pull = jax.vjp(step, again.y, moment, of_field, of_args)
    a_y1, a_slopes, direct, pointer = masked(again.active, a.y), None, None, a.pointer
    times = a.times
    if solved.times is not None:
        inside, pointer, times = _pull_outputs(solved, lanes, again, values, a)
        direct, more, a_slopes = inside
        a_y1 = _sum(a_y1, more)
    a_cost = None if cost is None else jnp.ones_like(cost)
    a_y0, a_moment, a_field, a_args = pull((a_y1, a_slopes, a_cost))
    a_y0 = a_y0 if direct is None else _sum(a_y0, direct)
    if times is not None:
        times = with_moment(times, again.move, masked(again.active, a_moment))
    return Gradients(
        choose(again.active, a_y0, a.y),
        a.fields._replace(**{name: _sum(getattr(a.fields, name), a_field)}),
        _sum(a.args, a_args),
        pointer,
        times,
    )


def _cost(
    solved: Forward, lanes: Lanes, again: RecordedStep, move: Move, y: State, stages: Stages
) -> Float[Array, ""] | None:
    """What a step costs all examples, each by what its gradient is worth."""
    if solved.costs is None:
        return None
    assert solved.plan.cost is not None, "there is a gradient of costs where there are costs"
    worth = solved.costs if lanes.lane is None else solved.costs[lanes.lane]
    return jnp.sum(masked(again.active, worth) * solved.plan.cost(move, y, stages))


def _sum(one: PyTree[Array], other: PyTree[Array]) -> Any:
    return jax.tree.map(jnp.add, one, other)


def _recorded(solved: Forward, ring: Any, k: Any, ends: Ends | None, lanes: Lanes) -> RecordedStep:
    record, size = solved.record, jax.tree.leaves(ring)[0].shape[0] - 1
    own = jnp.minimum(jnp.broadcast_to(k, lanes.taken.shape), jnp.maximum(lanes.taken - 1, 0))
    together = solved.plan.together(lanes.span)
    saved = record.saved
    if saved is not None:
        slot = own if own.ndim else jnp.broadcast_to(own, saved.shape[1:])
        saved = read(saved, slot, lanes.source)
    own = k if together else own

    def get(buffer: PyTree, slot: Array = own) -> Any:
        if not together or lanes.source is None:
            return read(buffer, slot, lanes.source)
        return of_lanes(read(buffer, slot), lanes.source)

    piece = lanes.span.piece(None if record.piece is None else get(record.piece))
    start, stop = (get(record.times), get(record.times, own + 1)) if ends is None else ends
    return RecordedStep(
        active=k < lanes.steps,
        move=Move(lanes.span, piece, start, stop, own, lanes.source),
        y=get(ring, own % size),
        saved=saved,
    )


def _pull_outputs(
    solved: Forward, lanes: Lanes, again: RecordedStep, values: Any, before: Gradients
) -> tuple[Any, Any, TimeGradients | None]:
    """Gradients of (y0, y1, slopes) of a step from the outputs inside it, how many are left, and
    the gradients of times."""
    y1, slopes = values
    plan, times, given = solved.plan, solved.times, solved.given
    assert times is not None and again.saved is not None, "there are outputs to go back through"
    saved, start = again.saved, before.pointer
    assert start is not None, "outputs are counted"
    if lanes.lane is not None and times.ndim == 2:
        times = times[:, lanes.lane]

    def body(state: Any) -> Any:
        totals, pointer, of_times = state
        index = pointer - 1 - turn.reshape(-1, *[1] * pointer.ndim)
        now = again.active & (index >= saved)
        index = jnp.maximum(index, 0)
        a = masked(now, read_several(given, index, lanes.lane))

        taus = read_time(times, index)

        def inside(y0: State, y1: Any, slopes: list[State], moving: Any) -> Any:
            moment, at = (None, taus) if moving is None else moving
            move = at_moment(again.move, moment)
            return jax.vmap(lambda tau: plan.stepper.interpolate(move, y0, y1, slopes, tau))(at)

        moving = None if of_times is None else (moment_of(again.move), taus)
        _, pull = jax.vjp(inside, again.y, y1, slopes, moving)
        *of_states, a_moving = pull(a)
        if of_times is not None:
            slot = jnp.where(now, index, times.shape[0])
            of_times = with_moment(of_times, again.move, a_moving[0])
            of_times = with_outputs(of_times, lanes.span, slot, a_moving[1])
        return _sum(totals, tuple(of_states)), pointer - now.sum(axis=0, dtype=jnp.int32), of_times

    turn = jnp.arange(_together(times.shape[0], again.y), dtype=jnp.int32)
    nothing = jax.tree.map(jnp.zeros_like, (again.y, y1, slopes))

    def left(state: tuple[State, Array, TimeGradients | None]) -> Array:
        return (again.active & (state[1] > saved)).any()

    return while_loop(left, body, (nothing, start, before.times))


def _together(count: int, y: State) -> int:
    """How many of `count` outputs are pulled back in a turn; one where a step has few of them."""
    return max(1, min(count // 8, _TOGETHER, _ROOM // max(bytes_of(y), 1)))
