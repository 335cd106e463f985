"""A batch through Diffrax's loop: each example a solve of its own, or one ODE of all."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ...dynamics.base import Dynamics, lift
from ...types import Args, State, Stats
from ..controllers import batch_norm, example_norm, worst_example_norm
from ..counting import Report, joint_stats, per_sample_stats
from ..parts import PartOf
from ..solver import Solver
from ..times import Times, axes_of
from .integrate import integrate


def through_diffrax(
    dynamics: Dynamics, y0: State, args: Args, times: Times, solver: Solver, error_of: PartOf
) -> tuple[PyTree[Array], Stats]:
    """The states at the end, or [B, T, ...] at the times wanted, and `Stats`, by Diffrax's loop."""
    route = _per_sample if solver.batching == "per-sample" else _joint
    return route(dynamics, y0, args, times, solver, error_of)


def _per_sample(
    dynamics: Dynamics, y0: State, args: Args, times: Times, solver: Solver, error_of: PartOf
) -> tuple[PyTree[Array], Stats]:
    """Each example its own solve: `vmap` around Diffrax's loop, which waits for the last one."""
    in_axes = (eqx.if_array(0), eqx.if_array(0), axes_of(times))

    def one(y0: State, args: Args, times: Times) -> tuple[PyTree[Array], Report]:
        def norm(y: State) -> Array:
            return example_norm(error_of(y))

        return integrate(dynamics, _alone, y0, args, times, solver, norm)

    ys, report = eqx.filter_vmap(one, in_axes=in_axes)(y0, args, times)
    return ys, per_sample_stats(report, solver)


def _joint(
    dynamics: Dynamics, y0: State, args: Args, times: Times, solver: Solver, error_of: PartOf
) -> tuple[PyTree[Array], Stats]:
    """One ODE for the batch, its error that of the worst example or of the whole batch."""
    whole = batch_norm if solver.batching == "joint-rms" else worst_example_norm

    def norm(y: State) -> Array:
        return whole(error_of(y))

    ys, report = integrate(dynamics, _Lifted, y0, args, times, solver, norm)
    if times.wanted:
        ys = jax.tree.map(lambda y: jnp.moveaxis(y, 0, 1), ys)
    return ys, joint_stats(report, solver, jax.tree.leaves(y0)[0].shape[0])


def _alone(dynamics: Dynamics) -> Dynamics:
    return dynamics


class _Lifted(eqx.Module):
    """Dynamics as a vector field of the batch; a module, so that adjoints see its parameters."""

    dynamics: Any

    def __call__(self, t: Any, ys: State, args: Args) -> Any:
        return lift(self.dynamics)(t, ys, args)
