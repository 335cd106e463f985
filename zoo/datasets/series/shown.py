"""Which observed values a model is shown, the others being what it has to find."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import DataError
from ..preparation.padding import seen_places
from .draws import HIDE, drawn_places
from .names import series_name

EDGE = 1e-9
"""Of a horizon, by which times may be off where they are rounded."""


def ends(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The last time [N] at which a series has an observation."""
    seen = seen_places(arrays["mask"])
    last = seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    return arrays["t"][np.arange(len(seen)), last]


def before_horizon(
    arrays: Mapping[str, np.ndarray], horizon: float, ids: Sequence[object] | None
) -> np.ndarray:
    """Which places [N, T] lie before the last `horizon` of each series' observed time.

    Raises `DataError` for a series of which nothing would be shown.
    """
    last = ends(arrays)
    shown = (last[:, None] - arrays["t"]) >= horizon * (1 - EDGE)
    nothing = ~(seen_places(arrays["mask"]) & shown).any(axis=1)
    if nothing.any():
        row = int(np.argmax(nothing))
        lasts = last[row] - arrays["t"][row, 0]
        raise DataError(
            f"The horizon is {horizon:g} and {series_name(ids, row)} lasts {lasts:g}, in the unit "
            "of the times: expected a horizon before which something is observed. Give a shorter "
            "one, or leave the series out."
        )
    return shown


def hidden_by_chance(mask: np.ndarray, shown: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Which places [N, T] stay of those `shown`, once a share of the observed ones is hidden.

    One or more of each series is hidden and one or more stays, where it has two. Which ones follows
    from the seed and the index of the series.
    """
    stays = shown.copy()
    seen = seen_places(mask) & shown
    for index in range(len(seen)):
        places = np.flatnonzero(seen[index])
        count = min(max(round(share * len(places)), 1), len(places) - 1)
        stays[index, drawn_places(places, count, seed, HIDE, index)] = False
    return stays
