"""How the trace of a field's Jacobian is taken: exactly, or by probes."""

import math
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...errors import ConfigError
from ...regularisers import draw_noise, keys_of_examples
from ...types import Keys


class Trace(eqx.Module):
    """Exact up to so many numbers of a state, by Hutchinson's probes beyond.

    One probe of a state of 64 numbers is off by some 7 nats for an example, and right in the mean:
    enough for a gradient, not for a number that is reported.

    Raises `ConfigError` for less than one probe.
    """

    exact_in_training: int = eqx.field(static=True, default=8)
    exact_in_evaluation: int = eqx.field(static=True, default=256)
    probes: int = eqx.field(static=True, default=1)
    """Of an example in training."""
    evaluation_probes: int = eqx.field(static=True, default=16)
    noise: Literal["rademacher", "normal"] = eqx.field(static=True, default="rademacher")

    def __check_init__(self) -> None:
        for name in ("probes", "evaluation_probes"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"{name} = {getattr(self, name)}: expected 1 probe or more. Way out: a trace "
                    "that is exact has none, see exact_in_training and exact_in_evaluation."
                )

    def draw(
        self, states: Float[Array, "B ..."], key: PRNGKeyArray | Keys | None, *, training: bool
    ) -> Float[Array, "B probes ..."] | None:
        """The probes of each example; None where its trace is taken exactly.

        They are drawn once for a solve. `key` is one, folded with each place in the batch, or one
        for each example; without one every example takes the probes of `jax.random.key(0)`.
        """
        most = self.exact_in_training if training else self.exact_in_evaluation
        if math.prod(states.shape[1:]) <= most:
            return None
        count = self.probes if training else self.evaluation_probes
        like = jnp.broadcast_to(states[:, None], (len(states), count, *states.shape[1:]))
        keys = fixed_keys(len(states)) if key is None else keys_of_examples(key, len(states))
        noise: Float[Array, "B probes ..."] = draw_noise(self.noise, keys, like)
        return jax.lax.stop_gradient(noise)


def fixed_keys(count: int) -> Keys:
    """One key for each of `count` examples, the same: what they draw is so in any batch."""
    return jnp.broadcast_to(jax.random.key(0), (count,))
