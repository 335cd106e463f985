"""A Hamiltonian net fitted to rollouts of a pendulum: a training step beside others'.

25 paths of the data set `pendulum`, 45 times from 0 to 3, and the net of the recipe
`pendulum-hamiltonian`: one energy of two hidden layers of 200, whose gradient is the field. Dopri5
at 1e-5; the mean squared error of the rollouts and its gradient.

    python -m benchmarks.pendulum               from scripts/maintain/; writes pendulum.json
    python -m benchmarks.pendulum 3             in three rounds instead of nine
    python -m benchmarks.pendulum 9 PYTHON      with rows of torchdiffeq, by an interpreter with it

Milliseconds and seconds are the processor's: on one core, the time of a program alone.
"""

import sys

import diffrax
import jax
import jax.numpy as jnp
from jaxtyping import Array

import zoo
from zoo.dynamics import AbstractBatchDynamics, HamiltonianDynamics
from zoo.solve import Solver, solve

from .drive import FOLDER, keep
from .fitted_paths import Paths, Problem, by_diffrax, measured
from .torch_peer import weights

RESULTS = FOLDER / "pendulum.json"
COUNT, WIDTH, TOLERANCE = 25, 200, 1e-5


def by_zoo(field: AbstractBatchDynamics, y0: Array, ts: Array) -> Array:
    """The engine, each example by its own steps."""
    return solve(field, y0, solver=Solver(diffrax.Dopri5(), rtol=TOLERANCE), ts=ts)[0]


def by_zoo_jointly(field: AbstractBatchDynamics, y0: Array, ts: Array) -> Array:
    """The engine, the batch by the same steps, as torchdiffeq does."""
    solver = Solver(diffrax.Dopri5(), rtol=TOLERANCE, batching="joint")
    return solve(field, y0, solver=solver, ts=ts)[0]


COMPETITORS: dict[str, Paths] = {
    "zoo": by_zoo,
    "zoo, joint": by_zoo_jointly,
    "Diffrax, as in its examples": by_diffrax(diffrax.Dopri5(), TOLERANCE),
}


def problem() -> tuple[Problem, dict[str, object]]:
    """Swings and an energy, and what of it torch needs."""
    data = zoo.load_dataset("pendulum", n=COUNT, split="all")
    xs, ts = jnp.asarray(data.train["x"]), jnp.asarray(data.train["t"])
    field = HamiltonianDynamics(2, width=WIDTH, depth=2, key=jax.random.key(0))
    given = weights("field", field.hamiltonian.net) | {"tolerance": TOLERANCE}
    return Problem(field, xs[:, 0], ts, xs), given


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    made, given = problem()
    told = measured(made, COMPETITORS, "pendulum_torch", given, count, python)
    print(told)
    keep(RESULTS, told)
