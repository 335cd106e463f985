"""Equal steps of equations with noise, through the engine."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, UInt32

from ...dynamics.base import Dynamics, lift
from ...types import Args, Stats
from ..engine import Fields, Inputs, own_everywhere, replay, tableau_of
from ..integrate import unchanged
from ..solver import Solver
from ..through_engine import converter, plan_of, probe_of, stats_of
from ..times import Times
from .field import Field, Motion
from .increments import Path
from .steppers import AbstractNoiseStepper, Milstein, ReversibleHeun, RungeKutta


@eqx.filter_jit
def through_engine(
    drift: Dynamics,
    diffusion: Dynamics,
    y0: Array,
    args: Args,
    words: UInt32[Array, "B 2"],
    motion: Motion,
    times: Times,
    solver: Solver,
) -> tuple[Array, Stats]:
    """The states at the end, or [B, T, ...] at the times wanted, and `Stats`; compiled alone."""
    assert solver.steps is not None, "equal steps have a number"
    count = len(y0)
    stepper = stepper_of(solver.method, Path(words, solver.steps, motion.shape, y0.dtype))
    plan = plan_of(solver, times, count, unchanged)
    plan = eqx.tree_at(lambda p: p.method, plan, stepper)
    trace = converter(count, plan.joint, times.t0.dtype, y0, args)
    field = Field(trace(lift(drift)), trace(lift(diffusion)), motion.elementwise)
    pair = isinstance(stepper, ReversibleHeun)
    state = (y0, y0) if pair else y0
    probe = probe_of(solver.probe, plan, count)
    fixed = jax.lax.stop_gradient(times)
    own = own_everywhere((plan, times.t0, times.ends, probe, fixed, y0))
    plan, t0, ends, probe, fixed, _ = own
    inputs = Inputs(Fields(field, None), args, state, t0, ends, probe)
    (values, _), report = replay(inputs, plan, fixed)
    ys = values[0] if pair else values
    ys = jnp.moveaxis(ys, 0, 1) if times.wanted else ys
    return ys, stats_of(jax.lax.stop_gradient(report), plan, count)


def stepper_of(method: object, path: Path) -> AbstractNoiseStepper:
    """What takes the steps of a method along a path."""
    if isinstance(method, diffrax.ReversibleHeun):
        return ReversibleHeun(path)
    if isinstance(method, diffrax.ItoMilstein | diffrax.StratonovichMilstein):
        return Milstein(path, isinstance(method, diffrax.ItoMilstein))
    tableau = tableau_of(method)
    assert tableau is not None, "the methods of the engine"
    return RungeKutta(path, tableau)
