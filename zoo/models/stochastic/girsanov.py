"""A posterior path and its log density over the prior, as one equation."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ...nn.dense import FeedForward, with_time
from .path_encoder import ToCome, to_come


class PosteriorDrift(AbstractBatchDynamics):
    """The drift of [z, c]: drift + diffusion u for z, and |u|²/2 for c.

    With dW the motion of the posterior, c = ∫ |u|²/2 dt + ∫ u dW is the log of how much denser the
    posterior's law is than the prior's at this path (Girsanov 1960); for the steps of Euler and
    Maruyama exactly so, since each draws from a normal law. The mean of c is the divergence of the
    two laws. `args` is what is to come of each path (`ToCome`).
    """

    drift: Dynamics
    diffusion: Dynamics
    control: FeedForward

    def batch(self, t: Time, ys: Float[Array, "B Z_1"], args: ToCome) -> Float[Array, "B Z_1"]:
        """The drifts of a batch of states [z, c]."""
        zs = ys[:, :-1]
        u = controlled(self.control, t, zs, args)
        moved = lift(self.drift)(t, zs, None) + lift(self.diffusion)(t, zs, None) * u
        cost = 0.5 * jnp.sum(u**2, axis=-1, keepdims=True)
        return jnp.concatenate([moved, cost], axis=-1)


class PosteriorDiffusion(AbstractBatchDynamics):
    """How the motions of z act on [z, c]: by the prior's diffusion on z, each on its own number,
    and by u on c."""

    diffusion: Dynamics
    control: FeedForward

    def batch(self, t: Time, ys: Float[Array, "B Z_1"], args: ToCome) -> Float[Array, "B Z_1 Z"]:
        """The matrices of a batch of states [z, c]."""
        zs = ys[:, :-1]
        u = controlled(self.control, t, zs, args)
        own = jax.vmap(jnp.diag)(lift(self.diffusion)(t, zs, None))
        return jnp.concatenate([own, u[:, None, :]], axis=1)


def controlled(
    control: FeedForward, t: Time, zs: Float[Array, "B Z"], told: ToCome
) -> Float[Array, "B Z"]:
    """u(t, z, what is to come) of a batch."""
    return control(with_time(t, jnp.concatenate([zs, to_come(t, told)], axis=-1)))
