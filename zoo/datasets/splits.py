"""Which examples are for training, validation and test."""

import math

import numpy as np

from ..errors import ConfigError


def split_around(
    held_out: np.ndarray, labels: np.ndarray | None, split: str, seed: int
) -> list[np.ndarray]:
    """The indices of the three splits where `held_out` marks the test split.

    The others are shared between training and validation as `split` says. Arguments and errors are
    those of `split_indices`; `all` is refused.
    """
    if split == "all":
        raise ConfigError(
            "split = 'all' has no test split, and these data mark one: give 60/20/20."
        )
    rest = np.flatnonzero(~held_out)
    inner = None if labels is None else labels[rest]
    train, val, test = split_indices(inner, len(rest), split, seed)
    # What would have been the test split of the rest is trained on too.
    return [rest[np.concatenate([train, test])], rest[val], np.flatnonzero(held_out)]


def split_indices(labels: np.ndarray | None, count: int, split: str, seed: int) -> list[np.ndarray]:
    """The indices of the three splits, each in random order.

    Args:
        labels: of the examples, whose shares each split keeps; None without classes.
        count: of examples.
        split: percentages such as 60/20/20, or `all`, where every example is in all three.
        seed: decides the order.

    Raises `ConfigError` for a split that cannot be made.
    """
    if split == "all":
        return [np.arange(count)] * 3
    shares = percentages(split)
    rng = np.random.default_rng(seed)
    groups = [np.arange(count)]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    parts: list[list[np.ndarray]] = [[], [], []]
    for group in groups:
        cuts = np.round(np.cumsum(shares[:2]) / 100 * len(group)).astype(int)
        for part, piece in zip(parts, np.split(rng.permutation(group), cuts), strict=True):
            part.append(piece)
    joined = [rng.permutation(np.concatenate(part)) for part in parts]
    if min(map(len, joined)) == 0:
        raise ConfigError(
            f"{count} examples leave a split of {split} empty: give more examples or split='all'."
        )
    return joined


def percentages(split: str) -> np.ndarray:
    """The percentages [3] that a split such as 60/20/20 says.

    Raises `ConfigError` for what says none.
    """
    try:
        shares = np.array([float(part) for part in split.split("/")])
    except ValueError:
        shares = np.array([])
    if shares.shape != (3,) or not (shares > 0).all() or not math.isclose(shares.sum(), 100):
        raise ConfigError(
            f"split = {split!r}: expected three positive percentages that add up to 100, such as "
            "60/20/20, or all."
        )
    return shares
