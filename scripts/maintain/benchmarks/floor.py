"""The floor: the evaluations that a solve cannot do without, and nothing else.

As many accepted steps times stages of the dynamics, chained, forward and backward by plain reverse
mode in a scan; no Runge-Kutta sums, no error control, no library but JAX. The faster of scanning
evaluations and scanning steps.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def field(layers: Any, t: Any, ys: Any) -> Any:
    """The dynamics on a batch."""
    h = jnp.concatenate([ys, jnp.broadcast_to(t, ys.shape[:1])[:, None].astype(ys.dtype)], axis=1)
    for weight, bias in layers[:-1]:
        h = jnp.tanh(h @ weight + bias)
    weight, bias = layers[-1]
    return h @ weight + bias


def by_evaluations(layers: Any, ys: Any, steps: int, stages: int) -> Any:
    """The chain, one evaluation an iteration."""
    ts = jnp.linspace(0, 1, steps * stages)
    return lax.scan(lambda y, t: (field(layers, t, y), None), ys, ts)[0]


def by_steps(layers: Any, ys: Any, steps: int, stages: int) -> Any:
    """The chain, the stages of a step unrolled."""

    def step(y: Any, t: Any) -> Any:
        for stage in range(stages):
            y = field(layers, t + stage, y)
        return y, None

    return lax.scan(step, ys, jnp.linspace(0, 1, steps))[0]


def floors(
    layers: Any, ys: Any, steps: int, stages: int, loss: Callable[[Any], Any]
) -> dict[tuple[str, str], Callable[[], Any]]:
    """(kind, variant) to a call: `train` gives loss and gradient, `infer` the loss."""
    calls = {}
    for name, chain in (("evaluations", by_evaluations), ("steps", by_steps)):
        value = lambda layers, chain=chain: loss(chain(layers, ys, steps, stages))  # noqa: E731
        for kind, run in (("train", jax.jit(jax.value_and_grad(value))), ("infer", jax.jit(value))):
            calls[kind, f"floor, {name}"] = lambda run=run: jax.block_until_ready(run(layers))
    return calls
