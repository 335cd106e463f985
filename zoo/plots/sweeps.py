"""What sweeps say: error against tolerance and cost, compute by two levers, stiffness, effort."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .style import BLACK, BLUE, ORANGE, VERMILLION, new_figure, put_legend, scale_log, style

Rows = Sequence[Mapping[str, Any]]
_GREEN = "#009E73"
_PINK = "#CC79A7"
_COLOURS = (BLUE, VERMILLION, _GREEN, ORANGE, _PINK)
_MARKS = ("o", "s", "^", "D", "v")


def sweep_figures(rows: Mapping[str, Rows]) -> dict[str, Figure]:
    """A figure for each kind of sweep, by name; `rows` are those of `zoo.sweep`, by kind."""
    drawings = {
        "tolerance": tolerance_figure,
        "compute": compute_figure,
        "stiffness": stiffness_figure,
        "effort": effort_figure,
    }
    return {f"sweep-{kind}": draw(rows[kind]) for kind, draw in drawings.items() if rows.get(kind)}


def tolerance_figure(rows: Rows) -> Figure:
    """Achieved against requested error, and error against evaluations, by solver.

    Examples each with their own steps where there are such rows. Above the diagonal the error at
    the end is larger than what was asked for.
    """
    each = [row for row in rows if row["batching"] == "per-sample"] or list(rows)
    with style():
        figure, (asked, cost) = new_figure(columns=2, width=7.0, height=2.9, share=False)
        looks = zip(cycle(_COLOURS), cycle(_MARKS), strict=False)
        for method, (colour, mark) in zip(_names(each, "method"), looks, strict=False):
            mine = [row for row in each if row["method"] == method]
            look: dict[str, Any] = {
                "color": colour,
                "marker": mark,
                "markersize": 3.5,
                "linewidth": 1.0,
            }
            error = _column(mine, "achieved")
            asked.plot(_column(mine, "rtol"), error, label=method, **look)
            cost.plot(_column(mine, "nfe"), error, **look)
        tolerances = np.unique(_column(each, "rtol"))
        asked.plot(tolerances, tolerances, color=BLACK, linewidth=0.8, linestyle=":", label="asked")
        for axes, name in ((asked, "rtol = atol, asked for"), (cost, "evaluations of an example")):
            axes.set(xlabel=name, ylabel="error at the end, achieved")
            axes.set(xscale="log", yscale="log")
        asked.invert_xaxis()
        put_legend(figure, asked)
    return figure


def compute_figure(rows: Rows) -> Figure:
    """The test figure of one trained net against multiply-adds, by tolerance and by pruning."""
    name = "accuracy" if "accuracy" in rows[0] else "rmse" if "rmse" in rows[0] else "loss"
    with style():
        figure, (axes,) = new_figure(height=2.6)
        for by, colour, mark in (("tolerance", BLUE, "o"), ("pruning", VERMILLION, "s")):
            mine = [row for row in rows if row["by"] == by and row.get("multiply_adds")]
            x, y = _column(mine, "multiply_adds"), _column(mine, name)
            look: dict[str, Any] = {
                "color": colour,
                "marker": mark,
                "markersize": 3.5,
                "linewidth": 1.0,
            }
            axes.plot(x, y, label=f"by {by}", **look)
        axes.set(xlabel="multiply-adds of an example", ylabel=f"{name}, test")
        scale_log(axes.xaxis, _column(rows, "multiply_adds"))
        put_legend(figure, axes)
    return figure


def stiffness_figure(rows: Rows) -> Figure:
    """Attempted steps against the knob of the stiff test problem, by solver."""
    with style():
        figure, (axes,) = new_figure(height=2.6)
        looks = zip(cycle(_COLOURS), cycle(_MARKS), strict=False)
        for method, (colour, mark) in zip(_names(rows, "method"), looks, strict=False):
            mine = [r for r in rows if r["method"] == method]
            solved = [r for r in mine if r["outcome"] == "success"]
            look: dict[str, Any] = {
                "color": colour,
                "marker": mark,
                "markersize": 3.5,
                "linewidth": 1.0,
            }
            axes.plot(_column(solved, "knob"), _column(solved, "steps"), label=method, **look)
        axes.set(xscale="log", yscale="log", xlabel="$\\lambda$ in $y' = \\lambda(\\cos t - y)$")
        axes.set(ylabel="attempted steps")
        put_legend(figure, axes)
    return figure


def effort_figure(rows: Rows) -> Figure:
    """Evaluations of each example against how sure the net is of it, or its loss."""
    name = "margin" if "margin" in rows[0] else "loss"
    with style():
        figure, (axes,) = new_figure(height=2.6)
        nfe = _column(rows, "nfe")
        # Counts come in few values: without a little noise the points would hide each other.
        noise = np.random.default_rng(0).uniform(-0.9, 0.9, len(nfe))
        axes.scatter(_column(rows, name), nfe + noise, s=5, color=BLUE, alpha=0.5, linewidths=0)
        label = "margin: likeliest class less the next" if name == "margin" else "loss"
        axes.set(xlabel=label, ylabel="evaluations, ± noise to see them")
    return figure


def _names(rows: Rows, key: str) -> list[str]:
    return list(dict.fromkeys(str(row[key]) for row in rows))


def _column(rows: Rows, key: str) -> np.ndarray:
    values = [row.get(key) for row in rows]
    return np.array([np.nan if value is None else value for value in values], float)
