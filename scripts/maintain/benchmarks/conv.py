"""A convolutional ODE block beside the evaluations and pull-backs that it cannot do without.

64 channels, 7×7 pixels, a batch of 128, four steps of Dopri5: the loss and its gradient.

    python -m benchmarks.conv       from scripts/maintain/; writes conv.json
    python -m benchmarks.conv 3     in three rounds instead of nine
"""

import sys
from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from zoo.dynamics import ConvDynamics
from zoo.nn import conv, conv_layer, install_fast_convolutions
from zoo.solve import Solver, solve

from .clock import rounds, spread
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


def of_block(count: int) -> dict[str, Any]:
    """Milliseconds, mebibytes and ratios to the bare evaluations."""
    field = ConvDynamics(64, width=64, key=jax.random.key(0))
    ys = jax.random.normal(jax.random.key(1), SHAPE)
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


def in_a_loop(count: int) -> dict[str, list[float]]:
    """A convolution's time in a loop of five over five times its time alone."""
    key = jax.random.key(0)
    layer, plain = conv_layer(64, 64, key=key), eqx.nn.Conv2d(64, 64, 3, padding=1, key=key)
    xs, first = jax.random.normal(jax.random.key(1), SHAPE), jnp.ones((128, 64, 7, 7))

    def pulled(both: tuple[Array, Array]) -> tuple[Array, Array]:
        of = lambda x, w: conv(eqx.tree_at(lambda m: m.weight, layer, w), x)  # noqa: E731
        ys, pull = jax.vjp(of, *both)
        return jax.tree.map(lambda a, g: a - 1e-6 * g, both, pull(ys))

    cases: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "forward, channels last": (lambda x: conv(layer, x), xs),
        "forward, eqx.nn.Conv2d": (jax.vmap(plain), first),
        "gradient": (pulled, (xs, layer.weight)),
    }
    found = {}
    for name, (run, start) in cases.items():
        alone = jax.jit(run)
        loop = jax.jit(lambda x, run=run: lax.fori_loop(0, 5, lambda _, x: run(x), x))

        def five(alone: Any = alone, start: Any = start) -> None:
            for _ in range(5):
                out = alone(start)
            jax.block_until_ready(out)

        calls = {"alone": five, "loop": lambda loop=loop, x=start: jax.block_until_ready(loop(x))}
        times = rounds(calls, count)
        ratios = [a / b for a, b in zip(times["loop"], times["alone"], strict=True)]
        found[name] = list(spread(ratios))
    return found


if __name__ == "__main__":
    install_fast_convolutions()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told: dict[str, Any] = {"loop": in_a_loop(count)}
    print(told, flush=True)
    told["block"] = of_block(count)
    print(told["block"])
    keep(RESULTS, told)
