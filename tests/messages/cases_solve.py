"""Solvers, and what they are given to solve."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from zoo import Solver
from zoo.solve import solve
from zoo.solve.adjoints import refuse_gradient
from zoo.solve.methods import method_by_name

from .given import decay, ode

Y0 = np.ones((2, 1), np.float32)


def solved(y0=Y0, ts=None, args=None, **options):
    ts = None if ts is None else jnp.asarray(ts)
    return solve(decay, jnp.asarray(y0), ts=ts, args=args, solver=Solver(**options))


def gradient_of_times():
    def end(ts):
        return solve(decay, Y0, ts=ts, solver=Solver(batching="joint"))[0].sum()

    return jax.grad(end)(jnp.ones((2, 1)))


def second_derivative():
    return jax.grad(jax.grad(lambda y: jnp.sum(solve(decay, y * Y0)[0] ** 2)))(1.0)


def gradient_of_a_closure():
    def end(rate, y0):
        return solve(lambda t, y, args: rate * y, y0)[0]

    mesh = jax.make_mesh((1,), ("x",), axis_types=(jax.sharding.AxisType.Auto,))
    specs = {"in_specs": (jax.P(), jax.P("x")), "out_specs": jax.P("x")}
    spread = jax.shard_map(end, mesh=mesh, **specs)
    return jax.grad(lambda rate: spread(rate, jnp.asarray(Y0)).sum())(1.0)


def vector_cost(t, y, dy, args):
    return dy


CASES = {
    "A tolerance of zero": lambda: Solver(rtol=0),
    "A tolerance above one": lambda: Solver(atol=2),
    "A tolerance that is not a number": lambda: Solver(rtol=np.nan),
    "A tolerance below rounding": lambda: Solver(rtol=1e-9),
    "A step of zero": lambda: Solver(dt0=0),
    "A step with a sign": lambda: Solver(dt0=-0.1, t1=-1),
    "A time that is not finite": lambda: Solver(t1=np.inf),
    "No interval": lambda: Solver(t0=1, t1=1),
    "64 bits that are not switched on": lambda: Solver(dtype="float64"),
    "No steps": lambda: Solver(steps=0),
    "A solver misspelt": lambda: method_by_name("Dopri6"),
    "A solver of stochastic equations": lambda: Solver(diffrax.EulerHeun()),
    "A tolerance for equal steps": lambda: Solver(steps=10, rtol=1e-3),
    "A tolerance for a solver of equal steps": lambda: Solver(diffrax.Euler(), atol=1e-3),
    "A tolerance and the constant controller": lambda: Solver(controller="constant", rtol=1e-3),
    "Adaptive steps without an estimate": lambda: Solver(diffrax.Euler(), controller="pid"),
    "Equal steps that adapt": lambda: Solver(steps=10, controller="pid"),
    "A number and a size of steps": lambda: Solver(steps=10, dt0=0.1),
    "More steps than are allowed": lambda: Solver(steps=300, max_steps=256),
    "Equal steps of no size": lambda: Solver(diffrax.Euler()).resolve(),
    "An adjoint misspelt": lambda: Solver(adjoint="backslove"),
    "A batching misspelt": lambda: Solver(batching="join"),
    "A controller misspelt": lambda: Solver(controller="fixed"),
    "An adjoint that the solver cannot use": lambda: Solver(
        diffrax.Kvaerno5(), adjoint="backsolve"
    ),
    "A model's solver that is traced": lambda: jax.jit(lambda r: ode(decay, rtol=r))(0.1),
    "A regulariser in a configuration": lambda: Solver(regulariser=vector_cost).options(),
    "A solver with settings in a configuration": lambda: Solver(
        diffrax.Kvaerno5(scan_kind="lax")
    ).options(),
    "No batch axis": lambda: solved(np.float32(1)),
    "A complex state": lambda: solved(np.ones((2, 1), np.complex64)),
    "Args without a batch axis": lambda: solved(args=jnp.ones(3)),
    "Times of no shape": lambda: solved(ts=1.0),
    "Times of another batch": lambda: solved(ts=np.ones((3, 1))),
    "Times of each example, solved together": lambda: solved(
        ts=np.ones((2, 1)), batching="joint", adjoint="direct"
    ),
    "A time that is not a number": lambda: solved(ts=[0.5, np.nan]),
    "Times that turn back": lambda: solved(ts=[0.2, 0.8, 0.5]),
    "A gradient for a time that has none": lambda: jax.grad(
        lambda t1: refuse_gradient(t1, "t1", "backsolve")
    )(1.0),
    "A gradient for times of each example, solved together": gradient_of_times,
    "A second derivative in reverse mode": second_derivative,
    "A gradient that devices would add at each step": gradient_of_a_closure,
    "A regulariser that is no scalar": lambda: solved(regulariser=vector_cost),
}
