"""A flow whose examples are drawn by an SDE of the same marginals."""

from numbers import Integral
from typing import ClassVar

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ...dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ...errors import ConfigError
from ...objectives.by_task import Objectives
from ...objectives.likelihood import MAXIMUM_LIKELIHOOD
from ...solve import Solver, solve_sde
from ...types import AnyArray, Args, Keys, Stats
from .base import AbstractDensity
from .paths import AbstractPath
from .trace import Trace


class StochasticFlow(AbstractDensity):
    """A density whose `sample` adds noise on the way, and takes it out again by the score.

    With s from 1 (base) to 0 (data), v the velocity and n the mean noise of the path's law at x,

        dx = (v(s, x) + n(s, x)) ds + (2 spread(s))^½ dW

    has at each s the marginals of the ODE dx = v ds: minus the score of a Gaussian path is
    n / spread (Albergo et al. 2023, "Stochastic Interpolants: A Unifying Framework for Flows and
    Diffusions"; the choice of noise is that of Ma et al. 2024, "SiT"). An error of the field is
    forgotten on the way, where an ODE carries it to the end; equal steps of Euler-Maruyama need
    more evaluations. All but `sample` is the ODE's. A view of a trained model, made by
    `FlowMatching.stochastic`; it is not trained.
    """

    objectives: ClassVar[Objectives] = {"density": MAXIMUM_LIKELIHOOD}

    blocks: tuple[Dynamics, ...]
    path: AbstractPath
    solver: Solver
    trace: Trace
    steps: int = eqx.field(static=True)
    event_shape: tuple[int, ...] = eqx.field(static=True)
    state_shape: tuple[int, ...] = eqx.field(static=True)
    quanta: tuple[float, ...] = eqx.field(static=True)

    def __init__(self, flow: AbstractDensity, path: AbstractPath, steps: int) -> None:
        if not isinstance(steps, Integral) or steps < 1:
            raise ConfigError(f"steps = {steps}: expected 1 or more equal steps of an SDE.")
        self.blocks, self.solver, self.trace = flow.blocks, flow.solver, flow.trace
        self.path, self.steps, self.quanta = path, steps, flow.quanta
        self.event_shape, self.state_shape = flow.event_shape, flow.state_shape

    def sample(
        self,
        xs: PyTree[AnyArray] = None,
        *,
        key: Keys,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "n ..."], Stats]:
        """Draws [n, *event_shape], one for each of the keys [n].

        `solver` gives the interval of the field; steps and method are the SDE's own. Raises
        `ConfigError` for inputs.
        """
        self.check_no_inputs(xs)
        starts, motions = jax.vmap(jax.random.split, out_axes=1)(key)
        zs = self.base_draws(starts)
        interval = self.effective(solver).resolve()
        assert interval.t0 is not None and interval.t1 is not None, "a resolved solver"
        begin = jnp.asarray(interval.t0, zs.dtype)
        span = jnp.asarray(interval.t1, zs.dtype) - begin
        drift = _Drift(self.dynamics, self.path, begin, span)
        back = Solver(diffrax.Euler(), t0=1.0, t1=0.0, steps=self.steps)
        diffusion = _Diffusion(self.path)
        ys, stats = solve_sde(drift, diffusion, zs, key=motions, noise="additive", solver=back)
        return ys.reshape(len(ys), *self.event_shape), stats


class _Drift(AbstractBatchDynamics):
    """v + n, by s."""

    field: Dynamics
    path: AbstractPath
    begin: Float[Array, ""]
    span: Float[Array, ""]

    def batch(self, t: Time, ys: Float[Array, "B ..."], args: None) -> Float[Array, "B ..."]:
        """The drift of a batch at s = t."""
        s = jnp.broadcast_to(jnp.asarray(t, ys.dtype), ys.shape[:1])
        velocity = self.span * lift(self.field)(self.begin + self.span * s, ys, args)
        return velocity + jax.vmap(self.path.noise_of)(s, ys, velocity)


class _Diffusion(AbstractBatchDynamics):
    """(2 spread)^½ for each number of a state, by s."""

    path: AbstractPath

    def batch(self, t: Time, ys: Float[Array, "B ..."], args: None) -> Float[Array, "B ..."]:
        """The diffusion of a batch at s = t."""
        s = jnp.broadcast_to(jnp.asarray(t, ys.dtype), ys.shape[:1])
        spread = jax.vmap(self.path.at)(s).spread
        # A rounded end of the interval must not be the root of less than nothing.
        size = jnp.sqrt(2 * jnp.maximum(spread, 0)).reshape(-1, *[1] * (ys.ndim - 1))
        return jnp.broadcast_to(size, ys.shape).astype(ys.dtype)
