"""Bodies that attract or repel each other in pairs, by a force that is learned."""

from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import ConfigError
from ..nn.dense import InitScale, activation_by_name
from ..nn.physical import Positive
from ..registry import register_dynamics
from ..schema import Depth, PositiveFloat, PositiveInt, Size
from ..types import Args
from .base import Time
from .mechanical import AbstractSecondOrderDynamics, half_of
from .scalar_net import ScalarNet, SmoothActivation


class NBodyDynamics(AbstractSecondOrderDynamics):
    """dv_i/dt = sum over j of m_j f(d_ij) (q_j - q_i) / d_ij², d² = |q_j - q_i|² + softening².

    f is a net of log d, the same for each pair; 1/d is the force of gravity in three dimensions.
    Forces act along the line between two bodies, equal and opposite, and by distance alone: bodies
    may be renumbered, moved and turned, momentum and angular momentum are kept, and so is an
    energy. The state is [q, v], each body after body: x1, y1, x2, y2 of two bodies in the plane.

    Args:
        size: length of the state, 2 · bodies · `dimensions`.
        dimensions: of space.
        equal: whether all bodies have the mass 1; else they are learned, beside a first one of 1.
        softening: length below which a force no longer grows.

    Raises `ConfigError` for a size that is not one of two bodies or more.
    """

    net: ScalarNet
    mass: Positive | None
    """Of all bodies but the first, relative to it, [bodies - 1]."""
    dimensions: int = eqx.field(static=True)
    softening: float = eqx.field(static=True)

    def __init__(
        self,
        size: int,
        *,
        dimensions: int = 2,
        equal: bool = True,
        softening: float = 1e-3,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        bodies, rest = divmod(half_of("nbody", size, "velocities"), dimensions)
        if rest or bodies < 2:
            raise ConfigError(
                f"The dynamics 'nbody' of a state of length {size} in {dimensions} dimensions: "
                f"expected positions and velocities of two bodies or more, {4 * dimensions} "
                f"channels or a greater multiple of {2 * dimensions}. Give dimensions as they are "
                "in the data."
            )
        self.net = ScalarNet(
            1, width=width, depth=depth, activation=activation, init_scale=init_scale, key=key
        )
        self.mass = None if equal else Positive(np.ones(bodies - 1))
        self.dimensions, self.softening = dimensions, softening

    def masses(self, bodies: int) -> Float[Array, " N"]:
        """The mass of each body; that of the first is 1."""
        if self.mass is None:
            return jnp.ones(bodies)
        return jnp.concatenate([jnp.ones(1, self.mass.value.dtype), self.mass.value])

    def acceleration(
        self, t: Time, qs: Float[Array, "B Q"], vs: Float[Array, "B Q"], args: Args
    ) -> Float[Array, "B Q"]:
        """dv/dt of a batch of states; time and `args` are not used."""
        places = qs.reshape(len(qs), qs.shape[1] // self.dimensions, self.dimensions)
        apart = places[:, None] - places[:, :, None]  # [b, i, j]: from body i to body j
        squares = jnp.sum(apart**2, axis=-1) + self.softening**2
        strength = self.net(0.5 * jnp.log(squares).reshape(-1, 1)).reshape(squares.shape)
        weights = self.masses(places.shape[1]).astype(qs.dtype) * strength / squares
        return jnp.einsum("bij,bijd->bid", weights, apart).reshape(qs.shape)


@register_dynamics("nbody")
def nbody_dynamics(
    size: int,
    *,
    dimensions: PositiveInt = 2,
    masses: Literal["equal", "learned"] = "equal",
    softening: PositiveFloat = 1e-3,
    width: Size = 64,
    depth: Depth = 2,
    activation: SmoothActivation = "tanh",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> NBodyDynamics:
    """Bodies that attract or repel each other in pairs, by a learned force along their distance.

    Args:
        size: length of the state: positions body after body, then velocities
        dimensions: of space; as many bodies follow from the length of the state
        masses: equal, or learned relative to that of the first body
        softening: length below which a force no longer grows
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer, smooth
        init_scale: factor on the initial force
        key: random key of the initial weights
    """
    return NBodyDynamics(
        size,
        dimensions=dimensions,
        equal=masses == "equal",
        softening=softening,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
