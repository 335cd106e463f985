"""A field fitted to paths at irregular times: a training step beside Diffrax's.

58 series of two channels at 40 times of their own from 0 to 30, a net of two hidden layers of 64,
Tsit5 at 1e-4, some 18 steps: the mean squared error and its gradient. One solve of a series serves
its 40 times, on both sides, and each example takes its own steps.

    python -m benchmarks.trajectory             from scripts/maintain/; writes trajectory.json
    python -m benchmarks.trajectory 3           in three rounds instead of nine
    python -m benchmarks.trajectory 9 PYTHON    with rows of torchdiffeq, by an interpreter with it

Milliseconds and seconds are the processor's: on one core, the time of a program alone.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from zoo.dynamics import MLPDynamics
from zoo.solve import Solver, solve

from .clock import processor, processor_rounds, spread
from .drive import FOLDER, keep
from .torch_peer import steps_in_torch, weights

RESULTS = FOLDER / "trajectory.json"
COUNT, LENGTH, CHANNELS, TOLERANCE = 58, 40, 2, 1e-4
Paths: TypeAlias = Callable[
    [MLPDynamics, Float[Array, "B D"], Float[Array, "B T"]], Float[Array, "B T D"]
]


def by_zoo(field: MLPDynamics, y0: Array, ts: Array) -> Array:
    """The engine, each example by its own steps."""
    return solve(field, y0, solver=Solver(diffrax.Tsit5(), rtol=TOLERANCE), ts=ts)[0]


def by_diffrax(field: MLPDynamics, y0: Array, ts: Array) -> Array:
    """As its examples do: `vmap` of `diffeqsolve` with `SaveAt(ts=ts)`."""

    def one(y0: Array, ts: Array) -> Array:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Tsit5(),
            0.0,
            ts[-1],
            None,
            y0,
            saveat=diffrax.SaveAt(ts=ts),
            stepsize_controller=diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
        )
        assert solution.ys is not None
        return solution.ys

    return jax.vmap(one)(y0, ts)


COMPETITORS: dict[str, Paths] = {
    "zoo": by_zoo,
    "Diffrax, as in its examples": by_diffrax,
}


def problem() -> tuple[MLPDynamics, Array, Array, Array]:
    """The field, starts [B, D], times [B, T] and targets [B, T, D]: damped rotations."""
    rng = np.random.default_rng(0)
    ts = np.sort(rng.uniform(0, 30, (COUNT, LENGTH)), axis=1)
    phase = rng.uniform(0, 2 * np.pi, (COUNT, 1))
    xs = np.exp(-0.1 * ts)[..., None] * np.stack([np.cos(ts + phase), np.sin(ts + phase)], -1)
    start = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    field = MLPDynamics(
        CHANNELS, width=64, depth=2, time=False, init_scale=4.0, key=jax.random.key(0)
    )
    return field, *(jnp.asarray(each, jnp.float32) for each in (start, ts, xs))


def measured(count: int, torch_python: str) -> dict[str, Any]:
    """Milliseconds, seconds to compile, ratios to the zoo's and the difference of gradients."""
    field, *arrays = problem()
    calls, compiling, gradients = {}, {}, {}
    for name, run in COMPETITORS.items():

        def loss(field: MLPDynamics, y0: Array, ts: Array, xs: Array, run: Paths = run) -> Array:
            return jnp.mean((run(field, y0, ts) - xs) ** 2)

        began = time.process_time()
        compiled = eqx.filter_jit(eqx.filter_value_and_grad(loss)).lower(field, *arrays).compile()
        compiling[name] = time.process_time() - began
        call = lambda compiled=compiled: jax.block_until_ready(compiled(field, *arrays))  # noqa: E731
        leaves = jax.tree.leaves(eqx.filter(call()[1], eqx.is_array))
        gradients[name] = jnp.concatenate([leaf.ravel() for leaf in leaves])
        calls[name] = processor(call)
    start, ts, xs = arrays
    given = {"start": start, "ts": ts, "xs": xs, "slope": field.batch(0.0, start, None)}
    given |= weights("field", field.net) | {"tolerance": TOLERANCE}
    with steps_in_torch(torch_python, "trajectory_torch", given) as torch:
        times = processor_rounds(calls | torch, count)
    own = gradients["zoo"]
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "ratio": {
            name: list(spread([a / b for a, b in zip(values, times["zoo"], strict=True)]))
            for name, values in times.items()
        },
        "compiling": compiling,
        "gradient_difference": {
            name: float(jnp.linalg.norm(each - own) / jnp.linalg.norm(own))
            for name, each in gradients.items()
        },
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told = measured(count, sys.argv[2] if len(sys.argv) > 2 else sys.executable)
    print(told)
    keep(RESULTS, told)
