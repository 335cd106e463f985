"""Log-signatures of windows: few long steps for long series."""

from typing import Annotated, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..registry import register_control
from ..schema import PositiveInt, Range
from .base import AbstractControl
from .linear import straight
from .path import Path


class LogODE(AbstractControl):
    """What a broken line does in each window of `window` pieces, in numbers that move evenly.

    Morrill et al. 2021, "Neural Rough Differential Equations for Long Time Series": the CDE is
    driven by the log-signature of each window, divided by how long it lasts. At `depth` 1 that is
    the increment of each channel, at depth 2 beside it the signed area that each pair of channels
    sweeps, (∫ (a - a0) db - (b - b0) da) / 2 from the window's beginning. The solve stops where a
    window ends and not at each time, and so needs fewer evaluations.
    """

    smooth: ClassVar[bool] = False
    causal: ClassVar[bool] = False

    length: int = eqx.field(static=True)
    counts: bool = eqx.field(static=True, default=False)
    window: int = eqx.field(static=True, default=8)
    depth: int = eqx.field(static=True, default=2)

    def channels(self, size: int, inputs: int = 0) -> int:
        """Those of a path, and one for each pair of them."""
        plain = self.augmented(size, inputs)
        return plain + (plain * (plain - 1) // 2 if self.depth == 2 else 0)

    def through(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T C"],
        mask: Bool[Array, "B T C"],
    ) -> Path:
        """The path of the log-signatures, summed from the start; areas begin at 0."""
        slope, values = straight(t, x, mask)
        moved = self._in_windows(slope * jnp.diff(t, axis=1)[..., None])
        parts = [moved.sum(axis=2)]
        if self.depth == 2:
            parts.append(_areas(moved))
        signature = jnp.concatenate(parts, axis=-1)
        ends = jnp.minimum(jnp.arange(1, moved.shape[1] + 1) * self.window, t.shape[1] - 1)
        knots = jnp.concatenate([t[:, :1], t[:, ends]], axis=1)
        lasts = jnp.diff(knots, axis=1)[..., None]
        rate = jnp.where(lasts > 0, signature / jnp.where(lasts > 0, lasts, 1), 0)
        none = jnp.zeros((x.shape[0], signature.shape[-1] - x.shape[-1]), x.dtype)
        start = jnp.concatenate([values[:, 0], none], axis=-1)[:, None]
        before = jnp.cumsum(signature, axis=1) - signature
        return Path.of(knots, [rate], start + before, t)

    def _in_windows(self, moved: Float[Array, "B pieces C"]) -> Float[Array, "B W N C"]:
        """The increments of each window; nothing moves in what fills the last one up."""
        missing = -moved.shape[1] % self.window
        padded = jnp.pad(moved, ((0, 0), (0, missing), (0, 0)))
        size = padded.shape[1] // self.window
        return padded.reshape(len(padded), size, self.window, moved.shape[-1])


def _areas(moved: Float[Array, "B W N C"]) -> Float[Array, "B W pairs"]:
    """The signed area of each pair of channels in each window, of the increments of its pieces."""
    where = jnp.cumsum(moved, axis=2) - moved
    swept = jnp.einsum("bwna,bwnc->bwac", where, moved)
    first, second = np.triu_indices(moved.shape[-1], k=1)
    return (swept[..., first, second] - swept[..., second, first]) / 2


@register_control("log_ode")
def log_ode(
    length: PositiveInt,
    *,
    counts: bool = False,
    window: PositiveInt = 8,
    depth: Annotated[int, Range(1, 2)] = 2,
) -> LogODE:
    """Log-signatures of windows of a broken line, for long series.

    Args:
        length: times of a series
        counts: whether the numbers of observations so far are channels
        window: pieces between two observations that a window has
        depth: of the log-signature; 1 for increments, 2 for areas beside them
    """
    return LogODE(length, counts, window, depth)
