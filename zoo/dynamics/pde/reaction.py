"""What happens at each point alone: reactions of the components with each other."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...types import Args
from ..base import Time
from .discretisation import AbstractDiscretisation
from .term import AbstractTerm


class Reaction(AbstractTerm):
    """f(u) at each point, of any `function` [..., C] → [..., C], a net or an equation."""

    function: Callable[[Array], Array]

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """The function of the field."""
        return self.function(u)


class GrayScott(AbstractTerm):
    """The reaction of Gray & Scott: a is fed and eaten, b eats, multiplies and is removed.

    da/dt = -a b² + feed (1 - a), db/dt = a b² - (feed + kill) b of a field [..., 2]; with diffusion
    it makes spots and stripes: Pearson 1993, "Complex Patterns in a Simple System".
    """

    feed: float | Float[Array, ""]
    kill: float | Float[Array, ""]

    def __call__(
        self, t: Time, u: Float[Array, "... 2"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... 2"]:
        """Both rates at each point."""
        a, b = u[..., 0], u[..., 1]
        eaten = a * b**2
        rates = [self.feed * (1 - a) - eaten, eaten - (self.feed + self.kill) * b]
        return jnp.stack(rates, axis=-1)
