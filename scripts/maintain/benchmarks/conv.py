"""A convolutional ODE block beside the evaluations and pull-backs that it cannot do without.

64 channels, 7×7 pixels, a batch of 128, four steps of Dopri5: the loss and its gradient.

    python -m benchmarks.conv                 from scripts/maintain/; writes conv.json
    python -m benchmarks.conv 3               in three rounds instead of nine
    python -m benchmarks.conv 9 TORCH_PYTHON  torchdiffeq by an interpreter that has it
"""

import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from zoo.dynamics import ConvDynamics
from zoo.nn import install_fast_convolutions
from zoo.solve import Solver, solve

from .clock import rounds, spread
from .conv_loop import in_a_loop
from .conv_peer import torchdiffeq
from .drive import FOLDER, keep

RESULTS = FOLDER / "conv.json"
STEPS, STAGES = 4, 6
SHAPE = (128, 7, 7, 64)
Solve = Callable[[ConvDynamics, Array], Array]


def bare(field: ConvDynamics, ys: Array) -> Array:
    """As many evaluations as the steps have stages, chained: no sums of stages and no error.

    The way back evaluates a step once more and pulls back through it, as replay does.
    """

    @jax.checkpoint
    def step(ys: Array, t: Array) -> tuple[Array, None]:
        for stage in range(STAGES):
            ys = ys + 0.01 * field.batch(t + stage / 32, ys, None)
        return ys, None

    return lax.scan(step, ys, jnp.arange(STEPS) / STEPS)[0]


def zoo_by(batching: Any) -> Solve:
    """The engine."""
    return lambda field, ys: solve(field, ys, solver=Solver(steps=STEPS, batching=batching))[0]


def by_diffrax(field: ConvDynamics, ys: Array) -> Array:
    """As its examples do: `vmap` of `diffeqsolve`."""

    def one(y0: Array) -> Array:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Dopri5(),
            0.0,
            1.0,
            1 / STEPS,
            y0,
            adjoint=diffrax.RecursiveCheckpointAdjoint(),
            max_steps=STEPS,
        )
        assert solution.ys is not None
        return solution.ys[-1]

    return jax.vmap(one)(ys)


COMPETITORS: dict[str, Solve] = {
    "evaluations and vjps": bare,
    "zoo, joint": zoo_by("joint"),
    "zoo, per-sample": zoo_by("per-sample"),
    "Diffrax, as in its examples": by_diffrax,
}


def compiled(field: ConvDynamics, ys: Array, run: Solve) -> tuple[Callable[[], float], float]:
    """A training step, which returns the processor's seconds so far; and the mebibytes of its
    intermediate values."""

    def loss(field: ConvDynamics, ys: Array) -> Array:
        return jnp.mean(run(field, ys) ** 2)

    step = eqx.filter_jit(eqx.filter_value_and_grad(loss)).lower(field, ys).compile()
    size = step.compiled.memory_analysis().temp_size_in_bytes / 2**20

    def call() -> float:
        jax.block_until_ready(step(field, ys))
        return time.process_time()

    return call, size


def processor(call: Callable[[], float]) -> float:
    """The processor's milliseconds in a step; other work on the cores changes it little."""
    used = [call() for _ in range(4)]
    return 1e3 * statistics.median(b - a for a, b in itertools.pairwise(used))


def of_block(count: int, torch_python: str) -> dict[str, Any]:
    """Milliseconds, mebibytes and ratios to the bare evaluations; torchdiffeq's evaluations."""
    field = ConvDynamics(64, width=64, key=jax.random.key(0))
    ys = jax.random.normal(jax.random.key(1), SHAPE)
    both = {name: compiled(field, ys, run) for name, run in COMPETITORS.items()}
    calls = {name: call for name, (call, _) in both.items()}
    memory = {name: size for name, (_, size) in both.items()}
    with torchdiffeq(torch_python, field, ys) as peer:
        if peer is None:
            print("torch or torchdiffeq is missing or failed; its rows are left out.")
        else:
            calls, memory = calls | peer.steps, memory | peer.memory
        times = rounds(calls, count)
        used = {name: processor(call) for name, call in calls.items()}
    floor = "evaluations and vjps"
    ratio = {n: [a / b for a, b in zip(times[n], times[floor], strict=True)] for n in times}
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "ratio": {name: list(spread(values)) for name, values in ratio.items()},
        "processor": used,
        "memory": memory,
        "memory_ratio": {name: size / memory[floor] for name, size in memory.items()},
        "evaluations": {} if peer is None else peer.evaluations,
        "load average": os.getloadavg()[0],
    }


if __name__ == "__main__":
    install_fast_convolutions()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told: dict[str, Any] = {"loop": in_a_loop(count)}
    print(told, flush=True)
    told["block"] = of_block(count, sys.argv[2] if len(sys.argv) > 2 else sys.executable)
    print(told["block"])
    keep(RESULTS, told)
