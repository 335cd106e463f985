"""What one failed example costs a batch: a training step with it over the step without.

python -m benchmarks.failures       from scripts/maintain/; writes failures.json
"""

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from zoo.dynamics import AbstractBatchDynamics
from zoo.solve import Outcome, Solver, solve

from . import floor
from .clock import rounds, spread
from .drive import FOLDER, keep
from .jax_peers import MAX_STEPS, arrays, loss_of
from .workloads import WORKLOADS, Workload

RESULTS = FOLDER / "failures.json"
WORK = (
    replace(WORKLOADS["b"], name="b, batch 32", batch=32),
    WORKLOADS["b"],
    WORKLOADS["c"],
    WORKLOADS["digits"],
)
CAUSES = ("none", "not a number", "blow-up", "no end")


class Sick(AbstractBatchDynamics):
    """A workload's dynamics, but for the examples whose cause, in args, is not 0."""

    layers: Any

    def batch(self, t: Any, ys: Any, args: Any) -> Any:
        """The derivatives of a batch."""
        out = floor.field(self.layers, t, ys)
        cause = args[:, None]
        time = t if jnp.ndim(t) == 0 else t[:, None]
        out = jnp.where((cause == 1) & (time > 0.3), jnp.nan, out)
        out = jnp.where(cause == 2, 20 * (1 + ys**2), out)
        return jnp.where(cause == 3, 3e4 * (jnp.cos(time) - ys), out)


def ratios(work: Workload, count: int) -> dict[str, dict[str, Any]]:
    """{cause: outcome of the failed example, its attempts, the ratio of the times}."""
    layers, ys = arrays(work)
    loss = loss_of(work)

    @jax.jit
    @partial(jax.value_and_grad, has_aux=True)
    def step(layers: Any, ys: Any, cause: Any) -> Any:
        solver = Solver(rtol=work.tolerance, max_steps=MAX_STEPS).traced()
        out, stats = solve(Sick(layers), ys, args=cause, solver=solver)
        return loss(jnp.where(stats.ok[:, None], out, 0)), stats

    sick = {name: jnp.zeros(work.batch, jnp.int32).at[1].set(i) for i, name in enumerate(CAUSES)}
    calls = {
        name: lambda cause=cause: jax.block_until_ready(step(layers, ys, cause))
        for name, cause in sick.items()
    }
    times = rounds(calls, count)
    told = {}
    for name, cause in sick.items():
        (_, stats), _ = step(layers, ys, cause)
        pairs = zip(times[name], times["none"], strict=True)
        told[name] = {
            "outcome": Outcome(int(stats.result[1])).name,
            "attempts": int(stats.accepted[1] + stats.rejected[1]),
            "others": int((stats.accepted + stats.rejected).at[1].set(0).max()),
            "ratio": list(spread([a / b for a, b in pairs])),
        }
    return told


if __name__ == "__main__":
    found = {work.name: ratios(work, 5 if work.name == "c" else 15) for work in WORK}
    keep(RESULTS, found)
    for name, row in found.items():
        print(name, {cause: round(told["ratio"][0], 2) for cause, told in row.items()}, flush=True)
