"""What is drawn for a series: by the seed and the series' index alone."""

import numpy as np

DROP, HIDE = range(2)


def drawn_places(places: np.ndarray, count: int, seed: int, purpose: int, index: int) -> np.ndarray:
    """`count` of the places [n] of a series, ascending.

    The order and the number of other series change nothing, nor does padding.

    Args:
        places: among which is drawn.
        count: how many.
        seed: of the data set.
        purpose: `DROP` or `HIDE`, so that the two are drawn independently.
        index: of the series in the data set.
    """
    rng = np.random.default_rng((seed, purpose, index))
    return np.sort(rng.permutation(places)[:count])
