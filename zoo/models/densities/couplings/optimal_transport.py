"""The coupling of optimal transport within blocks of a batch."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ....registry import register_coupling
from ....schema import Size
from .assignment import assignment
from .base import AbstractCoupling


class OptimalTransport(AbstractCoupling):
    """The pairing of least squared distance within each block of so many examples.

    Tong et al. 2024; Pooladian et al. 2023, "Multisample Flow Matching". A batch is in random
    order, so that a block is a random sample of it. Blocks are solved exactly and on the device; an
    exact pairing of a whole batch costs its cube.

    Examples that fill up a batch are paired among themselves, whatever that costs: no real one has
    another's draw because of them.
    """

    independent: ClassVar[bool] = False

    block: int = eqx.field(static=True, default=32)

    def pairs(
        self,
        states: Float[Array, "B ..."],
        zs: Float[Array, "B ..."],
        real: Bool[Array, " B"],
    ) -> Float[Array, "B ..."]:
        """The draws, permuted within each block."""
        count = len(states)
        blocks = -(-count // self.block)
        size = -(-count // max(blocks, 1))
        filled = blocks * size - count
        flat, draws, counted = (
            jnp.pad(each, ((0, filled), *[(0, 0)] * (each.ndim - 1)))
            for each in (states.reshape(count, -1), zs.reshape(count, -1), real)
        )

        def one(block: tuple[Array, Array, Array]) -> Array:
            xs, ys, counts = block
            return ys[assignment(_costs(xs, ys, counts))]

        rows = (flat, draws, counted)
        blocked = [each.reshape(blocks, size, *each.shape[1:]) for each in rows]
        paired = jax.lax.map(one, tuple(blocked)).reshape(blocks * size, -1)
        # A place that was added is not real, and so keeps the zero draw that was added with it.
        return jax.lax.stop_gradient(paired[:count]).reshape(zs.shape)


def _costs(
    xs: Float[Array, "n D"], ys: Float[Array, "n D"], real: Bool[Array, " n"]
) -> Float[Array, "n n"]:
    """Minus twice the inner products, which order pairings as squared distances do.

    A real one with one that is not costs more than anything else; two that are not real only go
    together where they have the same place.
    """
    products = -2 * xs @ ys.T
    far = 4 * (jnp.abs(products).max() + 1)
    both = real[:, None] & real
    own = jnp.eye(len(xs), dtype=bool) & ~real
    return jnp.where(both, products, jnp.where(own, -far, far))


@register_coupling("optimal_transport")
def optimal_transport(*, block: Size = 32) -> OptimalTransport:
    """The pairing of least squared distance, in blocks of a batch.

    Args:
        block: examples that are paired with one another, at most
    """
    return OptimalTransport(block)
