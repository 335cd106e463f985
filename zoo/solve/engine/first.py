"""The loop's state before the first attempt."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...types import Args, State
from ..controllers import first_step
from . import record as records
from .carry import Carry
from .interval import Interval, first_piece
from .lanes import Lane, largest
from .outputs import begin
from .plan import Plan
from .stops import limited, stop_of, to_end


def first_carry(
    plan: Plan,
    field: Any,
    args: Args,
    y0: State,
    span: Interval,
    times: Array | None,
    keep: bool,
) -> Carry:
    """The carry before the first attempt."""
    h, slope = _first_step(plan, field, args, y0, span)
    # A constant for second derivatives too, as the steps after it are.
    h = jax.lax.stop_gradient(h) if plan.adaptive else h
    start = jnp.zeros_like(span.length)
    piece = start.astype(jnp.int32) if span.jumps else None
    proposed = to_end(start, jnp.minimum(h, span.length), span, True)
    defined = jnp.isfinite(largest((y0, slope), plan.joint))
    within = span.piece(piece)
    running = (span.length > 0) & defined
    running = running if span.valid is None else running & span.valid
    zero = jnp.zeros(running.shape, jnp.int32)
    one = jnp.ones(running.shape, jnp.result_type(*jax.tree.leaves(y0)))
    outputs = None if times is None else begin(times, span.length, y0)
    record = None
    if keep:
        made = None if outputs is None else outputs.made
        most, lanes = plan.most_steps(span), None if plan.even(span) else start
        ring = records.ring_size(most, y0)
        record = records.empty(most, ring, lanes, made, piece, y0)
    renews = span.jumps and plan.stepper.reuses
    return Carry(
        start=start,
        stop=stop_of(plan, span, within, start, proposed, zero),
        y=y0,
        slope=slope if plan.stepper.reuses else None,
        memory=(one, one),
        accepted=zero,
        attempts=zero,
        running=running,
        base=1 + largest(y0, plan.joint),
        piece=piece,
        within=within if span.jumps else None,
        strikes=jnp.where(defined, 0, -1).astype(jnp.int32),
        limited=zero,
        renewed=zero if renews else None,
        renewals=jnp.zeros((), jnp.int32) if renews else None,
        cost=None if plan.cost is None else jnp.zeros(jax.tree.leaves(y0)[0].shape[:1], one.dtype),
        record=record,
        outputs=outputs,
    )


def _first_step(plan: Plan, field: Any, args: Args, y0: State, span: Interval) -> tuple[Lane, Any]:
    """The first step's size and, where it was looked at or is reused, the slope at the start."""
    piece = span.piece(first_piece(span))

    def slope_at(tau: Lane, y: State) -> State:
        return field(span.time(tau, piece), y, args)

    if not plan.adaptive or plan.dt0 is not None:
        size = span.length if plan.dt0 is None else plan.dt0
        h = jnp.broadcast_to(size, span.length.shape)
        return limited(plan, h), slope_at(0 * span.length, y0) if plan.stepper.reuses else None
    assert plan.rtol is not None and plan.atol is not None
    numbers = plan.order, plan.rtol, plan.atol, plan.norm
    h, slope = first_step(slope_at, span.sign, span.length, y0, *numbers)
    return limited(plan, h), slope
