"""The divergence of a field beside its value, by which an ODE carries a density."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..types import Args, State
from .base import AbstractBatchDynamics, Dynamics, Time, lift

Push: TypeAlias = Callable[[Array], Array]
"""The linearisation of a field at a batch of states: directions [B, ...] to their slopes."""

_UNROLLED = 8
"""Directions pushed one by one in the program. The gradient through a `vmap` over directions sums
over their axis once for each product in the field, by a slow kernel of XLA's on CPUs: a training
step in 2 dimensions took 4 times as long by it, in 8 dimensions 5 times."""
_AT_ONCE = 32
"""Directions pushed through a linearisation at once: more take more memory, and no less time."""


class WithDivergence(AbstractBatchDynamics):
    """d(y, c)/dt = (f(t, y, args), tr df/dy): the integral of the trace rides along in c.

    By the instantaneous change of variables (Chen et al. 2018, theorem 1) c(t1) is log |det| of the
    map from y(t0) to y(t1). Value and trace come of one linearisation of the whole batch. `args` of
    a solve are (args of the field, noise): without noise, None, the trace is exact, one direction
    for each number of the state; with noise [B, probes, ...] it is Hutchinson's estimate, the mean
    over the probes of noise · (df/dy noise), for noise of mean 0 and unit covariance (Grathwohl et
    al. 2019, "FFJORD").

    Solve it with `error_of=zoo.solve.first`: c then has no part in error control, and the steps are
    those of the field alone. FFJORD's code keeps it in.

        field = WithDivergence(dynamics)
        (z, change), stats = solve(field, (x, jnp.zeros(len(x))), args=(None, None), error_of=first)
    """

    field: Dynamics

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of (states [B, ...], integrals [B])."""
        (states, changes), (args, noise) = ys, args

        def value(states: Array) -> State:
            return lift(self.field)(t, states, args)

        slopes, push = jax.linearize(value, states)
        rates = _exact(push, states) if noise is None else _estimate(push, noise)
        return slopes, rates.astype(changes.dtype)

    def charged_args(self, args: Args) -> Args:
        """The args of the field, without the noise."""
        return args[0]


def _exact(push: Push, states: Float[Array, "B ..."]) -> Float[Array, " B"]:
    """The trace of each example's Jacobian: the sum of its diagonal, some directions at a time."""
    size, shape = math.prod(states.shape[1:]), states.shape[1:]

    def diagonal(place: int | Array) -> Float[Array, " B"]:
        direction = jnp.zeros(size, states.dtype).at[place].set(1).reshape(shape)
        pushed = push(jnp.broadcast_to(direction, states.shape))
        return pushed.reshape(len(states), size)[:, place]

    if size <= _UNROLLED:
        return _sum([diagonal(place) for place in range(size)], states)
    return jax.lax.map(diagonal, jnp.arange(size), batch_size=_AT_ONCE).sum(axis=0)


def _estimate(push: Push, noise: Float[Array, "B probes ..."]) -> Float[Array, " B"]:
    """The mean over the probes of noise · pushed noise, of each example."""
    count = noise.shape[1]

    def one(probe: Float[Array, "B ..."]) -> Float[Array, " B"]:
        products = probe * push(probe)
        return products.sum(axis=tuple(range(1, products.ndim)))

    if count <= _UNROLLED:
        return _sum([one(noise[:, at]) for at in range(count)], noise) / count
    return jax.vmap(one, in_axes=1)(noise).mean(axis=0)


def _sum(terms: Sequence[Float[Array, " B"]], like: Float[Array, "B ..."]) -> Float[Array, " B"]:
    """The sum of terms; zeros where there are none, as of a state without numbers."""
    return sum(terms, jnp.zeros(len(like), like.dtype))
