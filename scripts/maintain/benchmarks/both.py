"""A training step of the zoo on the CPU and on a GPU, by workload and by size; made by `gpu.sh`.

python -m benchmarks.both FILE    from scripts/maintain/; times what JAX sees, into FILE
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from zoo.dynamics import ConvDynamics, MLPDynamics
from zoo.nn import install_fast_convolutions
from zoo.solve import Solver, solve

from . import cnf, conv, sde
from .clock import rounds, spread
from .drive import FOLDER, keep
from .jax_peers import arrays, loss_of, solvers
from .workloads import WORKLOADS

CPU, GPU = FOLDER / "both_cpu.json", FOLDER / "both_gpu.json"
COUNT = 9
BATCHES, WIDTHS = (64, 1024, 16384), (32, 128, 512, 2048)
SIZE, STEPS, STAGES = 16, 8, 6
"""Of the sizes: numbers in a state, equal steps of Dopri5, evaluations of a step."""
MOST = 1e11
"""Multiply-adds of a training step; larger ones are left out, since the CPU takes minutes."""
Step = Callable[[], object]


def chained(name: str) -> Step:
    """A workload of the benchmark's page, `joint`."""
    work = WORKLOADS[name]
    run, loss = solvers(work)["zoo, joint"], loss_of(work)
    step = jax.jit(jax.value_and_grad(lambda layers, ys: loss(run(layers, ys)[0])))
    layers, ys = arrays(work)
    return lambda: step(layers, ys)


def block() -> Step:
    """The convolutional block of `benchmarks.conv`, `joint`."""
    field = ConvDynamics(64, width=64, key=jax.random.key(0))
    ys = jax.random.normal(jax.random.key(1), conv.SHAPE)
    run = conv.zoo_by("joint")
    return of_loss(lambda field: jnp.mean(run(field, ys) ** 2), field)


def flow(name: str) -> Step:
    """A continuous normalising flow of `benchmarks.cnf`."""
    of = cnf.problem(*cnf.WORKLOADS[name])
    return of_loss(lambda model: -jnp.mean(cnf.by_zoo(model, of.xs)), of.model)


def noise(name: str) -> Step:
    """An SDE of `benchmarks.sde`, Euler-Maruyama."""
    work = sde.WORK[name]
    drift, diffusion, y0 = work.arrays()
    run = sde.zoo_by(work, "ito")
    return of_loss(lambda fields: jnp.mean(run(*fields, y0, sde.KEY) ** 2), (drift, diffusion))


def net(batch: int, width: int) -> Step:
    """Eight equal steps of a net of two hidden layers."""
    field = MLPDynamics(SIZE, width=width, depth=2, key=jax.random.key(0))
    ys = jax.random.normal(jax.random.key(1), (batch, SIZE))
    solver = Solver(steps=STEPS, batching="joint")
    return of_loss(lambda field: jnp.mean(solve(field, ys, solver=solver)[0] ** 2), field)


def multiply_adds(batch: int, width: int) -> float:
    """Of the evaluations of a training step of `net`: once forwards, thrice on the way back."""
    return 4.0 * STEPS * STAGES * batch * (width * width + (2 * SIZE + 1) * width)


def of_loss(loss: Callable[[Any], Any], tree: Any) -> Step:
    """The value and gradient of a loss, compiled."""
    step = eqx.filter_jit(eqx.filter_value_and_grad(loss))
    return lambda: step(tree)


def named() -> dict[str, Callable[[], Step]]:
    """All workloads and sizes, not yet compiled."""
    told: dict[str, Callable[[], Step]] = {n: lambda n=n: chained(n) for n in ("a", "b", "c")}
    told["convolutional block"] = block
    told |= {f"CNF, {n}": lambda n=n: flow(n) for n in cnf.WORKLOADS}
    told |= {f"SDE, {n}": lambda n=n: noise(n) for n in sde.WORK}
    for batch, width in sizes():
        told[f"net, {batch} of width {width}"] = lambda b=batch, w=width: net(b, w)
    return told


def sizes() -> Iterator[tuple[int, int]]:
    """Batch and width of the nets."""
    yield from ((b, w) for b in BATCHES for w in WIDTHS if multiply_adds(b, w) < MOST)


def measured() -> dict[str, Any]:
    """Milliseconds of a step (median, quartiles) and seconds to compile it, of each workload."""
    device = jax.devices()[0]
    told: dict[str, Any] = {
        "device": {
            "kind": device.device_kind,
            "cores": len(os.sched_getaffinity(0)),
            "jax": jax.__version__,
        }
    }
    if device.platform == "cpu":
        install_fast_convolutions()
    for name, make in named().items():
        step = make()
        began = time.perf_counter()
        jax.block_until_ready(step())
        compiled = time.perf_counter() - began
        call = {name: lambda step=step: jax.block_until_ready(step())}
        told[name] = {"ms": list(spread(rounds(call, COUNT)[name])), "compile_s": compiled}
        print(name, told[name], flush=True)
    return told


def section() -> list[str]:
    """The tables of the page: a row a workload, and a row a width of the nets."""
    cpu, gpu = json.loads(CPU.read_text()), json.loads(GPU.read_text())
    on, beside = cpu.pop("device"), gpu.pop("device")
    ratio = {name: cpu[name]["ms"][0] / gpu[name]["ms"][0] for name in cpu}
    lines = [
        "## On a CPU and on a GPU",
        "",
        f"A training step of the zoo by {on['cores']} cores of a processor and by an",
        f"{beside['kind']}, jax {beside['jax']}, float32 with JAX's default precision of matrix",
        f"products, medians of {COUNT} rounds. Made by `sh gpu.sh`.",
        "",
        "| workload | CPU, ms | GPU, ms | CPU / GPU | compiling, s | |",
        "|---|---|---|---|---|---|",
    ]
    for name in (name for name in cpu if not name.startswith("net,")):
        both = " and ".join(f"{of[name]['compile_s']:.1f}" for of in (cpu, gpu))
        times = f"{cpu[name]['ms'][0]:.2f} | {gpu[name]['ms'][0]:.2f}"
        wins = "GPU" if ratio[name] > 1 else "CPU"
        lines.append(f"| {name} | {times} | {ratio[name]:.2f} | {both} | {wins} |")
    lines += [
        "",
        f"CPU / GPU of nets of two hidden layers on states of {SIZE} numbers, {STEPS} equal steps",
        "of Dopri5; above 1 the GPU wins. *GFLOP* counts a training step, of the smallest and",
        "the largest batch.",
        "",
        f"| width | {' | '.join(f'batch {b:,}' for b in BATCHES)} | GFLOP |",
        "|---" * (len(BATCHES) + 2) + "|",
    ]
    for width in WIDTHS:
        found = [ratio.get(f"net, {batch} of width {width}") for batch in BATCHES]
        cells = ["" if each is None else f"{each:.2f}" for each in found]
        work = " to ".join(
            f"{2e-9 * multiply_adds(b, width):.3g}" for b in BATCHES[:: len(BATCHES) - 1]
        )
        lines.append(f"| {width} | {' | '.join(cells)} | {work} |")
    return [*lines, ""]


if __name__ == "__main__":
    keep(Path(sys.argv[1]), measured())
