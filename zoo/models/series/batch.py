"""`Series`: what a model of series is given of a batch."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ...errors import DataError
from ...tasks.marked import marked
from ...types import AnyArray, Batch


class Series(eqx.Module):
    """Observed series of a batch, of unequal lengths and with missing values.

    A series that is shorter than the longest one repeats its last time, with a `mask` that is False
    there. What the mask hides is 0 in `x`, whatever the data hold there: no model can see it.

        xs = Series.of(batch)       # of the arrays of a data set, by name
        xs.since_start[:, -1]       # how long each series lasts
    """

    t: Float[AnyArray, "B T"]
    """Times, in order; the last one repeated is padding."""
    x: Float[AnyArray, "B T D"]
    """Values; 0 where there is none."""
    mask: Bool[AnyArray, "B T D"]
    """Where there is a value."""
    static: Float[AnyArray, "B S"] | None = None
    """Numbers that a series has but once; None without."""
    inputs: Float[AnyArray, "B T U"] | None = None
    """A known input u(t) at the times; None without."""

    @classmethod
    def of(cls, batch: Batch) -> "Series":
        """The series of a batch's named arrays.

        `x` [B, T, D] is needed. `t` [B, T] counts from 0 to 1 where it is absent. `mask`, of the
        shape of `x` or [B, T], says what was observed, all where it is absent; `given`, likewise,
        what of it the model is shown: the rest is what it has to find (interpolation, forecasting).

        Raises `DataError` for an `x` that is no series.
        """
        x = jnp.asarray(batch["x"])
        if x.ndim != 3:
            raise DataError(
                f"x has shape {x.shape}: expected series, (examples, times, channels). Series of "
                "one channel are x[..., None]; other data are for other models."
            )
        size, length, _ = x.shape
        t = batch.get("t")
        if t is None:
            t = jnp.broadcast_to(jnp.linspace(0, 1, length, dtype=x.dtype), (size, length))
        mask = jnp.asarray(marked(batch, "mask")) & jnp.asarray(marked(batch, "given"))
        static, inputs = batch.get("static"), batch.get("inputs")
        return cls(jnp.asarray(t), jnp.where(mask, x, 0), mask, static, inputs)

    @property
    def since_start(self) -> Float[Array, "B T"]:
        """The times since each series began."""
        return jnp.asarray(self.t - self.t[:, :1])

    @property
    def seen(self) -> Bool[Array, "B T"]:
        """At which times there is a value of any channel."""
        return jnp.asarray(self.mask.any(axis=-1))

    def until_last_shown(self) -> "Series":
        """Each series up to the last time at which there is a value; later times are padding."""
        t = jnp.asarray(self.t)
        end = jnp.max(jnp.where(self.seen, t, t[:, :1]), axis=1, keepdims=True)
        shorter: Series = eqx.tree_at(lambda s: s.t, self, jnp.minimum(t, end))
        return shorter
