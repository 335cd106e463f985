"""What it costs to say where a field jumps: a training step with such times over one without.

python -m benchmarks.jumps       from scripts/maintain/; writes jumps.json
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from zoo.solve import Solver, solve

from .clock import rounds, spread
from .drive import FOLDER, keep
from .jax_peers import MAX_STEPS, Dynamics, arrays, loss_of
from .workloads import WORKLOADS, Workload

RESULTS = FOLDER / "jumps.json"
JUMPS = {
    "none": None,
    "8 beyond the interval": np.linspace(2.0, 3.0, 8),
    "2 inside": np.array([0.3, 0.6]),
    "8 inside": np.linspace(0.1, 0.9, 8),
}


def ratios(work: Workload, batching: Any, count: int) -> dict[str, dict[str, Any]]:
    """{jumps: mean evaluations of an example, the ratio of the times}."""
    layers, ys = arrays(work)
    loss = loss_of(work)

    @partial(jax.jit, static_argnums=3)
    @partial(jax.value_and_grad, has_aux=True)
    def step(layers: Any, ys: Any, jumps: Any, batching: Any) -> Any:
        solver = Solver(rtol=work.tolerance, max_steps=MAX_STEPS, batching=batching).traced()
        out, stats = solve(Dynamics(layers), ys, solver=solver, jumps=jumps)
        return loss(out), stats.nfe.mean()

    given = {name: None if at is None else jnp.asarray(at) for name, at in JUMPS.items()}
    calls = {
        name: lambda jumps=jumps: jax.block_until_ready(step(layers, ys, jumps, batching))
        for name, jumps in given.items()
    }
    times = rounds(calls, count)
    told = {}
    for name in calls:
        (_, nfe), _ = calls[name]()
        pairs = zip(times[name], times["none"], strict=True)
        told[name] = {"nfe": float(nfe), "ratio": list(spread([a / b for a, b in pairs]))}
    return told


if __name__ == "__main__":
    found = {}
    for name in "ab":
        for batching in ("joint", "per-sample"):
            found[f"{name}, {batching}"] = ratios(WORKLOADS[name], batching, 25)
            print(name, batching, found[f"{name}, {batching}"], flush=True)
    keep(RESULTS, found)
