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

from ..controllers import against
from .backward import pull_back
from .carry import Fields, Report, Way
from .derivatives import BothModes
from .lanes import Lane, masked
from .loop import run
from .plan import Plan
from .pull import Solved
from .push import one_time_for_all, push_forward
from .record import Record


class Inputs(NamedTuple):
    """What a gradient may be wanted of; times are real ones."""

    fields: Fields
    args: Any
    y0: PyTree[Array]
    t0: Array
    ends: Array
    """The end of the interval, [], or the times wanted, [T] or [B, T]."""


@BothModes
def replay(inputs: Inputs, plan: Plan, at_times: bool) -> tuple[PyTree[Array], Report]:
    """The states at the end, or [T, B, ...] at the times wanted, and what happened."""
    values, report, _ = _forward(inputs, plan, at_times, keep=False)
    return values, report


@replay.def_fwd
def _(perturbed: Any, inputs: Inputs, plan: Plan, at_times: bool) -> tuple[Any, Any]:
    del perturbed
    values, report, record = _forward(inputs, plan, at_times, keep=True)
    return (values, report), (values, report, record)


@replay.def_bwd
def _(
    residuals: Any, gradient: Any, perturbed: Inputs, inputs: Inputs, plan: Plan, at_times: bool
) -> Inputs:
    values, report, record = residuals
    ok = report.result == 0
    # What comes back for a failed example may be anything, even NaN.
    over = lambda g: against(ok[None] if at_times and ok.ndim else ok, g)  # noqa: E731
    arrived = lambda v, g: jnp.zeros_like(v) if g is None else jnp.where(over(g), g, 0)  # noqa: E731
    given = jax.tree.map(arrived, values, gradient[0])
    way, times = interval(inputs, plan, at_times)
    solved = Solved(plan, *inputs[:2], perturbed[:2], way, times, record, given)
    a_y, a_fields, a_args, _ = pull_back(solved, report, inputs.y0)
    if times is not None:
        a_y = jax.tree.map(lambda a, g: a + _at_start(way, times, g), a_y, given)
    a_t0: Any = None
    a_ends: Any = None
    if perturbed.t0:
        slope = inputs.fields.all(way.sign * way.start, inputs.y0, inputs.args)
        a_t0 = -_dot(a_y, slope, ok)
    if perturbed.ends:
        a_ends = _by_ends(inputs, plan, way, values, given, ok, at_times)
    a_y = jax.tree.map(lambda a, wanted: a if wanted else None, a_y, perturbed.y0)
    return Inputs(a_fields, a_args, a_y, a_t0, a_ends)


@replay.def_push
def _(residuals: Any, moved: Inputs, inputs: Inputs, plan: Plan, at_times: bool) -> Any:
    values, report, _ = residuals
    way, _ = interval(inputs, plan, at_times)
    forward = lambda inputs: _forward(inputs, plan, at_times, keep=False)[0]  # noqa: E731
    return push_forward(forward, inputs, moved, way, values, report.result == 0)


def interval(inputs: Inputs, plan: Plan, at_times: bool) -> tuple[Way, Array | None]:
    """The lanes' intervals and the times wanted, [T] or [T, B], in times that run forward."""
    last = inputs.ends[..., -1] if at_times else inputs.ends
    if plan.joint and last.ndim:
        last = last[jnp.argmax(jnp.abs(last - inputs.t0))]
    sign = jnp.where(last < inputs.t0, -1, 1).astype(inputs.t0.dtype)
    times = (sign[..., None] * inputs.ends).T if at_times else None
    shape = () if plan.joint else (jax.tree.leaves(inputs.y0)[0].shape[0],)
    lanes = lambda x: jnp.broadcast_to(x, shape)  # noqa: E731
    return Way(lanes(sign * inputs.t0), lanes(sign * last), lanes(sign)), times


def _forward(
    inputs: Inputs, plan: Plan, at_times: bool, keep: bool
) -> tuple[PyTree[Array], Report, Record | None]:
    way, times = interval(inputs, plan, at_times)
    return run(plan, inputs.fields, inputs.args, inputs.y0, way, times, keep)


def _by_ends(
    inputs: Inputs, plan: Plan, way: Way, values: Any, given: Any, ok: Array, at_times: bool
) -> Array:
    """The gradient of the end, or of the times wanted: the field is how the state moves there."""
    if not at_times:
        return _dot(given, inputs.fields.all(way.sign * way.stop, values, inputs.args), ok)
    one_time_for_all(way, inputs.ends)

    def one(row: tuple[Array, Any, Any]) -> Array:
        time, value, a = row
        slope = inputs.fields.all(jnp.broadcast_to(time, way.sign.shape), value, inputs.args)
        each: Any = sum(map(_each, jax.tree.leaves(a), jax.tree.leaves(masked(ok, slope))))
        return each if inputs.ends.ndim == 2 else jnp.sum(each)

    return jax.lax.map(one, (inputs.ends.T, values, given)).T.astype(inputs.ends.dtype)


def _each(a: Array, b: Array) -> Array:
    return jnp.sum((a * b).reshape(a.shape[0], -1), axis=1)


def _dot(a: Any, b: Any, ok: Lane) -> Array:
    each = map(_each, jax.tree.leaves(a), jax.tree.leaves(masked(ok, b)))
    total: Any = sum(jnp.sum(x) for x in each)
    return total


def _at_start(way: Way, times: Array, given: Array) -> Array:
    """What comes back for the outputs at the start or before it, which are the initial state."""
    rows = times if times.ndim == 2 or way.start.ndim == 0 else times[:, None]
    early = rows <= way.start
    early = early.reshape(early.shape + (1,) * (given.ndim - early.ndim))
    return jnp.where(early, given, 0).sum(axis=0)
