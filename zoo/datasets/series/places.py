"""Some places of some series, as arrays that are padded anew."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..spec import ALONG_TIME


def take_places(
    arrays: Mapping[str, np.ndarray], rows: np.ndarray, places: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Arrays of M series, each made of some places of one of the N.

    Args:
        arrays: with `t` [N, T] and `mask` [N, T, D]; what has no axis of times goes along.
        rows: which of the N series each of the M is of.
        places: the places of each, ascending; one or more.
    """
    length = max(map(len, places))
    lengths = np.array([len(each) for each in places])
    index = np.stack([np.pad(each, (0, length - len(each)), mode="edge") for each in places])
    made = {
        name: values[rows[:, None], index] if name in ALONG_TIME else values[rows]
        for name, values in arrays.items()
    }
    padding = np.arange(length) >= lengths[:, None]
    for name in ("mask", "given"):
        if name in made:
            made[name] = made[name] & ~padding[..., None]
    return made
