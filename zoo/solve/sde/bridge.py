"""A Brownian path on [0, 1] by halves: W(1) first, then the middle of each half, and so on.

Lévy's construction. Each node of the tree of halves has a number, as in a binary heap: 0 is the
whole interval, 1 its middle, 2 and 3 the middles of its halves; node 2^l + i halves the i-th of 2^l
cells. The draw of a node follows from the path's words and the node's number alone, so that a
finer grid sees the same path, and a draw may be made anew where it is needed.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32
from jaxtyping import Array, Float, PRNGKeyArray, Shaped, UInt32

from ...types import Keys

RESOLUTION = 10
"""Down to cells of 2^-10 of the interval, grids that are no power of two agree with all others."""
_AT_ONCE = 8
"""At most so many levels of halves are summed by one product with a matrix."""


def words_of(key: PRNGKeyArray | Keys, batch_size: int) -> UInt32[Array, "B 2"]:
    """What fixes each example's path, from one key [] and its index, or from keys of their own [B].

    Two words of 32 bits, whatever the kind of the key.
    """
    if key.ndim == 0:
        key = jax.vmap(jax.random.fold_in, (None, 0))(key, jnp.arange(batch_size))
    return jax.vmap(lambda own: jax.random.bits(own, (2,), jnp.uint32))(key)


def normals(
    words: UInt32[Array, " 2"], nodes: Shaped[Array | np.ndarray, " K"], size: int, dtype: np.dtype
) -> Float[Array, "size K"]:
    """Standard normal numbers of one example's nodes, `size` a node.

    Threefry (Salmon et al. 2011) of the node's number, with both of its words in use, which takes
    two thirds of the time of `jax.random.normal`. The same path, to rounding, in float32 and in
    float64.
    """
    half = -(-size // 2)
    pair = jnp.arange(half, dtype=jnp.uint32)[:, None]
    counts = jnp.stack(jnp.broadcast_arrays(jnp.asarray(nodes, jnp.uint32), pair))
    bits = threefry_2x32((words[0], words[1]), counts).reshape(2 * half, -1)[:size]
    # The middle of one of 2^32 equal parts of (-1, 1); float32 would round the outermost to ±1.
    uniform = (jax.lax.bitcast_convert_type(bits, jnp.int32).astype(dtype) + 0.5) * 2.0**-31
    edge = 1 - float(jnp.finfo(dtype).epsneg)
    return np.sqrt(2).astype(dtype) * jax.lax.erf_inv(jnp.clip(uniform, -edge, edge))


def halves(
    whole: Float[Array, "..."], draw: Float[Array, "..."], level: int
) -> tuple[Array, Array]:
    """The increments over both halves of a cell of length 2^-level, given that over the cell."""
    first = 0.5 * whole + 0.5 * 2.0 ** (-level / 2) * draw
    return first, whole - first


def increments(
    words: UInt32[Array, "B 2"], steps: int, size: int, dtype: np.dtype
) -> Float[Array, "B size steps"]:
    """The path's increments over `steps` equal parts of [0, 1], of `size` motions an example.

    Another number of steps sees the same path: W at k/n is the same number for all n, to rounding,
    as long as n is a power of two or at most 2^10. Powers of two cost one draw a step, others up
    to twelve.
    """
    levels = (steps - 1).bit_length()
    cells = _over_cells(words, levels, size, dtype)
    if steps == 2**levels:
        return cells
    inside = _between_cells(words, cells, steps)
    nothing, end = jnp.zeros_like(cells[..., :1]), cells.sum(axis=-1, keepdims=True)
    return jnp.diff(jnp.concatenate([nothing, inside, end], axis=-1))


def _draws(words: UInt32[Array, "B 2"], nodes: np.ndarray, size: int, dtype: np.dtype) -> Array:
    """[B, size, *nodes]."""
    draws = jax.vmap(lambda own: normals(own, nodes.reshape(-1), size, dtype))(words)
    return draws.reshape(len(words), size, *nodes.shape)


def _over_cells(words: UInt32[Array, "B 2"], levels: int, size: int, dtype: np.dtype) -> Array:
    """The increments over 2^levels cells, [B, size, 2^levels]."""
    cells = _draws(words, np.arange(1), size, dtype)
    level = 0
    for pieces in range(-(-levels // _AT_ONCE), 0, -1):
        more = -(-(levels - level) // pieces)
        below, matrix = _below(level, more), _synthesis(more) * 2.0 ** (-level / 2)
        deviations = jnp.einsum(
            "bsci,ki->bsck",
            _draws(words, below, size, dtype),
            matrix.astype(dtype),
            precision=jax.lax.Precision.HIGHEST,
        )
        cells = (cells[..., None] / 2**more + deviations).reshape(len(words), size, -1)
        level += more
    return cells


def _below(level: int, more: int) -> np.ndarray:
    """The nodes that halve each of 2^level cells `more` times, [2^level, 2^more - 1]."""
    roots = 2**level + np.arange(2**level)[:, None]
    return np.concatenate([roots * 2**i + np.arange(2**i) for i in range(more)], axis=1)


def _synthesis(levels: int) -> np.ndarray:
    """From the draws of a cell of length 1 to the increments of its parts, less their mean."""
    parts = np.zeros((1, 2**levels - 1))
    for level in range(levels):
        draws = np.eye(2**levels - 1)[2**level - 1 : 2 ** (level + 1) - 1]
        deviation = 0.5 * 2.0 ** (-level / 2) * draws
        both = parts / 2 + deviation, parts / 2 - deviation
        parts = np.stack(both, axis=1).reshape(-1, 2**levels - 1)
    return parts


def _between_cells(words: UInt32[Array, "B 2"], cells: Array, steps: int) -> Array:
    """W at k/steps, 0 < k < steps, from the increments over cells no longer than a step.

    No cell has two such points inside. Each goes down, in whole numbers, to a cell of the path's
    resolution, and lies between its ends as the law of the bridge has it.
    """
    size, count = cells.shape[1:]
    levels = count.bit_length() - 1
    depth = max(levels, RESOLUTION)
    place = np.arange(1, steps, dtype=np.int64) << np.arange(levels, depth + 1)[:, None]
    cell, share = place // steps, place % steps / steps  # of each level: which, and where in it
    nodes = 2 ** np.arange(levels, depth + 1)[:, None] + cell
    weights = _weights(share, levels).astype(cells.dtype)
    deviations = jnp.sum(weights * _draws(words, nodes, size, cells.dtype), axis=-2)
    starts = (jnp.cumsum(cells, axis=-1) - cells)[..., cell[0]]
    return starts + share[0].astype(cells.dtype) * cells[..., cell[0]] + deviations


def _weights(share: np.ndarray, levels: int) -> np.ndarray:
    """How far the draw of each cell that holds a point moves it from the line, [levels, points].

    `share` is where the point is in its cells, from those of length 2^-levels down.
    """
    # The middle moves by half a deviation, and the line to it and from it with it.
    tent = 2 * np.minimum(share, 1 - share)
    tent[-1] = 2 * np.sqrt(share[-1] * (1 - share[-1]))  # on the last there is no cell below
    lengths = 2.0 ** -np.arange(levels, levels + len(share))[:, None]
    return 0.5 * np.sqrt(lengths) * tent
