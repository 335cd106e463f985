"""`solve`: a batch of initial value problems to values and `Stats`."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, PRNGKeyArray, PyTree

from ..dynamics.base import Dynamics, check_dynamics
from ..nn.fast_convolutions import install
from ..precision import at_least_float32
from ..regularisers import AbstractRegulariser, AbstractStepRegulariser
from ..types import AnyArray, Args, Keys, State, Stats, Tree
from .checks import check_solves_odes
from .engine import own_everywhere
from .methods import check_method
from .parts import PartOf, places_of
from .precise import warn_of_times_that_merge
from .problem import check_problem, first_example, result_dtype, solve_dtype, valid
from .regularised import OfState, Regularised, with_cost
from .regularised_field import RegularisedField, with_noise
from .rounding import in_field_dtype
from .solver import Solver
from .solver_times import times_of
from .through_diffrax.routes import through_diffrax
from .through_engine import through_engine
from .times import Times, TimesLike, as_times


def unchanged(y: Tree) -> Tree:
    """The state itself."""
    return y


def first(y: tuple[Tree, object]) -> Tree:
    """The first part of a state (y, cost): its error alone chooses the step (`error_of=first`)."""
    return y[0]


def solve(
    dynamics: Dynamics,
    y0: PyTree[ArrayLike],
    *,
    args: Args = None,
    solver: Solver | None = None,
    ts: TimesLike | None = None,
    jumps: TimesLike | None = None,
    error_of: PartOf = unchanged,
    readout: Callable[[State], State] = unchanged,
    key: PRNGKeyArray | Keys | None = None,
) -> tuple[PyTree[Array], Stats]:
    """Solve dy/dt = f(t, y, args) for a batch of initial values.

    A solve counts time from its start, and the field sees t0 + τ. Give late times as Python
    numbers or as NumPy arrays of 64 bits: from 1.6e9 to 1.6e9 + 600 in float32 is then 600 long.

    Args:
        dynamics: f, on one example or batch-native (see `zoo.dynamics`).
        y0: an array [B, ...] or a pytree of them. Integers become floats; a bfloat16 or float16
            state is solved in float32 and given back in its own type.
        args: passed to `f` for each example; every array in it has the batch axis first.
        solver: how; fields that it does not give take their defaults.
        ts: times at which the state is wanted, [T] for all or [B, T] for each example, running
            from `t0` towards the end of the interval, which is then the last time. A last time
            that is repeated is padding, and costs nothing.
        jumps: times at which `f` jumps, [K] or [B, K], in any order; a dose, the knots of a
            piecewise linear control. Steps end at them, stages look at each side from inside, and
            no slope is carried across. Times outside of the interval do nothing: pad with inf.
            No gradient flows to them.
        error_of: the part of a state whose error chooses the step; a named function, since each
            new lambda is compiled anew. A running cost or a log-determinant that rides along is
            left out (`zoo.solve.first`), so that the steps are the state's own, and regularisers
            charge for that part alone.
        readout: what is made of the states, [B, ...] or [B, T, ...], before they are returned: a
            head, the part of a state that is the answer. A model that trains on applies it here
            and not afterwards: an example whose solve failed is made NaN after it, so that no
            gradient of that NaN comes to what the head computes from the others. Between two
            solves of a model use `zoo.solve.zeroed`.
        key: what a regulariser that draws draws from, [] or one for each example, [B]; used by
            nothing else. What an example draws follows from the key and its place in the batch.

    Returns:
        The `readout` of the states at `t1`, [B, ...], or at `ts`, [B, T, ...]; NaN for an example
        whose solve failed. And `Stats`, whose `result` says why (`zoo.solve.explain` in words).

    Raises `DataError` for a state or times that no ODE solver takes and `DynamicsError` for
    dynamics that do not return a derivative, both before anything is compiled, and `ConfigError`
    for a regulariser that draws where there is no key. Numbers that are being traced cannot be
    refused: where they make no sense (times that turn back, a tolerance below zero) the example
    ends as NaN with `Outcome.INVALID`.
    """
    install()
    solver = (Solver() if solver is None else solver).resolve()
    check_solves_odes(solver.method)
    y0 = jax.tree.map(jnp.asarray, y0)
    of_all = dynamics, y0, args, as_times(ts), as_times(jumps), solver, key
    dynamics, y0, args, wanted, breaks, solver, key = own_everywhere(of_all)
    batch_size = check_problem(y0, args, wanted, breaks, solver)
    breaks = None if breaks is None or breaks.shape[-1] == 0 else breaks
    dtypes = jax.tree.map(result_dtype, y0)
    y0 = jax.tree.map(lambda y: y.astype(solve_dtype(y, solver)), y0)
    if batch_size == 0:
        shape = (0,) if wanted is None else (0, wanted.shape[-1])
        ys = jax.tree.map(lambda y: jnp.zeros(shape + y.shape[1:], y.dtype), y0)
        stats = Stats.discrete(0, 0)
    else:

        def traced(y: State, args: Args) -> None:
            return check_dynamics(dynamics, *first_example((y, args)))

        eqx.filter_eval_shape(traced, y0, args)
        assert solver.method is not None, "a resolved solver"
        example = eqx.filter_eval_shape(first_example, (y0, args))
        check_method(solver.method, dynamics, *example)
        dtype = at_least_float32(*jax.tree.leaves(y0))
        times = times_of(solver, wanted, breaks, dtype, valid(solver, wanted, breaks))
        ends = solver.t1 if wanted is None else wanted
        warn_of_times_that_merge(dynamics, y0, args, solver.t0, ends, dtype)
        computed = in_field_dtype(dynamics, solver)
        ys, stats = _solve(computed, y0, args, times, solver, error_of, key)
    ys = jax.tree.map(lambda y, dtype: y.astype(dtype), ys, dtypes)
    return marked(readout(finite(ys)), stats), stats


def _solve(
    dynamics: Dynamics,
    y0: State,
    args: Args,
    times: Times,
    solver: Solver,
    error_of: PartOf,
    key: PRNGKeyArray | Keys | None,
) -> tuple[PyTree[Array], Stats]:
    """States and `Stats`; a regulariser's running cost becomes `Stats.penalty`."""
    route = through_engine if solver.adjoint == "replay" else through_diffrax
    regulariser = solver.regulariser
    if regulariser is None or isinstance(regulariser, AbstractStepRegulariser):
        return route(dynamics, y0, args, times, solver, error_of)
    both: Dynamics
    if isinstance(regulariser, AbstractRegulariser):
        places_of(error_of, y0)
        args = with_noise(regulariser, key, args, error_of(y0))
        both = RegularisedField(dynamics, regulariser, error_of)
    else:
        both = Regularised(dynamics, regulariser, error_of)
    (ys, costs), stats = route(both, with_cost(y0), args, times, solver, OfState(error_of))
    last, length = (
        (costs[:, -1], times.offsets[..., -1]) if times.wanted else (costs, times.offsets)
    )
    penalty = jnp.where(length < 0, -last, last)  # the integral over |dt|
    return ys, eqx.tree_at(lambda s: s.penalty, stats, jnp.where(stats.ok, finite(penalty), 0))


