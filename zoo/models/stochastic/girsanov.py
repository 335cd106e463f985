"""A posterior path and its divergence from the prior, as one equation."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ...nn.dense import FeedForward, with_time
from .path_encoder import ToCome, to_come


class PosteriorDrift(AbstractBatchDynamics):
    """The drift of [z, cost]: h = drift + diffusion u for z, and |u|²/2 for the cost.

    The divergence of two laws of paths with one diffusion is E ∫ |(h - drift) / diffusion|²/2 dt
    (Girsanov 1960); written by u = (h - drift) / diffusion nothing is divided. `args` is what is to
    come of each path (`ToCome`).
    """

    drift: Dynamics
    diffusion: Dynamics
    control: FeedForward

    def batch(self, t: Time, ys: Float[Array, "B Z_1"], args: ToCome) -> Float[Array, "B Z_1"]:
        """The drifts of a batch of states [z, cost]."""
        zs = ys[:, :-1]
        u = self.control(with_time(t, jnp.concatenate([zs, to_come(t, args)], axis=-1)))
        moved = lift(self.drift)(t, zs, None) + lift(self.diffusion)(t, zs, None) * u
        cost = 0.5 * jnp.sum(u**2, axis=-1, keepdims=True)
        return jnp.concatenate([moved, cost], axis=-1)


class PosteriorDiffusion(AbstractBatchDynamics):
    """The diffusion of [z, cost]: that of the prior for z, and none for the cost."""

    diffusion: Dynamics

    def batch(self, t: Time, ys: Float[Array, "B Z_1"], args: ToCome) -> Float[Array, "B Z_1"]:
        """The diffusions of a batch of states [z, cost]."""
        zs = ys[:, :-1]
        return jnp.concatenate(
            [lift(self.diffusion)(t, zs, None), jnp.zeros_like(zs[:, :1])], axis=-1
        )
