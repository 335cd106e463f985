"""Where a flow begins that does not begin at a normal distribution: the rows of a data set."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ...datasets import load_dataset
from ...errors import ConfigError
from ...nn.frozen import Frozen


class SourceRows(eqx.Module):
    """Rows that are drawn from with equal probability; not trained, and saved with the model."""

    rows: Float[Array, "N ..."]

    def __call__(self, key: PRNGKeyArray) -> Float[Array, "..."]:
        """A row."""
        return self.rows[jax.random.randint(key, (), 0, len(self.rows))]


def source_rows(name: str, shape: tuple[int, ...], state_shape: tuple[int, ...]) -> Frozen:
    """The training rows of a registered data set, standardised by themselves, as states.

    Raises `UnknownNameError` for a name that is not registered, and `ConfigError` for examples of
    another shape than `shape`.
    """
    rows = np.asarray(load_dataset(name, standardise=True).train["x"])
    if rows.shape[1:] != shape:
        raise ConfigError(
            f"source = {name!r}, whose examples have shape {rows.shape[1:]}, and the data have "
            f"{shape}: expected a data set of examples of that shape, or source = 'normal'."
        )
    return Frozen(SourceRows(jnp.asarray(rows.reshape(len(rows), *state_shape), float)))
