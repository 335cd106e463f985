"""The gradient through Burgers' equation: its stiff part solved as the rest, and taken exactly.

python -m benchmarks.fields       from scripts/maintain/; writes fields.json
"""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from zoo.dynamics import pde
from zoo.solve import ETDRK2, Solver, solve

from .clock import rounds, spread
from .drive import FOLDER, keep

RESULTS = FOLDER / "fields.json"
POINTS, BATCH, VISCOSITY, STEPS = 256, 8, 0.02, 64
SPACE = pde.Spectral(pde.Grid((POINTS,), (1.0,)))
EXPLICIT = Solver(diffrax.Dopri5(), rtol=1e-3, batching="joint", max_steps=16384)
EXPONENTIAL = Solver(ETDRK2(), steps=STEPS, batching="joint")


def initial() -> Array:
    """A wave for each example, of its own phase and size."""
    one, other = jax.random.split(jax.random.key(0))
    phase = jax.random.uniform(one, (BATCH, 1))
    size = jax.random.uniform(other, (BATCH, 1), minval=0.5, maxval=1.0)
    return size * jnp.sin(2 * jnp.pi * (jnp.arange(POINTS) / POINTS + phase))


def semilinear(viscosity: Array) -> pde.SemilinearMethodOfLines:
    """The equation with its diffusion told apart."""
    return pde.SemilinearMethodOfLines(SPACE, (pde.Diffusion(viscosity),), (pde.BurgersFlux(),))


def whole(viscosity: Array) -> pde.MethodOfLines:
    """The equation as one right-hand side."""
    return pde.MethodOfLines(SPACE, (pde.BurgersFlux(), pde.Diffusion(viscosity)))


def step_of(make: Callable[[Array], Any], solver: Solver) -> Callable[[Array], Any]:
    """The compiled mean square at time 1, its gradient by the viscosity, and the states."""
    u0 = initial()

    def mean_square(viscosity: Array) -> tuple[Array, tuple[Array, Array]]:
        u, stats = solve(make(viscosity), u0, solver=solver)
        return jnp.mean(u**2), (u, stats.nfe[0])

    return eqx.filter_jit(eqx.filter_value_and_grad(mean_square, has_aux=True))


def measured(count: int) -> dict[str, Any]:
    """Milliseconds of a gradient, and how far states and gradients are from 4,096 small steps."""
    competitors = {
        "zoo, ETDRK2, 64 steps": step_of(semilinear, EXPONENTIAL),
        "zoo, Dopri5, joint": step_of(whole, EXPLICIT),
    }
    viscosity = jnp.asarray(VISCOSITY)
    (_, (true, _)), slope = step_of(semilinear, Solver(ETDRK2(), steps=4096, batching="joint"))(
        viscosity
    )
    told: dict[str, Any] = {}
    for name, step in competitors.items():
        (_, (u, nfe)), gradient = step(viscosity)
        told[name] = {
            "error": float(np.abs(u - true).max()),
            "gradient's error": float(abs(gradient / slope - 1)),
            "nfe": float(nfe),
        }
    calls = {
        name: lambda step=step: jax.block_until_ready(step(viscosity))
        for name, step in competitors.items()
    }
    times = rounds(calls, count)
    for name, values in times.items():
        told[name] |= {"milliseconds": list(spread(values)), "least": min(values)}
    exponential, explicit = (times[name] for name in competitors)
    ratios = [slow / fast for slow, fast in zip(explicit, exponential, strict=True)]
    return told | {"ratio": list(spread(ratios))}


if __name__ == "__main__":
    found = measured(5)
    keep(RESULTS, found)
    for name, row in found.items():
        print(name, row, flush=True)
