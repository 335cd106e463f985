"""The log density of a Gaussian with the mean and covariance of the training rows."""

import numpy as np

from ..precision import constant


def gaussian_log_density(
    train: np.ndarray, xs: np.ndarray, quanta: np.ndarray | None = None
) -> np.ndarray | None:
    """log N(x; m, C) of xs [M, ...], [M]; m and C are the mean and covariance of train [N, ...].

    With `quanta`, [in_size] or [1], it is the mean over the noise of dequantisation, which adds
    q²/12 to the variance of a number with levels q apart: exactly, so that nothing is drawn. None
    where C has no full rank.
    """
    flat = train.reshape(len(train), -1)
    added = np.broadcast_to(0.0 if quanta is None else quanta**2 / 12, flat.shape[1:])
    if (constant(flat) & (added == 0)).any():
        return None
    mean, std = flat.mean(axis=0, dtype=np.float64), flat.std(axis=0, dtype=np.float64)
    std = np.sqrt(std**2 + added)
    rows, noise = (flat - mean) / std, added / std**2
    lengths, axes = np.linalg.eigh(rows.T @ rows / len(rows) + np.diag(noise))
    # What varies less than the features are rounded does not vary.
    if lengths[0] <= len(lengths) * np.finfo(flat.dtype).eps:
        return None
    whitened = ((xs.reshape(len(xs), -1) - mean) / std) @ axes / np.sqrt(lengths)
    log_determinant = np.log(2 * np.pi * lengths).sum() + 2 * np.log(std).sum()
    of_noise = ((noise @ axes**2) / lengths).sum()
    return -0.5 * ((whitened**2).sum(axis=1) + of_noise + log_determinant)
