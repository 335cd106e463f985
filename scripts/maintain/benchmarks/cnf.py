"""Training steps of continuous normalising flows beside value and trace alone, and others' ways.

*exact*: 2 dimensions, width 64, a batch of 512, the trace exact. *Hutchinson*: 64 dimensions,
width 256, a batch of 256, one probe, as FFJORD's on tables. Both a concat-squash net of two hidden
layers, Dopri5 at 1e-4, one ODE for the batch.

    python -m benchmarks.cnf                 from scripts/maintain/; writes cnf.json
    python -m benchmarks.cnf 3               in three rounds instead of nine
    python -m benchmarks.cnf 9 TORCH_PYTHON  torchdiffeq by an interpreter that has it
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from zoo.dynamics import ConcatSquashDynamics, WithDivergence
from zoo.models.densities import CNF
from zoo.solve import Solver

from .clock import spread
from .drive import FOLDER, keep, process

RESULTS = FOLDER / "cnf.json"
TOLERANCE, STAGES = 1e-4, 6
WORKLOADS = {"exact": (2, 64, 512), "Hutchinson": (64, 256, 256)}
Way = Callable[[CNF, Float[Array, "B D"]], Float[Array, " B"]]
"""The log density of a batch."""


class Problem(NamedTuple):
    """A flow, what it is trained on, its probes or None, and its accepted steps."""

    model: CNF
    xs: Float[Array, "B D"]
    noise: Float[Array, "B 1 D"] | None
    steps: int


def problem(size: int, width: int, batch: int) -> Problem:
    """A workload."""
    field = ConcatSquashDynamics(size, width=width, depth=2, key=jax.random.key(0))
    solver = Solver(batching="joint", rtol=TOLERANCE, atol=TOLERANCE)
    model = CNF((field,), (size,), solver=solver)
    xs = jax.random.normal(jax.random.key(1), (batch, size))
    noise = model.trace.draw(xs, jax.random.key(2), training=True)
    stats = eqx.filter_jit(model.log_prob)(xs, training=True)[1]
    return Problem(model, xs, noise, int(stats.accepted[0]))


def by_zoo(model: CNF, xs: Array) -> Array:
    """As the zoo trains it."""
    return model.log_prob(xs, key=jax.random.key(2), training=True)[0]


def bare(of: Problem, unrolled: int) -> Way:
    """As many evaluations of value and trace as the accepted steps have stages, chained.

    `unrolled` to an iteration of the scan; the way back evaluates each again, as replay does.
    """
    times = jnp.linspace(0, 1, STAGES * of.steps).reshape(-1, unrolled)

    def way(model: CNF, xs: Array) -> Array:
        field = WithDivergence(model.blocks[0])

        @jax.checkpoint
        def some(state: tuple[Array, Array], ts: Array) -> tuple[tuple[Array, Array], None]:
            for t in ts:
                slopes = field.batch(t, state, (None, of.noise))
                state = jax.tree.map(lambda y, dy: y + 0.01 * dy, state, slopes)
            return state, None

        (zs, change), _ = lax.scan(some, (xs, jnp.zeros(len(xs))), times)
        return model.base_log_prob(zs) + change

    return way


def by_diffrax(of: Problem) -> Way:
    """`vmap` of a solve of (y, log p) by adaptive Dopri5, both under error control.

    The trace is made of pull-backs, one for each number, or that of the probe.
    """

    def slope(t: Array, state: tuple[Array, Array], args: Any) -> tuple[Array, Array]:
        field, probe = args
        value, pull = jax.vjp(lambda y: field(t, y, None), state[0])
        if probe is None:
            (rows,) = jax.vmap(pull)(jnp.eye(value.size))
            return value, jnp.trace(rows)
        return value, pull(probe)[0] @ probe

    def way(model: CNF, xs: Array) -> Array:
        def one(x: Array, probe: Array | None) -> Array:
            solution = diffrax.diffeqsolve(
                diffrax.ODETerm(slope),
                diffrax.Dopri5(),
                0.0,
                1.0,
                None,
                (x, jnp.zeros(())),
                args=(model.blocks[0], probe),
                stepsize_controller=diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
            )
            assert solution.ys is not None
            z, change = solution.ys
            return model.base_log_prob(z[-1:])[0] + change[-1]

        noise = None if of.noise is None else of.noise[:, 0]
        return jax.vmap(one, in_axes=(0, None if noise is None else 0))(xs, noise)

    return way


def timed(of: Problem, count: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by the clock and of the processor, of interleaved training steps, by each."""
    ways = {
        "zoo": by_zoo,
        "value and trace, an evaluation an iteration": bare(of, 1),
        "value and trace, a step an iteration": bare(of, STAGES),
        "Diffrax, log p under error control": by_diffrax(of),
    }
    steps = {who: _step(way).lower(of.model, of.xs).compile() for who, way in ways.items()}
    told: dict[str, dict[str, list[float]]] = {w: {"ms": [], "processor": []} for w in steps}
    for number in range(-1, count):  # the first round is not counted
        for who in sorted(steps, reverse=number % 2 == 1):
            began, used = time.perf_counter(), time.process_time()
            jax.block_until_ready(steps[who](of.model, of.xs))
            spent = time.perf_counter() - began, time.process_time() - used
            if number >= 0:
                told[who]["ms"].append(1e3 * spent[0])
                told[who]["processor"].append(1e3 * spent[1])
    return told


