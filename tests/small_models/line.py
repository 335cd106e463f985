"""A model of series without a parameter of use, and series for it."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.models.series import AbstractSeriesModel


class Line(AbstractSeriesModel):
    """Each channel stays at the first value that is shown, and is less sure of it with time."""

    objectives: ClassVar = zoo.losses.PREDICTION
    bands: bool = True

    def forward(self, xs, *, args=None, solver=None, key=None):
        mean = jnp.broadcast_to(xs.x[:, :1], xs.x.shape)
        deviation = jnp.broadcast_to(0.1 + xs.since_start[..., None], mean.shape)
        told = jnp.stack([mean, deviation], axis=-1) if self.bands else mean
        return told, zoo.Stats.discrete(len(mean), 1)


def waves(count: int = 40, length: int = 12, channels: int = 2) -> zoo.Dataset:
    """Waves at 50 with a deviation of some 7; half are shorter, the end of each is not shown."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(length // 2, length + 1, count)
    t = np.sort(rng.uniform(0, 10, (count, length)), axis=1)
    t = np.where(np.arange(length) < lengths[:, None], t, t[np.arange(count), lengths - 1][:, None])
    phase = np.arange(channels) + rng.uniform(0, 6, (count, 1, 1))
    x = 50 + 10 * np.sin(t[..., None] + phase)
    mask = np.broadcast_to((np.arange(length) < lengths[:, None])[..., None], x.shape)
    given = mask & (np.arange(length) < length // 3)[:, None]
    arrays = {"x": np.where(mask, x, np.nan), "t": t, "mask": mask, "given": given}
    return zoo.make_dataset(zoo.RawData(arrays, ("forecasting",)), name="waves")
