"""One convolution in a loop beside the same alone, forward and with its gradient."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from zoo.nn import conv, conv_layer

from .clock import rounds, spread


def in_a_loop(count: int) -> dict[str, list[float]]:
    """A convolution's time in a loop of five over five times its time alone."""
    key = jax.random.key(0)
    layer, plain = conv_layer(64, 64, key=key), eqx.nn.Conv2d(64, 64, 3, padding=1, key=key)
    xs, first = jax.random.normal(jax.random.key(1), (128, 7, 7, 64)), jnp.ones((128, 64, 7, 7))

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
