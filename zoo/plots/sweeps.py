"""What sweeps say: error against tolerance, cost and time, two levers, gradients, effort."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from .compression import compression_figure
from .density_cost import density_cost_figure
from .failures import attempt_all
from .rows import Rows, column, groups, line, metric_of
from .style import (
    BLACK,
    BLUE,
    PAGE,
    WIDTH,
    name_axes,
    new_figure,
    padded,
    put_legend,
    scale_log,
    style,
)

_ERROR = "error at the end, achieved"


def sweep_figures(rows: Mapping[str, Rows]) -> dict[str, Figure]:
    """Every figure of a sweep, as `sweep-` and its kind; `rows` by kind are those of a sweep.

    What a row lacks, or has as None, is a point that is not drawn. A figure without a point is
    left out, and one that cannot be drawn is too, with a warning.

    - `tolerance`, from rows of `method`, `batching`, `rtol`, `nfe`, `achieved`, `failed`; and
      `time`, from the same with `seconds`;
    - `adjoint`: `adjoint`, `gradient_error`, `bytes`, `seconds`;
    - `compute`: `by`, `multiply_adds` and the `metric` of a task, or `loss`;
    - `compression`: `by`, `bytes_read` or `weight_bytes`, `rtol`, `sparsity`, `bits`, and the
      `metric` of a task, or `loss`;
    - `stiffness`: `method`, `knob`, `steps`, `outcome`;
    - `effort`: `nfe`, and `margin` or `loss`;
    - `likelihood`: `by`, `nfe`, `nfe_sample`, `sliced_w2` and the `metric` of a task.
    """
    kinds: dict[str, tuple[str, Callable[[Rows], Figure], tuple[str, ...]]] = {
        "tolerance": ("tolerance", tolerance_figure, ("rtol", "nfe", "achieved")),
        "time": ("tolerance", time_figure, ("achieved", "seconds")),
        "adjoint": ("adjoint", adjoint_figure, ("gradient_error", "bytes", "seconds")),
        "compute": ("compute", compute_figure, ("multiply_adds",)),
        "compression": ("compression", compression_figure, ("weight_bytes",)),
        "stiffness": ("stiffness", stiffness_figure, ("knob", "steps")),
        "effort": ("effort", effort_figure, ("nfe",)),
        "likelihood": ("likelihood", density_cost_figure, ("nfe", "sliced_w2")),
    }
    fitting = {
        f"sweep-{name}": partial(draw, rows[kind])
        for name, (kind, draw, columns) in kinds.items()
        if all(np.isfinite(column(rows.get(kind, ()), each)).any() for each in columns)
    }
    return attempt_all("drawn", fitting)


def tolerance_figure(rows: Rows) -> Figure:
    """Achieved against requested error, and error against evaluations, by solver.

    Each example with its own steps, where there are such rows. Above the dotted line the error at
    the end is larger than what was asked for. Where an example failed, the others' mean would be
    no error of the whole, and there is no point.
    """
    solved = _solved(rows)
    mine = [row for row in solved if row.get("batching") == "per-sample"] or solved
    with style():
        figure, (asked, cost) = new_figure(columns=2, width=PAGE, height=2.9, share=False)
        for i, (method, group) in enumerate(groups(mine, "method").items()):
            line(asked, group, "rtol", "achieved", i, label=method)
            line(cost, group, "nfe", "achieved", i)
        ends = np.array([np.nanmin(column(mine, "rtol")), np.nanmax(column(mine, "rtol"))])
        asked.plot(ends, ends, color=BLACK, linewidth=0.8, linestyle=":", label="as asked for")
        name_axes(asked, "rtol = atol, asked for", _ERROR)
        name_axes(cost, "evaluations of an example", _ERROR)
        for axes, name in ((asked, "rtol"), (cost, "nfe")):
            scale_log(axes.xaxis, column(mine, name))
            scale_log(axes.yaxis, column(mine, "achieved"))
        asked.xaxis.set_minor_locator(NullLocator())
        asked.invert_xaxis()
        put_legend(figure, asked)
    return figure


def time_figure(rows: Rows) -> Figure:
    """Error against the time of a batch, by solver, a panel for each batching."""
    solved = _solved(rows)
    batchings = groups(solved, "batching")
    methods = list(groups(solved, "method"))
    with style():
        count = len(batchings)
        width = WIDTH if count == 1 else PAGE
        figure, panels = new_figure(columns=count, width=width, height=2.9)
        for axes, (batching, group) in zip(panels, batchings.items(), strict=True):
            for method, mine in groups(group, "method").items():
                line(axes, mine, "seconds", "achieved", methods.index(method), label=method)
            name_axes(axes, "seconds of a batch", _ERROR if axes is panels[0] else "")
            axes.set_title(batching, fontsize=9)
            scale_log(axes.xaxis, column(solved, "seconds"))
            scale_log(axes.yaxis, column(solved, "achieved"))
            axes.set_xlim(*_decades(column(solved, "seconds")))
        put_legend(figure, panels[0])
    return figure


def adjoint_figure(rows: Rows) -> Figure:
    """Error, memory and time of the gradient, a line for each adjoint."""
    names = [str(row.get("adjoint")) for row in rows]
    columns = {
        "gradient_error": "relative error of the gradient",
        "bytes": "memory in bytes",
        "seconds": "seconds of a gradient",
    }
    with style():
        height = 0.8 + 0.22 * len(names)
        figure, panels = new_figure(columns=3, width=PAGE, height=height)
        for axes, (name, label) in zip(panels, columns.items(), strict=True):
            axes.plot(column(rows, name), np.arange(len(names)), "o", color=BLUE, markersize=4)
            name_axes(axes, label, "adjoint" if axes is panels[0] else "")
            axes.set_yticks(np.arange(len(names)), names)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.grid(axis="y", color="0.9", linewidth=0.6)
            scale_log(axes.xaxis, column(rows, name))
            axes.margins(x=0.1)
    return figure


def compute_figure(rows: Rows) -> Figure:
    """The test metric of one trained net against multiply-adds, by tolerance and by pruning."""
    metric, _ = metric_of(rows)
    with style():
        figure, (axes,) = new_figure(height=2.6)
        for i, (by, group) in enumerate(groups(rows, "by").items()):
            line(axes, group, "multiply_adds", metric, i, label=f"by {by}")
        name_axes(axes, "multiply-adds of an example", f"{metric}, test")
        scale_log(axes.xaxis, column(rows, "multiply_adds"))
        put_legend(figure, axes)
    return figure


def stiffness_figure(rows: Rows) -> Figure:
    """Attempted steps against the knob of the stiff test problem, by solver.

    A cross is a solve that failed after so many.
    """
    with style():
        figure, (axes,) = new_figure(height=2.6)
        label: str | None = "failed"
        for i, (method, group) in enumerate(groups(rows, "method").items()):
            ok = [row for row in group if row.get("outcome", "success") == "success"]
            bad = [row for row in group if row.get("outcome", "success") != "success"]
            line(axes, ok, "knob", "steps", i, label=method)
            if bad:
                line(axes, bad, "knob", "steps", i, marker="x", markersize=5, linestyle="none")
                axes.plot([], [], "x", color=BLACK, markersize=5, label=label)
                label = None
        name_axes(axes, "$\\lambda$ in $y' = \\lambda(\\cos t - y)$", "attempted steps")
        scale_log(axes.xaxis, column(rows, "knob"))
        scale_log(axes.yaxis, column(rows, "steps"))
        put_legend(figure, axes)
    return figure


def effort_figure(rows: Rows) -> Figure:
    """Evaluations of each example against how sure the net is of it, or its loss.

    Counts come in few values: a little noise keeps the points from hiding each other.
    """
    margin = any("margin" in row for row in rows)
    x, nfe = column(rows, "margin" if margin else "loss"), column(rows, "nfe")
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, len(nfe))
    with style():
        figure, (axes,) = new_figure(height=2.6)
        axes.scatter(x, nfe + noise, s=6, color=BLUE, alpha=0.5, linewidths=0)
        label = "margin: likeliest class less the next" if margin else "loss"
        name_axes(axes, label, "evaluations (NFE) ± noise")
        axes.set(xlim=padded(x, 0.03), ylim=padded(nfe, 0.08))
    return figure


def _solved(rows: Rows) -> list[Mapping[str, Any]]:
    return [row for row in rows if not row.get("failed")]


def _decades(values: np.ndarray) -> tuple[float, float]:
    """The range of positive values, and a little more on a logarithmic axis."""
    low, high = padded(np.log10(values[values > 0]), 0.05)
    return 10**low, 10**high
