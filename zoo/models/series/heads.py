"""What models of series end in: outputs of a state, or a normal distribution at every time."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...nn import Affine

LEAST_DEVIATION = 1e-3
"""Of a predicted value, in standardised units: so that no density is infinite."""


class GaussianHead(eqx.Module):
    """Mean and standard deviation of each channel, linear in the state but for a softplus.

    Takes any leading axes: [..., in_size] to [..., channels, 2].
    """

    layer: Affine

    def __init__(self, in_size: int, channels: int, *, key: PRNGKeyArray) -> None:
        self.layer = Affine(in_size, 2 * channels, key=key)

    def __call__(self, zs: Float[Array, "*axes inputs"]) -> Float[Array, "*axes channels 2"]:
        """The distributions of states."""
        mean, raw = jnp.split(self.layer(zs), 2, axis=-1)
        return jnp.stack([mean, LEAST_DEVIATION + jax.nn.softplus(raw)], axis=-1)


def head_for(
    hidden: int, out_size: int, path_size: int, known: int = 0, *, key: PRNGKeyArray
) -> Affine | GaussianHead:
    """The head of a task: at every time for `path_size` channels, else one for `out_size` outputs.

    A head at every time is given `known` numbers beside the state.
    """
    if path_size:
        return GaussianHead(hidden + known, path_size, key=key)
    return Affine(hidden, out_size, key=key)
