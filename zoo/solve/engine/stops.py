"""Where a step ends: at the end of the interval, at a jump, or where equal steps come to."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from .interval import Interval, Piece
from .lanes import Lane
from .plan import Plan

# Steps this near to the end go to it, since what remained would be rounding.
_END_ULPS = 100
# A piece between two jumps is divided into steps that may be this share longer than was asked for.
_LONGER = 1e-3


def limited(plan: Plan, h: Lane) -> Lane:
    """A step's size, no larger than the largest that was asked for."""
    return h if plan.dtmax is None else jnp.minimum(h, plan.dtmax)


def to_end(start: Lane, stop: Lane, span: Interval, accept: Bool[Array, "*lanes"] | bool) -> Lane:
    """The stop of a step that would leave next to nothing, or go beyond the end, set right."""
    near = stop > span.length - _END_ULPS * jnp.finfo(stop.dtype).eps * span.length
    return jnp.where(
        near, jnp.where(accept, span.length, start + 0.5 * (span.length - start)), stop
    )


def stop_of(
    plan: Plan, span: Interval, piece: Piece, start: Lane, proposed: Lane, made: Array
) -> Lane:
    """Where the next step ends: as `proposed`, but at a jump where it would come near to one."""
    if not plan.adaptive:
        return equal_stop(plan.steps, plan.dt0, span, piece, start, made)
    if not span.jumps:
        return proposed
    near = _END_ULPS * jnp.finfo(proposed.dtype).eps * span.length
    return jnp.where(proposed > piece.stop - near, piece.stop, proposed)


def equal_stop(
    steps: int | None,
    size: Float[Array, ""] | None,
    span: Interval,
    piece: Piece,
    start: Lane,
    made: Int[Array, "*lanes"],
) -> Lane:
    """Where an equal step from `start` ends, so many having been `made` before it.

    There are `steps` of them, or as many of `size` as the span needs. A field that jumps has equal
    steps from jump to jump, none longer than they are without jumps.
    """
    whole = piece.stop - piece.start
    count = jnp.maximum(_equal_steps(steps, size, span, whole), 1)
    if span.jumps:
        each = jnp.where(whole > 0, whole, 1) / count.astype(whole.dtype)
        made = jnp.rint((start - piece.start) / each).astype(made.dtype)
    share = (made + 1).astype(start.dtype) / count.astype(start.dtype)
    return jnp.where(made + 1 >= count, piece.stop, piece.start + whole * share)


def _equal_steps(
    steps: int | None, size: Float[Array, ""] | None, span: Interval, whole: Lane
) -> Int[Array, "*lanes"]:
    if steps is not None and not span.jumps:
        return jnp.full(jnp.shape(whole), steps, jnp.int32)
    each = size if steps is None else span.length / steps
    assert each is not None, "equal steps have a number or a size"
    # A span of just n steps is n steps, whatever the rounding.
    longer = each * (1 + (_LONGER if span.jumps else 2 * jnp.finfo(each.dtype).eps))
    return jnp.ceil(whole / longer).astype(jnp.int32)