def finite(ys: Tree) -> Tree:
    """States of failed solves may hold anything; a readout of a NaN would have NaN gradients."""
    return jax.tree.map(lambda y: jnp.where(jnp.isfinite(y), y, 0), ys)


def marked(ys: Tree, stats: Stats) -> Tree:
    """Values [B, ...] with NaN for each example whose solve failed.

    Apply it last, after all that is computed from several examples: see `readout` of `solve`.
    """
    return _where_ok(ys, stats, jnp.nan)


def zeroed(ys: Tree, stats: Stats) -> Tree:
    """Values [B, ...] with 0 for each example whose solve failed: what the next layer is given.

    Between two solves of a model. The layers between would make NaN of their parameters' gradient
    where they are given the NaN of a failed example, since 0 · NaN is NaN; of 0 they make 0, and
    the other examples' gradients are what they are without it. After the last solve `marked`, by
    the stats of all (`first.then(second)`), makes the example NaN.
    """
    return _where_ok(ys, stats, 0)


def _where_ok(ys: Tree, stats: Stats, instead: float) -> Tree:
    def solved(y: Array) -> AnyArray:
        return stats.ok.reshape(-1, *[1] * (y.ndim - 1))

    return jax.tree.map(lambda y: jnp.where(solved(y), y, instead), ys)
