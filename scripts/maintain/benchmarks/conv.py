"""A convolutional ODE block beside the evaluations and pull-backs that it cannot do without.

64 channels, 7×7 pixels, a batch of 128, four steps of Dopri5: the loss and its gradient.

    python -m benchmarks.conv                 from scripts/maintain/; writes conv.json
    python -m benchmarks.conv 3               in three rounds instead of nine
    python -m benchmarks.conv 9 TORCH_PYTHON  torchdiffeq by an interpreter that has it
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from zoo.dynamics import ConvDynamics
from zoo.nn import install_fast_convolutions
from zoo.solve import Solver, solve

from .clock import rounds, spread
from .conv_loop import in_a_loop
from .drive import FOLDER, keep, process

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


def block() -> tuple[ConvDynamics, Array]:
    """The field and a batch of initial states."""
    ys = jax.random.normal(jax.random.key(1), SHAPE)
    return ConvDynamics(64, width=64, key=jax.random.key(0)), ys


def of_block(count: int) -> dict[str, Any]:
    """Milliseconds, mebibytes and ratios to the bare evaluations."""
    field, ys = block()
    calls, memory = {}, {}
    for name, run in COMPETITORS.items():

        def loss(field: ConvDynamics, ys: Array, run: Solve = run) -> Array:
            return jnp.mean(run(field, ys) ** 2)

        compiled = eqx.filter_jit(eqx.filter_value_and_grad(loss)).lower(field, ys).compile()
        memory[name] = compiled.compiled.memory_analysis().temp_size_in_bytes / 2**20
        calls[name] = lambda compiled=compiled: jax.block_until_ready(compiled(field, ys))
    times = rounds(calls, count)
    floor = "evaluations and vjps"
    ratio = {n: [a / b for a, b in zip(times[n], times[floor], strict=True)] for n in times}
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "ratio": {name: list(spread(values)) for name, values in ratio.items()},
        "memory": memory,
        "memory_ratio": {name: size / memory[floor] for name, size in memory.items()},
    }


def of_torch(python: str, count: int) -> dict[str, Any] | None:
    """torchdiffeq's rows by an interpreter; None where it has not got it."""
    field, ys = block()
    (first, last), (norm,) = field.layers, field.norms or ()
    arrays = {
        "first": first.weight,
        "first_bias": jnp.ravel(first.bias),
        "last": last.weight,
        "last_bias": jnp.ravel(last.bias),
        "scale": norm.weight,
        "shift": norm.bias,
        "groups": norm.groups,
        "ys": ys.transpose(0, 3, 1, 2),
        "slope": field.batch(0.25, ys, None).transpose(0, 3, 1, 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "block.npz")
        np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
        rows = process(python, "conv_torch", path, str(count))
        memory = process(python, "conv_torch", path, "0", MALLOC_MMAP_THRESHOLD_="65536")
    if rows is None or memory is None:
        return None
    return {who: row | memory[who] for who, row in rows.items()}


if __name__ == "__main__":
    install_fast_convolutions()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told: dict[str, Any] = {"loop": in_a_loop(count)}
    print(told, flush=True)
    told["block"] = of_block(count)
    print(told["block"])
    peers = of_torch(sys.argv[2] if len(sys.argv) > 2 else sys.executable, count)
    if peers is None:
        print("torch or torchdiffeq is missing or failed; its rows are left out.")
    else:
        told["torchdiffeq"] = peers
    keep(RESULTS, told)
