"""A part of large data, in which every class keeps its share."""

import numpy as np

from ...errors import ConfigError


def stratified(labels: np.ndarray, n: int | None, seed: int, option: str) -> np.ndarray:
    """The indices of n examples in order, as many of each class as its share; all for None.

    Args:
        labels: of all examples.
        n: how many to take.
        seed: decides which of a class.
        option: what `n` is called, for the words of an error.

    Raises `ConfigError` for more than there are, and for fewer than one of each class.
    """
    count, (names, sizes) = len(labels), np.unique(labels, return_counts=True)
    if n is None:
        return np.arange(count)
    if not len(names) <= n <= count:
        raise ConfigError(
            f"{option} = {n}: expected {len(names)}, one of each class, to {count}, which is all."
        )
    exact = sizes * n / count
    shares = np.maximum(exact.astype(int), 1)
    while shares.sum() < n:  # the rest goes to the classes that lack most
        shares[np.argmax(np.where(shares < sizes, exact - shares, -np.inf))] += 1
    while shares.sum() > n:
        shares[np.argmax(np.where(shares > 1, shares - exact, -np.inf))] -= 1
    rng = np.random.default_rng(seed)
    taken = [
        rng.permutation(np.flatnonzero(labels == name))[:share]
        for name, share in zip(names, shares, strict=True)
    ]
    return np.sort(np.concatenate(taken))
