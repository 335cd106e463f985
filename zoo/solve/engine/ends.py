"""From where to where even steps go, which follows from the interval, so that no record has it.

A loop over such steps carries the ends of its present one, as the forward loop does: what were
computed within the loop XLA would contract with what is computed of it, into other roundings.
"""

from typing import TypeAlias

import jax.numpy as jnp
from jaxtyping import Array, Int

from .interval import Interval
from .lanes import Lane
from .plan import Plan
from .record import Record
from .stops import equal_stop

Ends: TypeAlias = tuple[Lane, Lane]
"""Start and stop of a step of each lane, in τ."""


def ends_of(plan: Plan, span: Interval, record: Record, number: Int[Array, ""]) -> Ends | None:
    """Those of a step by its number; None where the record has them."""
    if record.times is not None:
        return None
    return _begins(plan, span, number), _begins(plan, span, number + 1)


def ends_after(
    plan: Plan, span: Interval, number: Int[Array, ""], ends: Ends | None
) -> Ends | None:
    """Those of the step after `number`, whose own are `ends`."""
    return None if ends is None else (ends[1], _begins(plan, span, number + 2))


def ends_before(
    plan: Plan, span: Interval, number: Int[Array, ""], ends: Ends | None
) -> Ends | None:
    """Those of the step before `number`, whose own are `ends`."""
    return None if ends is None else (_begins(plan, span, number - 1), ends[0])


def _begins(plan: Plan, span: Interval, number: Int[Array, ""]) -> Lane:
    """Where a step begins, to the bit where the one before it was made to end; 0 for the first."""
    made = jnp.broadcast_to(number - 1, span.length.shape)
    return equal_stop(plan.steps, plan.dt0, span, span.pieces, span.length, made)
