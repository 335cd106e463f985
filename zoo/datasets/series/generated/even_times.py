"""The grid of random paths: one for all."""

import numpy as np


def even_times(length: int, duration: float) -> np.ndarray:
    """`length` times [T], equally far apart from 0 to the `duration`."""
    return np.linspace(0.0, duration, length)


def on_grid(t: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of paths x [N, T] of one channel at times t [T]."""
    return {"t": np.broadcast_to(t, x.shape), "x": x[..., None]}
