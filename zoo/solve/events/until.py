"""`until`: a batch of solves, each of which ends at its own event."""

from typing import Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Bool, Float, PyTree

from ...dynamics.base import Dynamics, check_dynamics
from ...nn.fast_convolutions import install
from ...precision import at_least_float32
from ...types import Args, State, Stats
from ..engine.interval import of_lanes
from ..engine.lanes import choose
from ..engine.watch import Condition
from ..integrate import marked, unchanged
from ..parts import PartOf
from ..precise import warn_of_times_that_merge
from ..problem import check_problem, first_example, result_dtype, solve_dtype
from ..rounding import in_field_dtype
from ..solver import Solver
from ..times import TimesLike, as_times
from .checks import DIRECTIONS, check_condition, check_reset, check_solver, check_start
from .question import Answer
from .starts import times_from
from .through_events import through_events


class Hit(NamedTuple):
    """Where the solves of a batch ended."""

    t: Float[Array, " B"]
    """The time of the event; the end of the interval where none happened."""
    y: State
    """The state then, [B, ...], after `reset` where there is one and the event happened."""
    happened: Bool[Array, " B"]
    """Whether the event happened."""


def until(
    dynamics: Dynamics,
    y0: PyTree[ArrayLike],
    condition: Condition,
    *,
    direction: Literal["up", "down"] | None = None,
    reset: Dynamics | None = None,
    start: ArrayLike | None = None,
    args: Args = None,
    solver: Solver | None = None,
    jumps: TimesLike | None = None,
    error_of: PartOf = unchanged,
) -> tuple[Hit, Stats]:
    """Solve dy/dt = f(t, y, args) for a batch, each example up to where its condition crosses zero.

    Bouncing balls, each from its own height, up to a common time T. One call is one flight; a ball
    that has no bounce left before T is at T, and stays:

        def fall(t, y, args):
            return jnp.stack([y[1], -9.81 * jnp.ones_like(y[1])])

        def height(t, y, args):
            return y[0]

        def balls_at(T, heights, restitution, bounces):
            def bounce(t, y, args):
                return jnp.stack([y[0], -restitution * y[1]])

            def flight(carry, _):
                t, y = carry
                hit, stats = until(fall, y, height, direction="down", reset=bounce, start=t,
                                   solver=Solver(t1=T, rtol=1e-6))
                return (hit.t, hit.y), stats

            y0 = jnp.stack([heights, jnp.zeros_like(heights)], axis=1)
            return jax.lax.scan(flight, (jnp.zeros_like(heights), y0), length=bounces + 1)

    `t` and `y` are differentiable by y0, `start`, args, `t0`, `t1` and every array of the dynamics,
    the condition and the reset, in reverse mode. The steps are constants, as in `solve`.

    How an event is found. The condition is looked at in 8 places of each accepted step, 7 of them
    inside, by the step's own interpolant, and the first change of its sign in the wanted direction
    counts. What crosses zero and comes back between two of these places is not seen: bound the
    steps by `Solver(dtmax=)`, to less than 8 times what it may last. What touches zero, or stays
    there, has not crossed it. The step is then taken anew up to the event, by Newton's method.

    A start at zero, to 64 units of rounding of the condition there, is no event: an example that
    starts on its floor, or goes on from an event, first leaves it, to the side to which the
    dynamics take it.

    Args:
        dynamics: f, on one example or batch-native, as in `solve`.
        y0: an array [B, ...] or a pytree of them.
        condition: g(t, y, args), a floating scalar of **one** example. A named function: each new
            lambda is compiled anew.
        direction: `"up"` from negative to positive as the solve goes on, `"down"` the other way;
            either where not given.
        reset: what the state becomes at the event, (t, y, args) -> y of one example; a bounce. An
            example whose solve failed is made NaN after it, so that no gradient of that NaN comes
            to what the reset computes with.
        start: when each example starts, [B], such as `Hit.t` of the event before; the solver's t0
            where not given. An example that starts at the end of the interval stays there.
        args: passed to all functions for each example; every array in it has the batch axis first.
        solver: how, an explicit method with `batching="per-sample"`; `t1` is how long to wait.
        jumps: times at which `f` jumps, as in `solve`.
        error_of: the part of a state whose error chooses the step, as in `solve`.

    Returns:
        `Hit`, NaN for an example whose solve failed, and `Stats`. The attempt in which an event was
        seen counts as rejected, as do the steps towards it but the last; `nfe` counts them all.
        `reached` is the share of the interval up to the event, and `time` the event's. Where the
        condition crosses zero without any speed (a double root) its time has no finite gradient.

    Raises `ConfigError` for a solver that finds no events, `DataError` for a state or times that
    cannot be solved, and `DynamicsError` for functions that return something else than they
    should, all before anything is compiled.
    """
    install()
    solver = (Solver() if solver is None else solver).resolve()
    check_solver(solver, direction)
    y0 = jax.tree.map(jnp.asarray, y0)
    breaks = as_times(jumps)
    count = check_problem(y0, args, None, breaks, solver)
    dtypes = jax.tree.map(result_dtype, y0)
    y0 = jax.tree.map(lambda y: y.astype(solve_dtype(y, solver)), y0)
    dtype = at_least_float32(*jax.tree.leaves(y0))
    if start is not None:
        start = jnp.asarray(start, dtype)
        check_start(start, count, solver)
    times = times_from(solver, start, breaks, y0, dtype)
    if count == 0:
        nothing = jnp.zeros(0, dtype)
        return Hit(nothing, y0, nothing > 0), Stats.discrete(0, 0)
    one, own = eqx.filter_eval_shape(first_example, (y0, args))
    check_dynamics(dynamics, one, own)
    check_condition(condition, one, own, dtype)
    if reset is not None:
        check_reset(reset, one, own, dtype)
    begin = solver.t0 if start is None else start
    warn_of_times_that_merge(dynamics, y0, args, begin, solver.t1, dtype)
    computed = in_field_dtype(dynamics, solver)
    numbers = computed, condition, DIRECTIONS[direction], y0, args, times, solver, error_of
    answer, stats = through_events(*numbers)
    y = jax.tree.map(lambda y: jnp.where(jnp.isfinite(y), y, 0), answer.y)
    if reset is not None:
        y = _after(reset, answer._replace(y=y), args)
    y = jax.tree.map(lambda y, dtype: y.astype(dtype), y, dtypes)
    t, y = marked((answer.t, y), stats)
    return Hit(t, y, answer.happened), stats


def _after(reset: Dynamics, answer: Answer, args: Args) -> State:
    """The states after the reset of those whose event happened.

    The others take no part: in their place one is reset whose event did happen.
    """
    hit = answer.happened
    source = jnp.where(hit, jnp.arange(hit.size), jnp.argmax(hit))
    t, y, own = of_lanes((answer.t, answer.y, args), source)
    axes = (0, eqx.if_array(0), eqx.if_array(0))
    return choose(hit, eqx.filter_vmap(reset, in_axes=axes)(t, y, own), answer.y)
