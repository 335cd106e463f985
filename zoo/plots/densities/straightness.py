"""How straight the paths of a flow are, on which depends how few evaluations a draw needs."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..examples import original
from ..plane import is_planar
from ..states import coordinates
from ..style import BLACK, BLUE, PAGE, VERMILLION, name_axes, new_figure, padded, put_legend, style
from .drawn import Paths, check_count, density_for, is_density, paths_of


def path_straightness(model: AbstractModel, data: Dataset, *, drawn: int = 80) -> Figure:
    """Paths from the base to data, and how much longer they are than the way as the crow flies.

    On the left some paths, from open marks to full ones: in the user's units where there are two
    features, else in two principal components of all states. On the right the histogram of length
    over distance of the ends, both in the model's units: 1 is a straight path, whose end one step
    of Euler finds. The last bar holds the longest 2 % too.

    Args:
        model: a density.
        data: what it was trained on.
        drawn: how many paths are drawn; lengths are those of 1,000, or of 200
            where there are not two features.

    Raises `ConfigError` for another model, and for no path.
    """
    density = density_for(can_draw_paths(model, data), model, data, "paths", "any data")
    check_count("drawn", drawn)
    paths = paths_of(density, data)
    with style():
        figure, (left, right) = new_figure(height=2.7, columns=2, width=PAGE, share=False)
        _draw_paths(left, paths, data, drawn)
        _draw_histogram(right, length_over_distance(paths.states))
        put_legend(figure, left)
    return figure


def can_draw_paths(model: AbstractModel, data: Dataset) -> bool:
    """Whether `path_straightness` fits: a density, of any data."""
    return is_density(model, data)


def length_over_distance(states: Float[np.ndarray, "n T ..."]) -> Float[np.ndarray, " n"]:
    """The length of each path over the distance of its ends: 1 where it is straight.

    NaN where a state is not finite, or the ends are one point.
    """
    flat = states.reshape(*states.shape[:2], -1).astype(np.float64)
    length = np.linalg.norm(np.diff(flat, axis=1), axis=2).sum(axis=1)
    distance = np.linalg.norm(flat[:, -1] - flat[:, 0], axis=1)
    return np.divide(length, distance, out=np.full(len(flat), np.nan), where=distance > 0)


def _draw_paths(axes: Axes, paths: Paths, data: Dataset, drawn: int) -> None:
    if is_planar(data):
        ways, names = paths.shown, ["$x_1$", "$x_2$"]
        behind = original(data, data.train["x"])[:1000]
        axes.scatter(behind[:, 0], behind[:, 1], s=3, color="0.85", linewidths=0, rasterized=True)
    else:
        shown = coordinates(paths.states.reshape(*paths.states.shape[:2], -1))
        ways, names = shown.values, [name.replace("\n", " ") for name in shown.names]
    ways = ways[:drawn, :, :2]
    axes.add_collection(LineCollection(list(ways), colors=BLUE, linewidths=0.6, alpha=0.6))
    axes.scatter(
        ways[:, 0, 0], ways[:, 0, 1], s=7, facecolors="white", edgecolors=BLACK, linewidths=0.5,
        zorder=3, label="base",
    )  # fmt: skip
    ends = ways[:, -1]
    axes.scatter(
        ends[:, 0], ends[:, 1], s=7, color=VERMILLION, linewidths=0, zorder=3, label="draw"
    )
    axes.set(xlim=padded(ways[..., 0], 0.05), ylim=padded(ways[..., 1], 0.05))
    name_axes(axes, names[0], names[1])


def _draw_histogram(axes: Axes, ratios: Float[np.ndarray, " n"]) -> None:
    known = ratios[np.isfinite(ratios)]
    median = float(np.median(known)) if known.size else np.nan
    # A path whose ends nearly meet is many times as long as their distance.
    most = float(np.quantile(known, 0.98)) if known.size else 2.0
    edges = np.linspace(1.0, max(most, 1.05), 31)
    axes.hist(np.minimum(known, edges[-1]), edges.tolist(), color=BLUE, alpha=0.7)
    axes.axvline(median, color=VERMILLION, linewidth=1)
    axes.set_title(f"median {median:.2f}", fontsize=9, color=VERMILLION)
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    name_axes(axes, "path length / distance of its ends", f"paths of {len(known)}")
