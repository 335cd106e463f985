"""The one look of all figures: a column's width, colours that the colour-blind can tell apart."""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from ..checkpoint import write_atomically
from ..datasets.scale import constant
from ..errors import ConfigError

WIDTH = 3.5
"""Inches; a column of a journal, so that fonts are printed in the size that they have here."""
PAGE = 7.0
"""Inches; both columns of its page."""
FORMATS = ("png", "svg", "pdf")

BLACK = "#000000"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
YELLOW = "#F0E442"
# Okabe & Ito 2008, without the black; yellow last, since it is faint as a line.
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW)
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
# Eight shapes to seven colours: no two of 56 classes share both.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 8,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.columnspacing": 1.2,
    "axes.linewidth": 0.6,
    "axes.grid": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    # TrueType, which journals ask for, and element names that do not change from run to run.
    "pdf.fonttype": 42,
    "svg.hashsalt": "zoo",
}


def style() -> AbstractContextManager[None]:
    """A context in which every figure of the zoo is drawn and saved."""
    # Matplotlib's defaults first: what a user's matplotlibrc says would mix with ours.
    return matplotlib.style.context(["default", _SETTINGS])


def new_figure(
    rows: int = 1,
    height: float = 2.4,
    *,
    columns: int = 1,
    width: float = WIDTH,
    share: bool = True,
) -> tuple[Figure, list[Axes]]:
    """An empty figure and its `rows` times `columns` axes, row by row.

    With `share`, axes one above the other have x in common, and those side by side y.
    """
    figure = empty_figure(width, height)
    shared: Any = {"sharex": "col", "sharey": "row"} if share else {}
    grid = figure.subplots(rows, columns, squeeze=False, **shared)
    return figure, list(grid.flat)


def empty_figure(width: float, height: float) -> Figure:
    """A figure without axes, on the Agg canvas."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def name_axes(axes: Axes, x: str, y: str) -> None:
    """Name both axes, and keep the ticks' size whatever style is on when the figure is shown."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.tick_params(labelsize=8)


def put_legend(figure: Figure, axes: Axes) -> None:
    """A legend above the axes, where it covers no data, in as many columns as fit."""
    place_legend(figure, axes.get_legend_handles_labels()[0])


def place_legend(figure: Figure, handles: Sequence[Artist | Container]) -> None:
    """A legend above all axes, each handle by its own label."""
    columns = _columns([str(handle.get_label()) for handle in handles], 16 * figure.get_figwidth())
    legend = figure.legend(handles=handles, loc="outside upper center", ncols=columns)
    for handle in legend.legend_handles:
        # The points of many examples are too small to tell their shape.
        if isinstance(handle, PathCollection):
            handle.set_sizes([16])


def _columns(labels: list[str], letters: float) -> int:
    """As many as so many letters make room for, a handle being as wide as 6."""
    for rows in range(1, len(labels) + 1):
        columns = [labels[i : i + rows] for i in range(0, len(labels), rows)]
        if sum(max(map(len, column)) + 6 for column in columns) <= letters:
            return len(columns)
    return 1


def scale_log(axis: Axis, values: np.ndarray) -> None:
    """A logarithmic axis for positive values that span a factor of 5 or more.

    Over less, both scales look alike and the linear one has better ticks. Ticks are at 1, 2 and 5
    below a factor of 30, and at 1 and 3 below 1,000.
    """
    known = values[np.isfinite(values) & (values > 0)]
    span = known.max() / known.min() if known.size else 1.0
    if span < 5:
        return
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})  # type: ignore[attr-defined]
    axis.set_minor_formatter(NullFormatter())
    if span < 1000:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 30 else (1, 3)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))


def _short(value: float) -> str:
    """A number with one digit: 0.02, 50, and 3×10⁵ where it would be long."""
    if 1e-3 <= value < 1e4:
        return f"{value:g}"
    power = int(np.floor(np.log10(value) + 1e-9))
    digit = round(value / 10.0**power)
    return f"$10^{{{power}}}$" if digit == 1 else f"${digit}{{\\times}}10^{{{power}}}$"


def put_bar(axes: Axes, shown: ScalarMappable, label: str, place: int = 0, **look: Any) -> None:
    """A bar of colours as high as the axes, on their right; further right with a later place."""
    figure: Any = axes.figure
    # Across in inches from the right edge, up in parts of the height, whatever the layout does.
    edge = ScaledTranslation(1, 0, axes.transAxes)  # type: ignore[arg-type]
    inches = figure.dpi_scale_trans + edge
    where = blended_transform_factory(inches, axes.transAxes)
    beside = axes.inset_axes((0.1 + 0.62 * place, 0.0, 0.12, 1.0), transform=where)
    bar = figure.colorbar(shown, cax=beside, **look)
    bar.set_label(label)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)


def padded(values: np.ndarray, share: float) -> tuple[float, float]:
    """The range of the finite values, widened by a share of its span on each side.

    Where there is no span but rounding, one unit on each side; where no value is finite, [0, 1].
    """
    values = np.asarray(values)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = 1.0 if constant(values[:, None]).item() else share * (high - low)
    return low - margin, high + margin


def save_figure(figure: Figure, path: str | PathLike[str]) -> Path:
    """Write a figure as the png, svg or pdf that its path's suffix says, and return the path.

    It is written whole or not at all, into a folder that is made where there is none. A figure that
    is drawn anew gives the same file, byte by byte.

    Args:
        figure: any Matplotlib figure.
        path: where to; what is there is replaced.

    Raises `ConfigError` for another suffix, `OutputError` where the file cannot be written.
    """
    path = Path(path)
    check_format(path.suffix.removeprefix("."))
    # The date would make every file differ.
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(path.suffix[1:])
    drawn = io.BytesIO()
    look: Any = {"dpi": 200, "bbox_inches": "tight", "pad_inches": 0.03, "metadata": metadata}
    with style():
        figure.savefig(drawn, format=path.suffix[1:], **look)
    write_atomically(path, drawn.getvalue())
    return path


def check_format(name: str) -> None:
    """Raises `ConfigError` where a figure cannot be written in a format of this name."""
    if name not in FORMATS:
        raise ConfigError(f"Figure format {name!r}: expected one of {', '.join(FORMATS)}.")
