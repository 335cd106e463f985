"""The gradient of a solve: its accepted steps, taken once more from the last to the first.

The loop runs without gradients and notes where each accepted step began. The backward pass takes
one step at a time again and pulls the gradient back through it: exact for the discretisation, as
backpropagation through the solver is, but without a rejected step, with the memory of one step,
and for all examples at once, so that no example carries a gradient of the parameters of its own.
Step sizes are constants, as everywhere in Diffrax. Near to the adaptive checkpoint adjoint of
Zhuang et al. 2020.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ...types import Args, State
from ..controllers import expand_to
from ..times import Times, moving
from .backward import pull_back
from .carry import Fields, Report
from .derivatives import BothModes
from .interval import Interval, interval_of
from .lanes import dots, masked
from .loop import run
from .outputs import gather_last, needed, rows
from .plan import Plan
from .pull import Forward
from .push import one_time_for_all, push_forward
from .record import Record
from .stretch import TimeGradients


class Inputs(NamedTuple):
    """What a gradient may be wanted of."""

    fields: Fields
    args: Args
    y0: State
    t0: Array
    """The start, as `Times.t0`."""
    ends: Array
    """The end of the interval, [], or the times wanted, [T] or [B, T], as `Times.ends`."""
    probe: Array | None
    """See `Solver.probe`."""


@BothModes
def replay(
    inputs: Inputs, plan: Plan, times: Times
) -> tuple[tuple[PyTree[Array], Array | None], Report]:
    """The states at the end, or [T, B, ...] at the times wanted, and what the steps cost; and what
    happened."""
    values, report, _ = _forward(inputs, plan, times, keep=False)
    return values, report


@replay.def_fwd
def _(perturbed: Any, inputs: Inputs, plan: Plan, times: Times) -> tuple[Any, Any]:
    del perturbed
    values, report, record = _forward(inputs, plan, times, keep=True)
    return (values, report), (values, report, record)


@replay.def_bwd
def _(
    residuals: Any, gradient: Any, perturbed: Inputs, inputs: Inputs, plan: Plan, times: Times
) -> Inputs:
    (values, _), report, record = residuals
    ok = report.result == 0
    # What comes back for a failed example may be anything, even NaN.

    def over(ok: Array, g: Array) -> Array:
        return expand_to(ok[None] if times.wanted and ok.ndim else ok, g)

    def arrived(v: Array, g: Array | None) -> Array:
        return jnp.zeros_like(v) if g is None else jnp.where(over(ok, g), g, 0)

    given = jax.tree.map(arrived, values, gradient[0][0])
    costs = gradient[0][1]
    costs = None if costs is None else masked(ok, costs)
    span, taus = interval_of(times, plan.joint, batch_size(inputs.y0))
    last = given if taus is None else gather_last(given, needed(taus, span.length))
    stretched = not plan.adaptive and bool(perturbed.t0 or perturbed.ends)
    plan = plan.begun()
    solved = Forward(plan, *inputs[:2], perturbed[:2], span, taus, record, last, stretched, costs)
    a, kept, rough = pull_back(solved, report, inputs.y0)
    given = jax.tree.map(lambda g: jnp.where(over(kept, g), g, 0), given)
    a_y = a.y
    if taus is not None:
        a_y = jax.tree.map(lambda a, g: a + _at_start(span, taus, g), a_y, given)
    a_t0, a_ends = _of_times(inputs, perturbed, times, span, values, (given, a_y, a.times), kept)
    a_y = jax.tree.map(lambda a, wanted: a if wanted else None, a_y, perturbed.y0)
    a_probe = None if inputs.probe is None else rough.astype(inputs.probe.dtype)
    return Inputs(a.fields, a.args, a_y, a_t0, a_ends, a_probe)


@replay.def_push
def _(residuals: Any, moved: Inputs, inputs: Inputs, plan: Plan, times: Times) -> Any:
    values, report, _ = residuals

    def forward(inputs: Inputs) -> Any:
        # Equal steps move with the ends of the interval; others are where they are.
        at = times if plan.adaptive else moving(times, inputs.t0, inputs.ends)
        return _forward(inputs, plan, at, keep=False)[0]

    span, _ = interval_of(times, plan.joint, batch_size(inputs.y0))
    return push_forward(forward, inputs, moved, (plan, times, span), values, report.result == 0)


def _forward(
    inputs: Inputs, plan: Plan, times: Times, keep: bool
) -> tuple[tuple[PyTree[Array], Array | None], Report, Record | None]:
    span, taus = interval_of(times, plan.joint, batch_size(inputs.y0))
    return run(plan.begun(), inputs.fields, inputs.args, inputs.y0, span, taus, keep)


def batch_size(y0: State) -> int:
    """How many examples a state has."""
    return int(jax.tree.leaves(y0)[0].shape[0])


def _of_times(
    inputs: Inputs,
    perturbed: Inputs,
    times: Times,
    span: Interval,
    values: Any,
    gradients: tuple[Any, Any, TimeGradients | None],
    ok: Array,
) -> tuple[Any, Any]:
    """The gradients of the start and of the end or the times wanted, where they are."""
    given, a_y, stretched = gradients
    if stretched is not None:
        return _of_stretched(times, stretched)
    a_t0: Any = None
    a_ends: Any = None
    if perturbed.t0:
        slope = inputs.fields.all(span.first_time(), inputs.y0, inputs.args)
        a_t0 = -dots(a_y, masked(ok, slope)).sum()
    if perturbed.ends:
        a_ends = _by_ends(inputs, times, span, values, given, ok)
    return a_t0, a_ends


def _of_stretched(times: Times, a: TimeGradients) -> tuple[Array, Array]:
    """The gradients of the start and of `ends`, from those of each lane."""
    a_t0, a_end = a.t0.sum(), a.end
    if not times.wanted:
        return a_t0, a_end.sum()
    assert a.outputs is not None, "outputs are wanted"
    by_time = a.outputs[:-1]
    if times.ends.ndim == 1:
        each = by_time if by_time.ndim == 1 else by_time.sum(axis=1)
        return a_t0, each.at[-1].add(a_end.sum())
    if a_end.ndim:
        return a_t0, by_time.T.at[:, -1].add(a_end)
    farthest = jnp.argmax(jnp.abs(times.offsets[:, -1]))  # in step: it is where all lanes end
    return a_t0, by_time.T.at[farthest, -1].add(a_end)


def _by_ends(
    inputs: Inputs, times: Times, span: Interval, values: Any, given: Any, ok: Array
) -> Array:
    """The gradient of the end, or of the times wanted: the field is how the state moves there."""
    ends = times.ends
    if not times.wanted:
        slope = inputs.fields.all(span.last_time(), values, inputs.args)
        return dots(given, masked(ok, slope)).sum()
    one_time_for_all(span, ends)

    def one(row: tuple[Array, Any, Any]) -> Array:
        time, value, a = row
        slope = inputs.fields.all(jnp.broadcast_to(time, span.sign.shape), value, inputs.args)
        each = dots(a, masked(ok, slope))
        return each if ends.ndim == 2 else jnp.sum(each)

    return jax.lax.map(one, (ends.T, values, given)).T.astype(ends.dtype)


def _at_start(span: Interval, taus: Array, given: Array) -> Array:
    """What comes back for the outputs at the start or before it, which are the initial state."""
    early = rows(taus, span.length) <= 0
    early = early.reshape(early.shape + (1,) * (given.ndim - early.ndim))
    return jnp.where(early, given, 0).sum(axis=0)
