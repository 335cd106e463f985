"""How a posterior path differs from the prior's, and how much denser its law is there."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ...nn.dense import FeedForward, with_time
from .path_encoder import ToCome, to_come


class Steering(eqx.Module):
    """What a posterior adds to the prior: a drift `diffusion u`, and the share s of the noise of a
    step that it keeps.

    In continuous time s is 1, since two laws of unlike diffusion have no density of each other
    (Girsanov 1960). A step of Euler and Maruyama is a normal draw, and has one for any s > 0; where
    later values are known, the exact posterior of a step has s < 1, as the steps of a bridge have
    (Durham and Gallant 2002, "Numerical techniques for maximum likelihood estimation of
    continuous-time diffusion processes"). Where `narrowed`, s = (1 + step e^r)^(-1/2), so that both
    hold: s tends to 1 with the step.
    """

    control: FeedForward
    """From [z, t, what is to come] to u, and where `narrowed` to r behind it."""
    step: float | Float[Array, ""]
    """The length of a step."""
    narrowed: bool = eqx.field(static=True)

    def __call__(
        self, t: Time, zs: Float[Array, "B Z"], told: ToCome
    ) -> tuple[Float[Array, "B Z"], Float[Array, "B Z"]]:
        """u and s of a batch."""
        out = self.control(with_time(t, jnp.concatenate([zs, to_come(t, told)], axis=-1)))
        if not self.narrowed:
            return out, jnp.ones_like(out)
        u, r = jnp.split(out, 2, axis=-1)
        return u, (1 + self.step * jnp.exp(r)) ** -0.5


class PosteriorDrift(AbstractBatchDynamics):
    """drift + diffusion u; `args` is what is to come of each path (`ToCome`)."""

    drift: Dynamics
    diffusion: Dynamics
    steering: Steering

    def batch(self, t: Time, ys: Float[Array, "B Z"], args: ToCome) -> Float[Array, "B Z"]:
        """The drifts of a batch of states."""
        u, _ = self.steering(t, ys, args)
        return lift(self.drift)(t, ys, None) + lift(self.diffusion)(t, ys, None) * u


class PosteriorDiffusion(AbstractBatchDynamics):
    """The prior's diffusion times s, as matrices: `log_ratio` holds for the steps of Euler and
    Maruyama, and of general noise no method takes others."""

    diffusion: Dynamics
    steering: Steering

    def batch(self, t: Time, ys: Float[Array, "B Z"], args: ToCome) -> Float[Array, "B Z Z"]:
        """The matrices of a batch of states."""
        _, s = self.steering(t, ys, args)
        return jax.vmap(jnp.diag)(lift(self.diffusion)(t, ys, None) * s)


def log_ratio(
    drift: Dynamics,
    diffusion: Dynamics,
    steering: Steering,
    ts: Float[Array, " K"],
    states: Float[Array, "B K_1 Z"],
    told: ToCome,
) -> Float[Array, " B"]:
    """The log of how much denser the posterior's law is than the prior's at paths of the posterior,
    given their start: exact for the steps of Euler and Maruyama from times `ts` on.

    A step whose normal number is x under the prior and y under the posterior counts
    (x² - y²) / 2 - log s. With s = 1 their sum is ∫ |u|²/2 dt + ∫ u dW, dW the posterior's motion.
    """
    h = jnp.asarray(steering.step, states.dtype)

    def of_step(
        t: Float[Array, ""], zs: Float[Array, "B Z"], later: Float[Array, "B Z"]
    ) -> Float[Array, " B"]:
        scale = lift(diffusion)(t, zs, None) * jnp.sqrt(h)
        u, s = steering(t, zs, told)
        of_prior = (later - zs - h * lift(drift)(t, zs, None)) / scale
        of_posterior = (of_prior - jnp.sqrt(h) * u) / s
        return jnp.sum((of_prior**2 - of_posterior**2) / 2 - jnp.log(s), axis=-1)

    in_order = jnp.moveaxis(states, 1, 0)
    return jnp.sum(jax.vmap(of_step)(ts, in_order[:-1], in_order[1:]), axis=0)
