"""Bodies of unit mass in the plane that attract each other, with G = 1."""

import numpy as np


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 4 B] of the positions and velocities [N, 4 B] of B bodies.

    The first half are positions x1, y1, x2, ..., the second half velocities in the same order.
    """
    half = y.shape[1] // 2
    apart = _differences(y[:, :half])
    distance = np.linalg.norm(apart, axis=-1, keepdims=True)
    pulls = -apart / np.where(distance > 0, distance, np.inf) ** 3
    return np.concatenate([y[:, half:], pulls.sum(axis=2).reshape(len(y), half)], axis=1)


def energy(x: np.ndarray) -> np.ndarray:
    """Half the squared speeds less one over each distance, [...] of states [..., 4 B]."""
    half = x.shape[-1] // 2
    distance = np.linalg.norm(_differences(x[..., :half]), axis=-1)
    one, other = np.triu_indices(half // 2, 1)
    potential = -np.sum(1 / distance[..., one, other], axis=-1)
    return np.asarray(0.5 * np.sum(x[..., half:] ** 2, axis=-1) + potential)


def planar_channels(bodies: int) -> tuple[str, ...]:
    """The names of the entries of a state: x_1, y_1, ... and vx_1, vy_1, ..."""
    numbers = range(1, bodies + 1)
    places = [f"{axis}_{number}" for number in numbers for axis in ("x", "y")]
    return (*places, *(f"v{name}" for name in places))


def _differences(places: np.ndarray) -> np.ndarray:
    """Position of a body less that of each other, [..., B, B, 2] of positions [..., 2 B]."""
    each = places.reshape(*places.shape[:-1], -1, 2)
    return np.asarray(each[..., :, None, :] - each[..., None, :, :])
