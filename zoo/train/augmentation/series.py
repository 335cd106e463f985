"""Series of a training batch thinned out and jittered, each by a key of its own."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...datasets import Dataset
from ...errors import ConfigError
from ...tasks import task_named
from ...tasks.marked import marked
from ...types import Batch, Keys
from .base import AbstractAugmentation

_REDRAW = 2  # beside the two draws that come of splitting the key


class SeriesAugmentation(AbstractAugmentation):
    """What is drawn of a series each time that training shows it: fewer times, noise on its values.

    A model that sees other times of a series in each epoch cannot learn it by heart, and holds
    where times are missing. Jittering as in Um et al. 2017, "Data Augmentation of Wearable Sensor
    Data for Parkinson's Disease Monitoring using Convolutional Neural Networks". Values that the
    model is to find are left as they are.
    """

    thin: float = eqx.field(static=True, default=0.0)
    """Probability with which a time of a series is not shown; the first one always is."""
    jitter: float = eqx.field(static=True, default=0.0)
    """Standard deviation of what is added to the values shown, in standardised units."""
    redraw: bool = eqx.field(static=True, default=False)
    """Whether the observed times that a series shows are drawn anew, as many as it shows."""

    def check(self, data: Dataset) -> None:
        """Raise `ConfigError` for data that cannot be changed like this.

        These are data that are no series, a share not in [0, 1), noise below 0, and other times of
        series whose preferred task does not find values among those shown.
        """
        given = {name: value for name, value in vars(self).items() if value is not False}
        told = ", ".join(f"{name} = {value}" for name, value in given.items())
        if data.spec.kind != "series":
            raise ConfigError(
                f"{told}: they change series, and {data.name!r} holds {data.spec}: leave them out."
            )
        if not (0 <= self.thin < 1 and self.jitter >= 0):
            raise ConfigError(f"{told}: expected thin in [0, 1) and jitter of 0 or more.")
        if self.redraw and not task_named(data.tasks[0]).found_among_shown:
            raise ConfigError(
                f"redraw = True shows other times of a series, and {data.name!r} is for "
                f"{data.tasks[0]} first, which finds no values among those shown: expected series "
                "of which times are hidden by chance (the option hide, without horizon). Leave it "
                "out."
            )

    def drawn(self, batch: Batch, background: Float[Array, " C"] | None, keys: Keys) -> Batch:
        """The batch with its series changed, each by a key of its own."""
        x = jnp.asarray(batch["x"])
        name = "given" if "given" in batch else "mask"
        shown = jnp.asarray(marked(batch, name))
        if self.redraw:
            shown = jax.vmap(_redrawn)(jnp.asarray(marked(batch, "mask")), shown, keys)
        values, kept = jax.vmap(self)(x, shown, keys)
        return {**batch, "x": values, name: kept}

    def __call__(
        self, x: Float[Array, "T D"], shown: Bool[Array, "T D"], key: PRNGKeyArray
    ) -> tuple[Float[Array, "T D"], Bool[Array, "T D"]]:
        """The values of one series, and which of them it shows."""
        thin, jitter = jax.random.split(key)
        noise = self.jitter * jax.random.normal(jitter, x.shape, x.dtype)
        seen = shown.any(axis=1)
        first = jnp.arange(len(seen)) == jnp.argmax(seen)
        stays = first | (jax.random.uniform(thin, seen.shape) >= self.thin)
        return jnp.where(shown, x + noise, x), shown & stays[:, None]


def _redrawn(
    observed: Bool[Array, "T D"], shown: Bool[Array, "T D"], key: PRNGKeyArray
) -> Bool[Array, "T D"]:
    """What one series shows at as many of its observed times as before, drawn evenly."""
    chance = jax.random.uniform(jax.random.fold_in(key, _REDRAW), observed.shape[:1])
    order = jnp.argsort(jnp.where(observed.any(axis=1), chance, jnp.inf))
    chosen = jnp.arange(len(order)) < shown.any(axis=1).sum()
    return observed & jnp.zeros_like(chosen).at[order].set(chosen)[:, None]
