"""One recorded step of each lane taken again, and its gradient pulled back through it."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree

from .carry import Fields, Way, of_lanes
from .devices import while_loop
from .lanes import Lane, bytes_of, choose, masked, read, read_several
from .outputs import interpolate, read_time
from .plan import Plan
from .record import Record
from .step import take_step

# A turn of the loop over outputs costs what interpolating some four of them does.
_TOGETHER = 4
# Bytes of states that so many may have; of larger ones fewer are pulled back in a turn.
_ROOM = 2**18


class Solved(NamedTuple):
    """A solve to go back through."""

    plan: Plan
    fields: Fields
    args: Any
    wanted: tuple[Fields, Any]
    """Of which arrays in (fields, args) a gradient is wanted."""
    way: Way
    times: Array | None
    record: Record
    given: PyTree[Array]
    """The gradient of the states at the end, [B, ...], or at the times wanted, [T, B, ...]."""


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
    sign: Lane


class Gradients(NamedTuple):
    """What has come back so far."""

    y: PyTree[Array]
    fields: Fields
    args: PyTree[Array]
    pointer: Array | None
    """How many outputs are still to come, of each lane."""


class Again(NamedTuple):
    """Step number k of each lane, as the record has it."""

    active: Bool[Array, "*lanes"]
    start: Lane
    stop: Lane
    y: PyTree[Array]
    saved: Array | None


def pull_step(
    solved: Solved, lanes: Lanes, k: Int[Array, ""], ring: PyTree, a: Gradients
) -> Gradients:
    """The gradients with those of step number `k` of each of the lanes."""
    again = _recorded(solved.record, ring, k, lanes)
    name = "all" if lanes.lane is None else "few"
    field, field_wanted = getattr(solved.fields, name), getattr(solved.wanted[0], name)
    of_field, rest_of_field = eqx.partition(field, field_wanted)
    of_args, rest_of_args = eqx.partition(solved.args, solved.wanted[1])

    def step(y: PyTree, of_field: Any, of_args: Any) -> Any:
        field, args = eqx.combine((of_field, of_args), (rest_of_field, rest_of_args))
        args = args if lanes.source is None else of_lanes(args, lanes.source)
        whole, tableau = solved.times is not None, solved.plan.tableau
        stages = take_step(
            field, args, tableau, lanes.sign, again.start, again.stop, y, whole=whole
        )
        return stages.y1, stages.slopes if whole else None

    values, pull = jax.vjp(step, again.y, of_field, of_args)
    a_y1, a_slopes, direct, pointer = masked(again.active, a.y), None, None, a.pointer
    if solved.times is not None:
        inside, pointer = _pull_outputs(solved, lanes, again, values, pointer)
        direct, more, a_slopes = inside
        a_y1 = _sum(a_y1, more)
    a_y0, a_field, a_args = pull((a_y1, a_slopes))
    a_y0 = a_y0 if direct is None else _sum(a_y0, direct)
    return Gradients(
        choose(again.active, a_y0, a.y),
        a.fields._replace(**{name: _sum(getattr(a.fields, name), a_field)}),
        _sum(a.args, a_args),
        pointer,
    )


def _sum(one: PyTree[Array], other: PyTree[Array]) -> Any:
    return jax.tree.map(jnp.add, one, other)


def _recorded(record: Record, ring: Any, k: Any, lanes: Lanes) -> Again:
    size = jax.tree.leaves(ring)[0].shape[0] - 1
    own = jnp.minimum(jnp.broadcast_to(k, lanes.taken.shape), jnp.maximum(lanes.taken - 1, 0))
    saved = record.saved
    if saved is not None:
        slot = own if own.ndim else jnp.broadcast_to(own, saved.shape[1:])
        saved = read(saved, slot, lanes.source)
    return Again(
        active=k < lanes.steps,
        start=read(record.start, own, lanes.source),
        stop=read(record.stop, own, lanes.source),
        y=read(ring, own % size, lanes.source),
        saved=saved,
    )


def _pull_outputs(
    solved: Solved, lanes: Lanes, again: Again, values: Any, pointer: Any
) -> tuple[Any, Any]:
    """Gradients of (y0, y1, slopes) of a step from the outputs inside it, and how many are left."""
    y1, slopes = values
    plan, times, given = solved.plan, solved.times, solved.given
    assert times is not None and again.saved is not None, "there are outputs to go back through"
    saved = again.saved
    if lanes.lane is not None and times.ndim == 2:
        times = times[:, lanes.lane]

    def body(state: Any) -> Any:
        totals, pointer = state
        index = pointer - 1 - turn.reshape(-1, *[1] * pointer.ndim)
        now = again.active & (index >= saved)
        index = jnp.maximum(index, 0)
        a = masked(now, read_several(given, index, lanes.lane))

        def inside(y0: Any, y1: Any, slopes: Any) -> Any:
            start, stop, sign = again.start, again.stop, lanes.sign
            at = lambda time: interpolate(plan, start, stop, y0, y1, slopes, time, sign)  # noqa: E731
            return jax.vmap(at)(read_time(times, index))

        _, pull = jax.vjp(inside, again.y, y1, slopes)
        return _sum(totals, pull(a)), pointer - now.sum(axis=0, dtype=jnp.int32)

    turn = jnp.arange(_together(times.shape[0], again.y))
    nothing = jax.tree.map(jnp.zeros_like, (again.y, y1, slopes))
    left = lambda state: (again.active & (state[1] > saved)).any()  # noqa: E731
    return while_loop(left, body, (nothing, pointer))


def _together(count: int, y: PyTree[Array]) -> int:
    """How many of `count` outputs are pulled back in a turn; one where a step has few of them."""
    return max(1, min(count // 8, _TOGETHER, _ROOM // max(bytes_of(y), 1)))
