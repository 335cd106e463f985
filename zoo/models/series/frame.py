"""What a net of series is told of each beside its values, and what its paths are added to."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .batch import Series
from .own_scale import OwnScale
from .seasonal import rise, season_before


class Framed(eqx.Module):
    """Series as a net sees them, and the way back."""

    xs: Series
    before: Float[Array, "B T D"] | None
    """The seasonal naive forecast; None without a season."""
    scale: OwnScale | None
    """By what the values were scaled; None where they were not."""

    @property
    def known(self) -> list[Float[Array, "B T D"]]:
        """What is told of each time: the value a season before, and the rise of the last season."""
        return [] if self.before is None else [self.before, rise(self.xs, self.before)]

    def paths(self, ys: Float[Array, "B T D 2"]) -> Float[Array, "B T D 2"]:
        """Means and deviations in standardised units of what the net says at every time."""
        if self.before is not None:
            ys = jnp.stack([ys[..., 0] + self.before, ys[..., 1]], axis=-1)
        return ys if self.scale is None else self.scale.paths(ys)


class Frame(eqx.Module):
    """How a net sees series.

    With a `season` the net is told the seasonal naive forecast of each time and by how much the
    last value shown is above the one a season before it, and what it says of a path is added to
    that forecast: a net that says 0 is the seasonal naive. With `own_scale` it sees each series by
    the mean and deviation of the values shown, see `OwnScale`. Nothing that is hidden is used.
    """

    season: float | None = eqx.field(static=True, default=None)
    """How long a season lasts, as a share of the longest training series; None for no season."""
    own_scale: bool = eqx.field(static=True, default=False)
    """Whether each series is seen by its own scale."""

    def __call__(self, xs: Series) -> Framed:
        """The series as the net sees them."""
        scale = OwnScale.of(xs) if self.own_scale else None
        xs = xs if scale is None else scale.apply(xs)
        before = None if self.season is None else season_before(xs, self.season)
        return Framed(xs, before, scale)


def frame_for(season: float | None, own_scale: bool | None) -> Frame | None:
    """The frame of a builder's options; None where they ask for nothing.

    A net without one has the same parts as before there were frames, and takes its weights.
    """
    return None if season is None and not own_scale else Frame(season, bool(own_scale))


def framed_by(frame: Frame | None, xs: Series) -> Framed:
    """The series as a net with this frame sees them; as they are without one."""
    return Framed(xs, None, None) if frame is None else frame(xs)


def known_size(frame: Frame | None, channels: int) -> int:
    """How many numbers a frame tells of each time beside the values."""
    return 0 if frame is None or frame.season is None else 2 * channels
