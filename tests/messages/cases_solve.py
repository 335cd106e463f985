"""Solvers, and what they are given to solve."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from zoo import Solver
from zoo.solve import solve, solve_sde
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


def shaken(method=None, *, diffusion=decay, y0=Y0, steps=4, options=None, **given):
    """`solve_sde`, by `Solver(method, **options)`."""
    given = {"key": jax.random.key(0), "steps": steps} | given
    y0 = y0 if isinstance(y0, tuple) else jnp.asarray(y0)
    return solve_sde(decay, diffusion, y0, solver=Solver(method, **options or {}), **given)


def two_motions(t, y, args):
    return jnp.ones((1, 2))


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
    "A solver of neither": lambda: Solver(diffrax.SemiImplicitEuler()),
    "A solver of stochastic equations": lambda: solved(method=diffrax.EulerHeun(), steps=4),
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
    "A regulariser that is no scalar": lambda: solved(regulariser=vector_cost),
    "A solver of ODEs, and noise": lambda: shaken(diffrax.Dopri5()),
    "A solver of the other calculus": lambda: shaken(diffrax.Heun()),
    "A solver of another kind of noise": lambda: shaken(
        diffrax.ItoMilstein(), diffusion=two_motions, noise="general"
    ),
    "A solver of additive noise": lambda: shaken(diffrax.ShARK(), calculus="stratonovich"),
    "A kind of noise misspelt": lambda: shaken(noise="diagnoal"),
    "A calculus misspelt": lambda: shaken(calculus="itoo"),
    "Two numbers of steps": lambda: shaken(options={"steps": 5}),
    "Noise and a tolerance, in the engine": lambda: shaken(steps=None, options={"rtol": 1e-3}),
    "Noise and no number of steps": lambda: shaken(steps=None),
    "Noise, and steps that nothing adapts": lambda: shaken(
        diffrax.EulerHeun(), steps=None, calculus="stratonovich"
    ),
    "Noise and a size of steps": lambda: shaken(
        steps=None, options={"dt0": 0.1, "controller": "constant"}
    ),
    "Noise and an adjoint for ODEs": lambda: shaken(options={"adjoint": "backsolve"}),
    "Noise and a regulariser": lambda: shaken(options={"regulariser": vector_cost}),
    "Noise through Diffrax, solved together": lambda: shaken(
        options={"adjoint": "direct", "batching": "joint"}
    ),
    "A state of several arrays, and noise": lambda: shaken(y0=(Y0, Y0)),
    "Keys for another batch": lambda: shaken(key=jax.random.split(jax.random.key(0), 3)),
    "A key that is none": lambda: shaken(key=0),
    "Times beyond the noise": lambda: shaken(ts=np.array([0.5, 2.0])),
    "A diffusion of another shape": lambda: shaken(diffusion=two_motions),
    "A diffusion that is no matrix": lambda: shaken(noise="general"),
    "Additive noise of a state": lambda: shaken(noise="additive"),
}
