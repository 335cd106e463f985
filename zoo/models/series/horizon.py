"""A horizon that grows with the steps of training."""

from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ...errors import ConfigError
from .batch import Series


@dataclass(frozen=True)
class Horizon:
    """How far into each series training looks: at first `first_share` of it, then more, then all.

    The beginning of a path is fitted before its end depends on it. Fitted as a whole from the
    start, a path of several cycles is often left at its mean, from which no small change helps. In
    Diffrax's example of a neural ODE the first tenth is followed by all at once, in a latent ODE
    that may undo what was learned, and a horizon that grows steadily does not.

    Raises `ConfigError` for a share that is not in (0, 1] and for steps below 0.
    """

    first_share: float = 1.0
    """Of the time of each series, what the first steps see."""
    first_steps: int = 0
    """How many steps these are."""
    growing_steps: int = 0
    """Over how many steps after these the share grows to 1; 0 for at once."""

    def __post_init__(self) -> None:
        if not 0 < self.first_share <= 1 or min(self.first_steps, self.growing_steps) < 0:
            raise ConfigError(
                f"first_share = {self.first_share}, first_steps = {self.first_steps}, "
                f"growing_steps = {self.growing_steps}: expected a share of each series above 0 "
                "and at most 1, and 0 or more steps; a share of 1 is all of it."
            )

    def within(self, xs: Series, step: Array) -> Bool[Array, "B T"]:
        """Which times training step `step` sees."""
        if self._sees_all:
            return jnp.ones(xs.t.shape, bool)
        return jnp.asarray(xs.t <= self._end(xs, step))

    def cut(self, xs: Series, step: Array) -> Series:
        """The series as far as training step `step` sees them; later times are padding."""
        if self._sees_all:
            return xs
        end = self._end(xs, step)
        mask = xs.mask & (xs.t <= end)[..., None]
        parts = (jnp.minimum(xs.t, end), jnp.where(mask, xs.x, 0), mask)
        return eqx.tree_at(lambda s: (s.t, s.x, s.mask), xs, parts)

    @property
    def _sees_all(self) -> bool:
        return self.first_share == 1 or not self.first_steps + self.growing_steps

    def _end(self, xs: Series, step: Array) -> Float[Array, "B 1"]:
        grown = (step + 1 - self.first_steps) / max(self.growing_steps, 1)
        share = self.first_share + (1 - self.first_share) * jnp.clip(grown, 0, 1)
        early = xs.t[:, :1] + share * xs.since_start[:, -1:]
        # At its end the last time is a time of the series, to the bit.
        return jnp.where(grown < 1, early, xs.t[:, -1:]).astype(xs.t.dtype)
