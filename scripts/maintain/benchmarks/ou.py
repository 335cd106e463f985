"""A training step of a neural SDE on Ornstein-Uhlenbeck paths, beside Diffrax's and torchsde's.

As the recipe `ou-neural-sde`, with tanh: 128 draws of 65 values in 64 steps of Euler and Maruyama,
the distance of their moments from those of 128 paths, its gradient and a step of Adam. The model,
its loss and Adam are the same on all sides in JAX; what differs is who solves.

    python -m benchmarks.ou              from scripts/maintain/; a row of sde.json
    python -m benchmarks.ou 3            in three rounds instead of nine
    python -m benchmarks.ou 9 PYTHON     with a row of torchsde, by an interpreter with it

Milliseconds and seconds are the processor's: on one core, the time of a program alone.
"""

import dataclasses
import json
import sys
import time
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import lineax
import optax
from jaxtyping import Array

import zoo
from zoo.models.stochastic import NeuralSDE
from zoo.models.stochastic.neural_sde import NeuralSDEByMoments
from zoo.objectives.path_distance import path_distance
from zoo.types import Stats

from .clock import processor, processor_rounds, spread
from .drive import keep
from .sde import RESULTS
from .torch_peer import steps_in_torch, weights

COUNT, STEPS, RATE = 128, 64, 1e-2
ROW = "training step on Ornstein-Uhlenbeck paths"
NETS = {
    "drift_options": {"width": 32, "depth": 1, "time": False, "activation": "tanh"},
    "diffusion_options": {"width": 16, "depth": 1, "time": False, "activation": "tanh"},
}


class ByDiffrax(NeuralSDEByMoments):
    """The model with its solve as Diffrax's examples have it: `vmap` of `diffeqsolve` along a
    `VirtualBrownianTree`. Of an `UnsafeBrownianPath` Diffrax gives no gradient in reverse."""

    def solve(
        self, drift: Any, diffusion: Any, y0: Array, ts: Array, key: Any, **_: Any
    ) -> tuple[Array, Stats]:
        """The states at `ts`, the ends of the steps."""
        h = 1 / STEPS

        def g(t: Any, y: Any, args: Any) -> Any:
            return lineax.DiagonalLinearOperator(diffusion(t, y, args))

        def one(y0: Array, ts: Array, key: Any) -> Array:
            path = diffrax.VirtualBrownianTree(0.0, 1.0, tol=h / 2, shape=(1,), key=key)
            terms: Any = diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(g, path))
            told: Any = {"saveat": diffrax.SaveAt(t0=True, steps=True), "max_steps": STEPS}
            solution = diffrax.diffeqsolve(terms, diffrax.Euler(), 0.0, 1.0, h, y0, **told)
            assert solution.ys is not None
            return solution.ys

        return jax.vmap(one)(y0, ts, key), Stats.discrete(len(y0), STEPS)


def by_diffrax(model: NeuralSDE) -> ByDiffrax:
    """The same model, solved by Diffrax."""
    return ByDiffrax(**{f.name: getattr(model, f.name) for f in dataclasses.fields(model)})


def measured(count: int, torch_python: str) -> dict[str, Any]:
    """Milliseconds of a training step, seconds to compile, and ratios to the zoo's."""
    data = zoo.load_dataset("ornstein_uhlenbeck", n=5000, length=STEPS + 1)
    config = zoo.model_config("neural_sde", data, distance="moments", **NETS)
    model = zoo.create_model(config, key=jax.random.key(0))
    batch = {name: jnp.asarray(each[:COUNT]) for name, each in data.train.items()}
    competitors = {"zoo": model, "Diffrax, VirtualBrownianTree": by_diffrax(model)}
    optimiser, loss = optax.adam(RATE), path_distance("moments")

    def step(model: Any, state: Any, key: Any) -> Any:
        def mean(model: Any) -> Array:
            return jnp.mean(loss(model, batch, key=key, step=jnp.asarray(0), solver=None)[0])

        value, grads = eqx.filter_value_and_grad(mean)(model)
        updates, state = optimiser.update(grads, state)
        return value, eqx.apply_updates(model, updates), state

    calls, compiling = {}, {}
    for name, each in competitors.items():
        arguments = each, optimiser.init(eqx.filter(each, eqx.is_inexact_array)), jax.random.key(1)
        began = time.process_time()
        compiled = eqx.filter_jit(step).lower(*arguments).compile()
        compiling[name] = time.process_time() - began
        value = jax.block_until_ready(compiled(*arguments))[0]
        print(f"{name}: loss {value:.3f}", flush=True)
        calls[name] = processor(lambda run=compiled, a=arguments: jax.block_until_ready(run(*a)))
    y = jnp.linspace(-2, 2, COUNT)[:, None]
    given = {"x": batch["x"], "y": y, "drift": model.drift.batch(0.0, y, None), "steps": STEPS}
    given |= {"diffusion": model.diffusion.batch(0.0, y, None), "rate": RATE}
    nets = {"f": model.drift.net, "g": model.diffusion.field.net, "start": model.start}
    for name, net in nets.items():
        given |= weights(name, net)
    with steps_in_torch(torch_python, "ou_torch", given) as torch:
        times = processor_rounds(calls | torch, count)
    return {
        "milliseconds": {name: list(spread(values)) for name, values in times.items()},
        "compiling": compiling,
        "ratio": {
            f"{name} / zoo": list(
                spread([a / b for a, b in zip(values, times["zoo"], strict=True)])
            )
            for name, values in times.items()
            if name != "zoo"
        },
    }


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    told = measured(rounds, sys.argv[2] if len(sys.argv) > 2 else sys.executable)
    print(told)
    keep(RESULTS, {**json.loads(RESULTS.read_text()), ROW: told})
