"""The engine's loop up to an event of each lane, and the gradient of where and when it is.

At a fixed time the state is differentiated by going back through the recorded steps, as in
`replay`. That the time itself moves is the implicit function theorem: of g(t, y(t)) = 0

    dt = -dg / (∂g/∂t + ∂g/∂y f),    dy = f dt,

where dg is how the condition changes at the fixed time.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ..controllers import expand_to
from ..engine.backward import pull_back
from ..engine.interval import interval_of
from ..engine.plan import Plan
from ..engine.pull import Forward
from ..engine.replay import batch_size
from ..times import Times
from .gradient import Tilt, along, of_times
from .question import Answer, EventReport, Question
from .search import search


@eqx.filter_custom_vjp
def find(question: Question, plan: Plan, times: Times) -> tuple[Answer, EventReport]:
    """The event of each lane, or its end."""
    answer, told, _ = search(question, plan, times, keep=False)
    return answer, told


@find.def_fwd
def _(perturbed: Any, question: Question, plan: Plan, times: Times) -> tuple[Any, Any]:
    del perturbed
    answer, told, record = search(question, plan, times, keep=True)
    return (answer, told), (answer, told, record)


@find.def_bwd
def _(
    residuals: Any, gradient: Any, perturbed: Any, question: Question, plan: Plan, times: Times
) -> Question:
    answer, told, record = residuals
    span, _ = interval_of(times, plan.joint, batch_size(question.y0))
    ok = told.report.result == 0

    def arrived(v: Array, g: Array | None) -> Array:
        return jnp.zeros_like(v) if g is None else jnp.where(expand_to(ok, v), g, 0)

    a_t, a_y = jax.tree.map(arrived, answer[:2], gradient[0][:2])
    wanted = perturbed.fields, perturbed.args
    stretched = not plan.adaptive and bool(perturbed.t0 or perturbed.end)
    solved = Forward(
        plan, question.fields, question.args, wanted, span, None, record, a_y, stretched
    )
    moving = along(solved, told)
    tilt = Tilt(question, perturbed, answer)
    speed = jnp.where(answer.happened, moving(tilt.by_state) + tilt.by_time, 1)
    weight = jnp.where(answer.happened, -(a_t + moving(a_y)) / speed, 0)
    given = jax.tree.map(lambda a, b: a + expand_to(weight, b) * b, a_y, tilt.by_state)
    solved = solved._replace(given=given)
    a, ok, _ = pull_back(solved, told.report, question.y0)
    moved = a_t, moving(given)
    by_times = of_times(question, perturbed, solved, answer, told, a, moved, ok)
    a_condition, a_args = tilt.pull(weight)
    a_y0 = jax.tree.map(lambda a, wanted: a if wanted else None, a.y, perturbed.y0)
    a_args = jax.tree.map(jnp.add, a.args, a_args)
    pulled: Any = (a.fields, a_condition, a_args, a_y0, *by_times)
    return Question(*pulled)
