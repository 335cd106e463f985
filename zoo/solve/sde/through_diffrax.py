"""Equations with noise through `diffrax.diffeqsolve`: its other methods, and steps that adapt."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PRNGKeyArray, UInt32

from ...dynamics.base import Dynamics
from ...types import UNKNOWN_NFE, Args, Stats
from ..adjoints import ADJOINTS
from ..controllers import example_norm
from ..engine.interval import interval_of
from ..outcomes import Outcome
from ..solver import Solver
from ..times import Times, axes_of
from .diffrax_terms import path_of, terms_of
from .field import Motion

_FIRST = 2**-7
"""The share of the interval of a first step, where none is given."""


@eqx.filter_jit
def through_diffrax(
    drift: Dynamics,
    diffusion: Dynamics,
    y0: Array,
    args: Args,
    words: UInt32[Array, "B 2"],
    motion: Motion,
    times: Times,
    solver: Solver,
) -> tuple[Array, Stats]:
    """The states at the end, or [B, T, ...] at the times wanted, and `Stats`.

    `vmap` around Diffrax's loop, which waits for its last example.
    """

    def one(y0: Array, args: Args, key: PRNGKeyArray, times: Times) -> tuple[Array, _Report]:
        return _one(drift, diffusion, y0, args, key, motion, times, solver)

    keys = jax.random.wrap_key_data(words, impl="threefry2x32")
    in_axes = (0, eqx.if_array(0), 0, axes_of(times))
    ys, report = eqx.filter_vmap(one, in_axes=in_axes)(y0, args, keys, times)
    count = len(y0)
    unknown = jnp.full((count,), UNKNOWN_NFE, jnp.int32)
    zero = jnp.zeros((), jnp.int32)
    return ys, Stats(nfe=unknown, penalty=jnp.zeros((count,)), calls=zero, work=zero, **report)


_Report = dict[str, Any]


def _one(
    drift: Dynamics,
    diffusion: Dynamics,
    y0: Array,
    args: Args,
    key: PRNGKeyArray,
    motion: Motion,
    times: Times,
    solver: Solver,
) -> tuple[Array, _Report]:
    """One example's values and fields of `Stats`."""
    span, taus = interval_of(times, joint=True, batch_size=1)
    length = jnp.where(span.length > 0, span.length, 1)  # a path of no length is none
    path = path_of(key, length, motion.shape, y0.dtype, solver)
    terms = terms_of(drift, diffusion, span, motion, path)
    controller, dt0 = _controller(length, solver)
    build = ADJOINTS[str(solver.adjoint)].build
    assert build is not None and solver.method is not None, "replay is the engine's"
    solution = diffrax.diffeqsolve(
        terms,
        solver.method,
        jnp.zeros_like(length),
        length,
        dt0,
        y0,
        args,
        saveat=diffrax.SaveAt(t1=True) if taus is None else diffrax.SaveAt(t1=True, ts=taus),
        stepsize_controller=controller,
        adjoint=build(controller, example_norm),
        max_steps=solver.max_steps,
        throw=False,
    )
    assert solution.ts is not None and solution.ys is not None
    ys = solution.ys[-1] if taus is None else solution.ys[:-1]
    steps, accepted = solution.stats["num_steps"], solution.stats["num_accepted_steps"]
    times_made = jnp.where(jnp.isfinite(solution.ts), solution.ts, 0)
    report = {
        "accepted": jnp.asarray(accepted, jnp.int32),
        "rejected": jnp.asarray(steps - accepted, jnp.int32),
        "result": _outcome(solution, ys, times),
        "reached": jnp.max(times_made) / length,
        "time": span.t0 + span.sign * jnp.max(times_made),
    }
    return ys, jax.lax.stop_gradient(report)


def _controller(length: Array, solver: Solver) -> tuple[Any, Array]:
    """The step size controller and the first step; the coefficients are Diffrax's for noise."""
    if solver.is_constant:
        assert solver.steps is not None, "equal steps have a number"
        return diffrax.ConstantStepSize(), length / solver.steps
    assert solver.rtol is not None and solver.atol is not None, "a resolved solver"
    controller: Any = diffrax.PIDController(
        rtol=solver.rtol,
        atol=solver.atol,
        pcoeff=0.1,
        icoeff=0.3,
        dtmax=solver.dtmax,
        norm=example_norm,
    )
    first = length * _FIRST if solver.dt0 is None else jnp.asarray(solver.dt0, length.dtype)
    return controller, jax.lax.stop_gradient(first)


def _outcome(solution: diffrax.Solution, ys: Array, times: Times) -> Int[Array, ""]:
    """The code of `Outcome`."""
    done: Any = solution.result == diffrax.RESULTS.successful
    stopped: Any = solution.result == diffrax.RESULTS.max_steps_reached
    finite = jnp.isfinite(ys).all()

    def code(outcome: Outcome) -> Array:
        return jnp.asarray(outcome, jnp.int32)

    result = jnp.where(stopped, code(Outcome.STOPPED), code(Outcome.OTHER))
    result = jnp.where(done & finite, code(Outcome.SUCCESS), result)
    result = jnp.where(done & ~finite, code(Outcome.NON_FINITE), result)
    return result if times.valid is None else jnp.where(times.valid, result, code(Outcome.INVALID))
