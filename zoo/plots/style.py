"""The one look of all figures: a column's width, colours that the colour-blind can tell apart."""

from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..errors import ConfigError, OutputError

WIDTH = 3.5
"""Inches; a column of a journal, so that fonts are printed in the size that they have here."""
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


def new_figure(rows: int = 1, height: float = 2.4) -> tuple[Figure, list[Axes]]:
    """An empty figure, a column wide, and its `rows` axes one above the other, sharing x."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, 1, sharex=True, squeeze=False)
    return figure, list(grid[:, 0])


def name_axes(axes: Axes, x: str, y: str) -> None:
    """Name both axes, and keep the ticks' size whatever style is on when the figure is shown."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.tick_params(labelsize=8)


def put_legend(figure: Figure, axes: Axes) -> None:
    """A legend above the axes, where it covers no data, in as many columns as fit."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=_columns(labels))


def _columns(labels: list[str]) -> int:
    """As many as a page's column holds: about 56 letters, a handle being as wide as 6."""
    for rows in range(1, len(labels) + 1):
        columns = [labels[i : i + rows] for i in range(0, len(labels), rows)]
        if sum(max(map(len, column)) + 6 for column in columns) <= 56:
            return len(columns)
    return 1


def padded(values: np.ndarray, share: float) -> tuple[float, float]:
    """The range of the finite values, widened by a share of its span on each side.

    Where there is no span, one unit on each side; where no value is finite, [0, 1].
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = share * (high - low) or 1.0
    return low - margin, high + margin


def save_figure(figure: Figure, path: str | PathLike[str]) -> Path:
    """Write a figure as the png, svg or pdf that its path's suffix says, and return the path.

    The folder is made where there is none. Equal figures give equal files.

    Args:
        figure: any Matplotlib figure.
        path: where to; what is there is replaced.

    Raises `ConfigError` for another suffix, `OutputError` where the file cannot be written.
    """
    path = Path(path)
    check_format(path.suffix.removeprefix("."))
    # The date would make every file differ.
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(path.suffix[1:])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with style():
            figure.savefig(path, dpi=200, bbox_inches="tight", pad_inches=0.03, metadata=metadata)
    except OSError as error:
        raise OutputError(f"The figure {path} cannot be written: {error}.") from error
    return path


def check_format(name: str) -> None:
    """Raises `ConfigError` where a figure cannot be written in a format of this name."""
    if name not in FORMATS:
        raise ConfigError(f"Figure format {name!r}: expected one of {', '.join(FORMATS)}.")
