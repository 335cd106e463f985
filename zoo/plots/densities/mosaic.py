"""Images side by side in one array."""

import numpy as np
from jaxtyping import Float


def mosaic(images: Float[np.ndarray, "n H W C"], columns: int) -> Float[np.ndarray, "h w C"]:
    """Images row by row, so many a row, with a line of NaN between them, which is drawn white.

    The last row is filled up with NaN.
    """
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    tiles = np.full((rows * columns, height + 1, width + 1, channels), np.nan)
    tiles[:count, :height, :width] = images
    grid = tiles.reshape(rows, columns, height + 1, width + 1, channels).swapaxes(1, 2)
    joined = grid.reshape(rows * (height + 1), columns * (width + 1), channels)
    return joined[:-1, :-1]
