"""A continuous normalising flow whose log-determinant is no part of the error (FFJORD)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

import zoo
from zoo.dynamics import AbstractDynamics, ConcatSquashDynamics
from zoo.solve import first, solve


class WithLogDeterminant(AbstractDynamics):
    """d(x, log p)/dt = (f, -tr df/dx), the trace exactly."""

    field: AbstractDynamics

    def __call__(self, t, y, args):
        x, _ = y
        f = lambda x: self.field(t, x, args)  # noqa: E731
        return f(x), -jnp.trace(jax.jacfwd(f)(x))


def negative_log_likelihood(model, batch, *, key, step, solver):
    """-log p(x) of each example, in nats."""
    log_density, stats = model.forward(batch["x"], solver=solver)
    return -log_density, zoo.Aux(stats, {"nll": -log_density}, log_density)


class Flow(zoo.AbstractODEModel):
    objectives: ClassVar[Mapping[str, Any]] = {"density": negative_log_likelihood}

    dynamics: AbstractDynamics
    solver: zoo.Solver

    def __init__(self, size: int, *, key):
        self.dynamics = ConcatSquashDynamics(size, width=16, depth=1, key=key)
        self.solver = zoo.Solver(rtol=1e-2, batching="joint")

    def initial_state(self, xs):
        """The examples themselves."""
        return jnp.asarray(xs)

    def forward(self, xs, *, args=None, solver=None, key=None):
        """log p(x): the flow takes data at t0 to a standard normal at t1."""
        given = self.effective(solver)
        y0 = (xs, jnp.zeros(len(xs)))
        field = WithLogDeterminant(self.dynamics)
        (zs, change), stats = solve(field, y0, args=args, solver=given, error_of=first)
        base = jax.scipy.stats.norm.logpdf(zs).sum(axis=-1)
        return base - change, stats


def flow(in_size: int, out_size: int, *, key) -> Flow:
    """A continuous normalising flow of vectors."""
    return Flow(in_size, key=key)
