"""Solvers, and what they are given to solve."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from zoo import Solver
from zoo.dynamics import AbstractSemilinearDynamics, AbstractSeparableDynamics
from zoo.regularisers import (
    AbstractRegulariser,
    AbstractStepRegulariser,
    Jacobian,
    jacobian,
    local_error,
    taylor,
)
from zoo.solve import ETDRK4, Leapfrog, Yoshida4, solve, solve_sde, until
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


def height(t, y, args):
    return y[0]


def bounced(y0=Y0, condition=height, args=None, start=None, direction=None, reset=None, **options):
    options = {"solver": Solver(**options), "args": args, "start": start, "reset": reset}
    return until(decay, jnp.asarray(y0), condition, direction=direction, **options)


def stepped(method, dynamics, y0):
    y0 = jax.tree.map(jnp.asarray, y0)
    return solve(dynamics, y0, solver=Solver(method, steps=5))


def damped(t, y, args):
    return y[1], -y[0] - y[1]


def hastening(t, y, args):
    return t * y[1], -y[0]


class Free(AbstractSeparableDynamics):
    def velocity(self, t, p, args):
        return p

    def force(self, t, q, args):
        return 0 * q


class Misfit(AbstractSemilinearDynamics):
    def linear(self, args):
        return -1.0

    def nonlinear(self, t, y, args):
        return y[:1]


def shaken(method=None, *, diffusion=decay, y0=Y0, steps=4, options=None, **given):
    """`solve_sde`, by `Solver(method, **options)`."""
    given = {"key": jax.random.key(0), "steps": steps} | given
    y0 = y0 if isinstance(y0, tuple) else jnp.asarray(y0)
    return solve_sde(decay, diffusion, y0, solver=Solver(method, **options or {}), **given)


def two_motions(t, y, args):
    return jnp.ones((1, 2))


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


class OneRate(AbstractRegulariser):
    def rates(self, field, t, ys, args, noise):
        return field(t, ys, args), 1.0


class OneCost(AbstractStepRegulariser):
    def cost(self, step):
        return step.h.sum()


def charged(regulariser, field=decay, key=None, **options):
    solver = Solver(regulariser=regulariser)
    return solve(field, jnp.ones((2, 1)), solver=solver, key=key, **options)


def rectified(t, y, args):
    return jax.nn.relu(y)


def first_half(y):
    return y[..., :1]


CASES = {
    "A tolerance of zero": lambda: Solver(rtol=0),
    "A tolerance above one": lambda: Solver(atol=2),
    "A tolerance that is not a number": lambda: Solver(rtol=np.nan),
    "A tolerance below rounding": lambda: Solver(rtol=1e-9),
    "A step of zero": lambda: Solver(dt0=0),
    "A step with a sign": lambda: Solver(dt0=-0.1, t1=-1),
    "A largest step with a sign": lambda: Solver(dtmax=-0.1),
    "Several tolerances": lambda: Solver(rtol=jnp.array([1e-3, 1e-4])),
    "A stretch of nothing": lambda: Solver(stretch=0.0),
    "A largest step of equal ones": lambda: Solver(steps=10, dtmax=0.1),
    "A time that is not finite": lambda: Solver(t1=np.inf),
    "No interval": lambda: Solver(t0=1, t1=1),
    "64 bits that are not switched on": lambda: Solver(dtype="float64"),
    "A type of the field misspelt": lambda: Solver(field_dtype="bfloat8"),
    "A field in bfloat16 at a tight tolerance": lambda: solved(field_dtype="bfloat16"),
    "A field in bfloat16 in an implicit method": lambda: Solver(
        diffrax.Kvaerno5(), field_dtype="bfloat16"
    ),
    "A field in bfloat16 with noise": lambda: shaken(options={"field_dtype": "bfloat16"}),
    "No steps": lambda: Solver(steps=0),
    "A solver misspelt": lambda: method_by_name("Dopri6"),
    "Diffrax's method of two fields": lambda: Solver(diffrax.SemiImplicitEuler()),
    "A tolerance for a symplectic method": lambda: Solver(Leapfrog(), rtol=1e-3),
    "An adjoint that a stepper cannot use": lambda: Solver(Leapfrog(), adjoint="direct"),
    "A regulariser beside dynamics of parts": lambda: Solver(
        Leapfrog(), steps=5, regulariser=vector_cost
    ),
    "A symplectic method for a state of one part": lambda: stepped(Leapfrog(), decay, Y0),
    "A symplectic method for dynamics that are not separable": lambda: stepped(
        Leapfrog(), damped, (Y0, Y0)
    ),
    "Yoshida's method for a velocity that depends on time": lambda: stepped(
        Yoshida4(), hastening, (Y0, Y0)
    ),
    "A state without two halves": lambda: stepped(Leapfrog(), Free(), Y0),
    "An exponential method for other dynamics": lambda: stepped(ETDRK4(), decay, Y0),
    "Modes of another shape": lambda: stepped(ETDRK4(), Misfit(), np.ones((2, 4), np.float32)),
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
    "Rows of times in both directions, solved together": lambda: solved(
        ts=[[0.5], [-0.5]], batching="joint"
    ),
    "Jumps of no shape": lambda: solve(decay, Y0, jumps=np.float64(0.5)),
    "A jump that is not a number": lambda: solve(decay, Y0, jumps=np.array([np.nan])),
    "A gradient for a time that has none": lambda: jax.grad(
        lambda t1: refuse_gradient(t1, "t1", "backsolve")
    )(1.0),
    "A gradient for times of each example, solved together": gradient_of_times,
    "An event with an implicit method": lambda: bounced(method=diffrax.Kvaerno5()),
    "An event of dynamics in parts": lambda: bounced(method=ETDRK4(), steps=5),
    "An event of examples solved together": lambda: bounced(batching="joint"),
    "An event and a regulariser": lambda: bounced(regulariser=vector_cost),
    "A direction misspelt": lambda: bounced(direction="upp"),
    "Starts of another batch": lambda: bounced(start=np.zeros(3)),
    "A start behind the end": lambda: bounced(start=np.array([0.0, 2.0])),
    "A condition that is no scalar": lambda: bounced(condition=decay),
    "A condition that is a comparison": lambda: bounced(condition=lambda t, y, args: y[0] < 1),
    "A reset that returns no state": lambda: bounced(reset=height),
    "A second derivative in reverse mode": second_derivative,
    "A gradient that devices would add at each step": gradient_of_a_closure,
    "A regulariser that is no scalar": lambda: solved(regulariser=vector_cost),
    "Rates of no example": lambda: charged(OneRate()),
    "A cost of a step of no example": lambda: charged(OneCost()),
    "A regulariser that draws, without a key": lambda: charged(jacobian()),
    "Keys of another batch": lambda: charged(
        jacobian(), key=jax.random.split(jax.random.key(0), 3)
    ),
    "A regulariser with arrays in it": lambda: charged(Jacobian(np.float32([1, 2]))),
    "A cost of steps with an adjoint that knows of none": lambda: solved(
        regulariser=local_error(), adjoint="direct"
    ),
    "A cost of steps for a method that estimates nothing": lambda: solved(
        method=diffrax.Euler(), steps=3, regulariser=local_error()
    ),
    "A third derivative that JAX has no rule for": lambda: charged(taylor(order=3), rectified),
    "A regulariser for half of an array": lambda: charged(jacobian(), error_of=first_half),
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
