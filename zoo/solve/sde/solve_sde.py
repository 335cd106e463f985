"""`solve_sde`: a batch of equations with noise to values and `Stats`."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray, PyTree

from ...dynamics.base import Dynamics, check_dynamics
from ...nn.fast_convolutions import install
from ...precision import at_least_float32
from ...types import AnyArray, Args, Keys, State, Stats
from ..integrate import finite, marked, unchanged
from ..precise import warn_of_times_that_merge
from ..problem import check_problem, first_example, result_dtype, solve_dtype, valid
from ..solver import Solver
from ..solver_times import times_of
from ..times import TimesLike, as_times
from .bridge import words_of
from .field import Noise, motion_of
from .methods import Calculus, by_engine, resolved
from .problem import checked_key, one_array, with_end
from .through_diffrax import through_diffrax
from .through_engine import through_engine


def solve_sde(
    drift: Dynamics,
    diffusion: Dynamics,
    y0: AnyArray,
    *,
    key: PRNGKeyArray | Keys,
    noise: Noise = "diagonal",
    calculus: Calculus = "ito",
    steps: int | None = None,
    ts: TimesLike | None = None,
    args: Args = None,
    solver: Solver | None = None,
    readout: Callable[[Array], State] = unchanged,
) -> tuple[PyTree[Array], Stats]:
    """Solve dy = f(t, y, args) dt + g(t, y, args) dW for a batch of initial values.

        ys, stats = solve_sde(drift, diffusion, y0, key=key, steps=64)
        ys, stats = solve_sde(..., steps=64, calculus="stratonovich")
        ys, stats = solve_sde(..., steps=64, solver=Solver(diffrax.ItoMilstein(), t1=2.0))
        ys, stats = solve_sde(..., noise="additive", solver=Solver(diffrax.ShARK(), steps=64))
        adaptive = Solver(diffrax.SPaRK(), rtol=1e-3)
        ys, stats = solve_sde(..., calculus="stratonovich", solver=adaptive)

    A method is named as everywhere in the zoo, by Diffrax's class in `solver`. `Euler` (the default
    of Itô's calculus), `Heun` (that of Stratonovich's), `Midpoint`, `Ralston`, `ItoMilstein`,
    `StratonovichMilstein` and `ReversibleHeun` take equal steps in the engine (`adjoint="replay"`):
    gradients of y0, args, times and the parameters of f and g are exact for the discretisation, and
    an example that fails is kept out of them. All other methods, and steps that adapt, go through
    Diffrax (`adjoint="recursive"`, its default, or `"direct"`). There a failed example makes the
    gradient of the whole batch NaN: `Solver.isolates_failures` is False, and training skips the
    step.

    **The path.** Each example has a Brownian path of its own, W(τ) of how far it has come from t0;
    it is fixed by its key and the length of the interval. Any number of equal steps sees the same
    path: W at k/n is the same number for all n that are powers of two or at most 1,024, so that 2n
    steps refine n. Powers of two are the fastest to draw. Increments are made when a pass over the
    steps begins, at most 64 MB of them, and again on the way back; longer tables, whose number of
    steps is a power of two, are halved down within each step. Diffrax's route draws another path
    of the same law (`VirtualBrownianTree`), also fixed by the key, down to 2^-14 of the interval
    where steps adapt. Where t1 lies before t0 the motion runs with the solve, as the equations of
    diffusion models backwards in time have it.

    Args:
        drift: f, on one example or batch-native (see `zoo.dynamics`).
        diffusion: g, likewise. Its parameters are trained like those of `drift`.
        y0: an array [B, ...].
        key: one key, which is folded with each example's index; or keys [B], one for each example,
            so that its path follows it into other batches.
        noise: `diagonal`: g has the shape of y, and each entry of y a motion of its own.
            `general`: g has that shape and an axis m more, [d, m] for y of shape [d], for m motions
            that act on all of y. `additive`: either shape, and g does not depend on y; the two
            calculi are then one, and methods of both may be used.
        calculus: how the integral over dW is meant, `ito` or `stratonovich`.
        steps: number of equal steps, the same as `Solver(steps=)`. Leave it out for steps that
            adapt to `rtol` and `atol`, by a method of Diffrax that estimates its error.
        ts: times at which the state is wanted, [T] or [B, T], running from `t0` to no further than
            `t1`. Between the ends of a step the state is taken to lie on a straight line.
        args: passed to f and g for each example; every array in it has the batch axis first.
        solver: the method, the interval (from 0 to 1 where not given), batching and type.
        readout: what is made of the states before they are returned; see `zoo.solve.solve`.

    Returns:
        The `readout` of the states at `t1`, [B, ...], or at `ts`, [B, T, ...]; NaN for an example
        whose solve failed. And `Stats`: an evaluation is one of f and g each.

    Raises `ConfigError` for a method of another calculus or kind of noise, with those that fit;
    `DataError` for a state, key or times that cannot be solved; `DynamicsError` for f and g that
    return something else; all before anything is compiled.
    """
    install()
    solver = resolved(solver, steps, noise, calculus)
    y0 = one_array(y0)
    wanted = with_end(as_times(ts), solver)
    count = check_problem(y0, args, wanted, None, solver)
    words = words_of(checked_key(key, count), count)
    dtype = result_dtype(y0)
    y0 = y0.astype(solve_dtype(y0, solver))
    if count == 0:
        shape = (0,) if wanted is None else (0, wanted.shape[-1] - 1)
        ys, stats = jnp.zeros(shape + y0.shape[1:], y0.dtype), Stats.discrete(0, 0)
    else:
        example = eqx.filter_eval_shape(first_example, (y0, args))
        check_dynamics(drift, *example)
        motion = motion_of(diffusion, noise, *example)
        floating = at_least_float32(y0)
        times = times_of(solver, wanted, None, floating, valid(solver, wanted, None))
        for f in (drift, diffusion):
            warn_of_times_that_merge(f, y0, args, solver.t0, solver.t1, floating)
        route = through_engine if by_engine(solver) else through_diffrax
        ys, stats = route(drift, diffusion, y0, args, words, motion, times, solver)
        ys = ys if wanted is None else ys[:, :-1]
    return marked(readout(finite(ys.astype(dtype))), stats), stats
