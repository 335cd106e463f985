"""How training shoots at a path: in windows, and over a horizon that grows."""

from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from ...errors import ConfigError
from .batch import Series


@dataclass(frozen=True)
class Shooting:
    """What of a series one step of training solves, and from where.

    A long path, or one that a small change turns elsewhere, is fitted better in pieces: multiple
    shooting cuts it into `windows`, each solved from a state of its own, and adds the squared jumps
    from one to the next, by the weight `continuity` (Bock and Plitt 1984). In its first
    `first_steps` steps training sees the first `first_share` of the time of each series alone.

    Raises `ConfigError` for windows below 1, a weight or steps below 0, or a share not in (0, 1].
    """

    windows: int = 1
    continuity: float = 1.0
    first_share: float = 1.0
    first_steps: int = 0

    def __post_init__(self) -> None:
        if self.windows < 1 or self.continuity < 0 or self.first_steps < 0:
            raise ConfigError(
                f"windows = {self.windows}, continuity = {self.continuity}, first_steps = "
                f"{self.first_steps}: expected 1 or more windows, a weight of 0 or more and 0 or "
                "more steps."
            )
        if not 0 < self.first_share <= 1:
            raise ConfigError(
                f"first_share = {self.first_share}: expected a share of each series above 0 and at "
                "most 1; 1 is all of it."
            )

    def horizon(self, xs: Series, step: Array) -> Series:
        """The series as far as training step `step` sees them; later times are padding."""
        if self.first_share == 1 or not self.first_steps:
            return xs
        share = jnp.where(step < self.first_steps, self.first_share, 1.0).astype(xs.t.dtype)
        end = (xs.t[:, :1] + share * xs.since_start[:, -1:]).astype(xs.t.dtype)
        end = jnp.where(share < 1, end, xs.t[:, -1:])
        mask = xs.mask & (xs.t <= end)[..., None]
        where = (jnp.minimum(xs.t, end), jnp.where(mask, xs.x, 0), mask)
        return eqx.tree_at(lambda s: (s.t, s.x, s.mask), xs, where)
