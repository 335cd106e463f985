"""What a sweep of a density says: likelihood and draws against evaluations."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .rows import Rows, column, groups, line, metric_of
from .style import BLACK, PAGE, name_axes, new_figure, put_legend, scale_log, style


def density_cost_figure(rows: Rows) -> Figure:
    """-log p(x) of held-out examples and the distance of draws from them, against evaluations.

    A line for each method of equal steps, and one for tolerances. Dotted is what each is beside: a
    Gaussian, and as many training examples.
    """
    metric, baseline = metric_of(rows)
    with style():
        figure, panels = new_figure(columns=2, width=PAGE, height=2.9, share=False)
        for axes, x, y, beside in zip(
            panels,
            ("nfe", "nfe_sample"),
            (metric, "sliced_w2"),
            (baseline, "sliced_w2_train"),
            strict=True,
        ):
            for i, (by, group) in enumerate(groups(rows, "by").items()):
                line(axes, group, x, y, i, label=by)
            _dotted(axes, rows, beside)
            scale_log(axes.xaxis, column(rows, x))
        name_axes(panels[0], "evaluations of log p(x)", f"{metric}, test")
        name_axes(panels[1], "evaluations of a draw", "sliced W2 of draws")
        scale_log(panels[1].yaxis, column(rows, "sliced_w2"))
        put_legend(figure, panels[0])
    return figure


def _dotted(axes: Axes, rows: Rows, name: str | None) -> None:
    """A level across the axes, where the rows have one."""
    values = column(rows, name) if name is not None else np.array([])
    if np.isfinite(values).any():
        level = float(np.nanmean(values))
        label = "baseline: a Gaussian, training examples"
        axes.axhline(level, color=BLACK, linewidth=0.8, linestyle=":", label=label)
