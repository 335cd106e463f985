"""How the time of a training step grows with batch, width, NFE and output times, with exponents.

python -m benchmarks.scaling        from scripts/maintain/; writes scaling.json and scaling.png
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import diffrax
import jax
import numpy as np

from zoo.checkpoint import json_text
from zoo.solve import Solver, solve

from .clock import rounds, spread
from .drive import FOLDER
from .jax_peers import Dynamics, arrays, compiled, loss_of
from .workloads import WORKLOADS, Workload

BASE = replace(WORKLOADS["b"], name="base", batch=256, width=128)
AXES: dict[str, list[int]] = {
    "batch": [16, 64, 256, 1024, 4096],
    "width": [32, 64, 128, 256, 512, 1024],
    "evaluations": [30, 60, 120, 240, 480, 960],
    "output times": [2, 20, 200, 2000],
}
_TAIL = 3
"""The exponent is fitted on the largest points, above what a solve costs in any case."""


def workloads(axis: str) -> Iterator[tuple[int, Workload, int]]:
    """(value, workload, equal steps): equal steps, so that nothing else changes along the axis."""
    for value in AXES[axis]:
        steps = 10
        work = BASE
        if axis == "batch":
            work = replace(BASE, batch=value)
        elif axis == "width":
            work = replace(BASE, width=value)
        elif axis == "evaluations":
            steps = value // 6
        else:
            work = replace(BASE, times=value)
        yield value, work, steps


def training_step(work: Workload, steps: int) -> Any:
    """A call that takes one training step by Dopri5 with replay."""
    layers, ys = arrays(work)
    loss, ts = loss_of(work), work.output_times()
    solver = Solver(diffrax.Dopri5(), steps=steps, max_steps=max(256, 2 * steps)).traced()

    def value(layers: Any, ys: Any) -> Any:
        return loss(solve(Dynamics(layers), ys, solver=solver, ts=ts)[0])

    program, _ = compiled(jax.value_and_grad(value), layers, ys)
    return lambda: jax.block_until_ready(program(layers, ys))


def measure(count: int = 7) -> dict[str, Any]:
    """{axis: {values, ms}}."""
    results = {}
    for axis in AXES:
        calls = {str(v): training_step(work, steps) for v, work, steps in workloads(axis)}
        ms = [spread(times)[0] for times in rounds(calls, count).values()]
        results[axis] = {"values": AXES[axis], "ms": ms}
        print(axis, results[axis], flush=True)
    return results


def multiply_adds(width: int) -> float:
    """Of one evaluation of one example: what a width costs, mostly its square."""
    sizes = [BASE.size + 1, *[width] * BASE.depth, BASE.size]
    return float(sum(i * o for i, o in pairwise(sizes)))


def draw(results: dict[str, Any]) -> None:
    """A panel for each axis, both of its scales logarithmic, with the exponent of its end."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from zoo.plots.style import BLUE, style

    with style():
        figure = Figure(figsize=(7.0, 2.2), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(1, len(results), sharey=True)
        for axes, (axis, row) in zip(panels, results.items(), strict=True):
            values, ms = np.asarray(row["values"], float), np.asarray(row["ms"])
            label = axis
            if axis == "width":
                label = f"multiply-adds\n(width {row['values'][0]} to {row['values'][-1]})"
                values = np.array([multiply_adds(width) for width in row["values"]])
            slope = np.polyfit(np.log(values[-_TAIL:]), np.log(ms[-_TAIL:]), 1)[0]
            line = ms[-1] * (values / values[-1]) ** slope
            axes.loglog(values, ms, "o-", color=BLUE, markersize=4)
            axes.loglog(values[-_TAIL:], line[-_TAIL:], "--", color="0.3", linewidth=0.9)
            axes.set_xlabel(label)
            axes.set_title(f"exponent {slope:.2f}", fontsize=8)
        panels[0].set_ylabel("ms of a training step")
        figure.savefig(FOLDER / "scaling.png", dpi=160)


if __name__ == "__main__":
    found = measure()
    (FOLDER / "scaling.json").write_text(json_text(found, indent=1) + "\n")
    draw(found)
