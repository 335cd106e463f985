"""The time of a training step of a field that is fitted to paths, beside others' step."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from zoo.dynamics import AbstractBatchDynamics

from .clock import processor, processor_rounds, spread
from .torch_peer import steps_in_torch

Paths: TypeAlias = Callable[
    [AbstractBatchDynamics, Float[Array, "B D"], Float[Array, "B T"]], Float[Array, "B T D"]
]


@dataclass(frozen=True)
class Problem:
    """A field, and the paths that it is fitted to by the mean of its squared errors."""

    field: AbstractBatchDynamics
    start: Float[Array, "B D"]
    ts: Float[Array, "B T"]
    xs: Float[Array, "B T D"]

    def step(self, run: Paths) -> Callable[[], Any]:
        """The compiled error and its gradient by the field."""

        def loss(field: AbstractBatchDynamics, y0: Array, ts: Array, xs: Array) -> Array:
            return jnp.mean((run(field, y0, ts) - xs) ** 2)

        arrays = self.field, self.start, self.ts, self.xs
        compiled = eqx.filter_jit(eqx.filter_value_and_grad(loss)).lower(*arrays).compile()

        def call() -> Any:
            return jax.block_until_ready(compiled(*arrays))

        return call


def by_diffrax(method: diffrax.AbstractSolver, tolerance: float) -> Paths:
    """As Diffrax's examples do: `vmap` of `diffeqsolve` with `SaveAt(ts=ts)`."""

    def paths(field: AbstractBatchDynamics, y0: Array, ts: Array) -> Array:
        def one(y0: Array, ts: Array) -> Array:
            solution = diffrax.diffeqsolve(
                diffrax.ODETerm(field),
                method,
                0.0,
                ts[-1],
                None,
                y0,
                saveat=diffrax.SaveAt(ts=ts),
                stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
            )
            assert solution.ys is not None
            return solution.ys

        return jax.vmap(one)(y0, ts)

    return paths


def measured(
    problem: Problem,
    competitors: Mapping[str, Paths],
    torch_module: str,
    given: Mapping[str, object],
    count: int,
    torch_python: str,
) -> dict[str, Any]:
    """Milliseconds, seconds to compile, ratios to the first's and the difference of gradients.

    `given` is what the torch process needs beside the problem's arrays, such as weights.
    """
    calls, compiling, gradients = {}, {}, {}
    for name, run in competitors.items():
        began = time.process_time()
        call = problem.step(run)
        compiling[name] = time.process_time() - began
        leaves = jax.tree.leaves(eqx.filter(call()[1], eqx.is_array))
        gradients[name] = jnp.concatenate([leaf.ravel() for leaf in leaves])
        calls[name] = processor(call)
    slope = problem.field.batch(0.0, problem.start, None)
    arrays = {"start": problem.start, "ts": problem.ts, "xs": problem.xs, "slope": slope}
    with steps_in_torch(torch_python, torch_module, {**arrays, **given}) as torch:
        times = processor_rounds(calls | torch, count)
    first = next(iter(competitors))
    own = gradients[first]
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "ratio": {
            name: list(spread([a / b for a, b in zip(values, times[first], strict=True)]))
            for name, values in times.items()
        },
        "compiling": compiling,
        "gradient_difference": {
            name: float(jnp.linalg.norm(each - own) / jnp.linalg.norm(own))
            for name, each in gradients.items()
        },
    }