def _step(way: Way) -> Any:
    """A training step: the loss and its gradient."""

    def loss(model: CNF, xs: Array) -> Array:
        return -jnp.mean(way(model, xs))

    return eqx.filter_jit(eqx.filter_value_and_grad(loss))


def by_torch(of: Problem, count: int, python: str) -> dict[str, dict[str, list[float]]]:
    """The same of torchdiffeq, by an interpreter that has it, in a process of its own."""
    (field,) = of.model.blocks
    arrays = {"xs": of.xs, "slope": field.batch(0.25, of.xs, None)}
    for place, layer in enumerate(field.layers):
        arrays |= {f"state{place}": layer.state.weight, f"bias{place}": layer.state.bias}
        arrays |= {f"gate{place}": layer.gate.weight, f"gate_bias{place}": layer.gate.bias}
        arrays |= {f"shift{place}": layer.shift.weight}
    if of.noise is not None:
        arrays["probe"] = of.noise[:, 0]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "flow.npz")
        np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
        found = process(python, "cnf_torch", path, str(count), OMP_WAIT_POLICY="passive")
    if found is None:
        print("torch or torchdiffeq is missing or failed; its row is left out.")
    return found or {}


def measured(name: str, count: int, python: str) -> dict[str, Any]:
    """Each one's times, and the ratios of the processor's time to the zoo's and to the floor."""
    of = problem(*WORKLOADS[name])
    told = timed(of, count) | by_torch(of, count, python)
    used = {who: each["processor"] for who, each in told.items()}
    floor = min((w for w in used if w.startswith("value")), key=lambda who: spread(used[who])[0])

    def ratio(top: str, bottom: str) -> list[float]:
        return list(spread([a / b for a, b in zip(used[top], used[bottom], strict=True)]))

    return {
        "accepted": of.steps,
        "floor": floor,
        "zoo / floor": ratio("zoo", floor),
        "it / zoo": {who: ratio(who, "zoo") for who in used},
        "milliseconds": {who: list(spread(each["ms"])) for who, each in told.items()},
        "processor": {who: list(spread(each["processor"])) for who, each in told.items()},
        "load average": os.getloadavg()[0],
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    torch_python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    told: dict[str, Any] = {}
    for name in WORKLOADS:
        told[name] = measured(name, count, torch_python)
        print(name, told[name], flush=True)
    keep(RESULTS, told)
