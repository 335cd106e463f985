"""Series whose paths are known: a damped rotation, observed at times of their own."""

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.dynamics import AbstractDynamics

TURN = np.array([[-0.2, -5.0], [5.0, -0.2]])


class Rotation(AbstractDynamics):
    """dy/dt = A y, scaled by `speed`, which can be trained."""

    speed: object = 1.0

    def __call__(self, t, y, args):
        return self.speed * jnp.asarray(TURN, y.dtype) @ y


def rotated(since: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The exact paths [N, T, 2] of starts [N, 2] after times [N, T]."""
    turn = np.exp((-0.2 + 5j) * since) * (start[:, :1] + 1j * start[:, 1:])
    return np.stack([turn.real, turn.imag], axis=-1)


def turning(count: int = 6, length: int = 9, span: float = 1.0, seed: int = 0) -> dict:
    """Arrays by name: exact rotations from times of their own, half of them shorter."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, span, (count, length)), axis=1) + rng.uniform(3, 5, (count, 1))
    lengths = np.where(np.arange(count) % 2, length, length - 3)
    real = np.arange(length) < lengths[:, None]
    t = np.where(real, t, t[np.arange(count), lengths - 1][:, None])
    angle = rng.uniform(0, 6, count)
    x = rotated(t - t[:, :1], np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    mask = np.broadcast_to(real[..., None], x.shape)
    arrays = {"t": t, "x": x, "mask": mask}
    return {n: a.astype(bool if n == "mask" else np.float32) for n, a in arrays.items()}


def turning_data(task: str = "trajectory", **options) -> zoo.Dataset:
    """As a data set, as it is."""
    raw = zoo.RawData(turning(**options), (task,), kind="series")
    return zoo.make_dataset(raw, standardise=False)


def padded(batch: dict, more: int) -> dict:
    """A batch with the last time repeated, and anything in the place of values."""
    wide = {n: np.concatenate([a, np.repeat(a[:, -1:], more, axis=1)], 1) for n, a in batch.items()}
    wide["mask"] = np.concatenate([batch["mask"], np.zeros_like(wide["mask"][:, -more:])], axis=1)
    wide["x"] = np.where(wide["mask"], wide["x"], np.nan)
    return wide
