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

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from zoo.dynamics import AbstractBatchDynamics, MLPDynamics
from zoo.solve import Solver, solve

from .drive import FOLDER, keep
from .fitted_paths import Paths, Problem, by_diffrax, measured
from .torch_peer import weights

RESULTS = FOLDER / "trajectory.json"
COUNT, LENGTH, CHANNELS, TOLERANCE = 58, 40, 2, 1e-4


def by_zoo(field: AbstractBatchDynamics, y0: Array, ts: Array) -> Array:
    """The engine, each example by its own steps."""
    return solve(field, y0, solver=Solver(diffrax.Tsit5(), rtol=TOLERANCE), ts=ts)[0]


COMPETITORS: dict[str, Paths] = {
    "zoo": by_zoo,
    "Diffrax, as in its examples": by_diffrax(diffrax.Tsit5(), TOLERANCE),
}


def problem() -> tuple[Problem, dict[str, object]]:
    """Damped rotations and a field, and what of it torch needs."""
    rng = np.random.default_rng(0)
    ts = np.sort(rng.uniform(0, 30, (COUNT, LENGTH)), axis=1)
    phase = rng.uniform(0, 2 * np.pi, (COUNT, 1))
    xs = np.exp(-0.1 * ts)[..., None] * np.stack([np.cos(ts + phase), np.sin(ts + phase)], -1)
    start = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    field = MLPDynamics(
        CHANNELS, width=64, depth=2, time=False, init_scale=4.0, key=jax.random.key(0)
    )
    arrays = (jnp.asarray(each, jnp.float32) for each in (start, ts, xs))
    return Problem(field, *arrays), weights("field", field.net) | {"tolerance": TOLERANCE}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    made, given = problem()
    told = measured(made, COMPETITORS, "trajectory_torch", given, count, python)
    print(told)
    keep(RESULTS, told)
