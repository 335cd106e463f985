"""What a probability path is: points between an example and a point of the base."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class Weights(eqx.Module):
    """a, b and the deviation of x_s = a x + b z + noise at s [], with their derivatives by s.

    `spread` is the deviation of all that is normal in x_s where z is: (b² + sigma²)^½.
    """

    data: Float[Array, ""]
    base: Float[Array, ""]
    data_rate: Float[Array, ""]
    base_rate: Float[Array, ""]
    spread: Float[Array, ""]
    spread_rate: Float[Array, ""]


class AbstractPath(eqx.Module):
    """Base of all probability paths: x_s = a(s) x + b(s) z + sigma ε, s from 0 to 1.

    x is an example, z a point of the base, and ε standard normal noise, of deviation `sigma` along
    the whole path. **Data are at s = 0 and the base is at s = 1**, as everywhere among the zoo's
    densities; the papers count the other way. The velocity to be learned is a'(s) x + b'(s) z.

    To write your own, subclass, give the field `sigma` and implement `weights`; then register a
    builder, whose options are the path's:

        @zoo.register_path("quadratic")
        def quadratic() -> Quadratic: ...
    """

    sigma: eqx.AbstractVar[float]

    @abc.abstractmethod
    def weights(self, s: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """a(s) and b(s): (1, 0) at s = 0 and (0, 1) at s = 1. Their derivatives are taken."""

    def at(self, s: Float[Array, ""]) -> Weights:
        """The weights at s, and their rates."""
        (a, b), (a_rate, b_rate) = jax.jvp(self.weights, (s,), (jnp.ones_like(s),))
        if self.sigma == 0:
            return Weights(a, b, a_rate, b_rate, b, b_rate)
        spread = jnp.sqrt(b**2 + self.sigma**2)
        return Weights(a, b, a_rate, b_rate, spread, b * b_rate / spread)

    def between(
        self,
        s: Float[Array, ""],
        x: Float[Array, "..."],
        z: Float[Array, "..."],
        noise: Float[Array, "..."],
    ) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """x_s of one example, and its velocity by s."""
        at = self.at(s)
        point = at.data * x + at.base * z + self.sigma * noise
        return point, at.data_rate * x + at.base_rate * z

    def noise_of(
        self, s: Float[Array, ""], x: Float[Array, "..."], velocity: Float[Array, "..."]
    ) -> Float[Array, "..."]:
        """The mean of what is normal in x_s = x, in units of its deviation: minus spread · score.

        `velocity` is E[a' x + b' z | x_s]. With x_s = a x + spread n it is a' E[x] + spread' E[n],
        and E[n] follows; the score of the law of x_s is -E[n] / spread. For z that is normal and
        independent of x.
        """
        at = self.at(s)
        scale = at.data * at.spread_rate - at.data_rate * at.spread
        return (at.data * velocity - at.data_rate * x) / scale
