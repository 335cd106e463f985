"""What the parts of a batch say of a step, and how that of the whole batch is made of them."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from ..precision import at_least_float32
from ..types import AnyArray, Tree
from .report import Tally


class Part(eqx.Module):
    """The gradient of some examples of a batch, or of all of it, and what a report is made of."""

    gradient: PyTree[Array]
    """Of the mean loss, of the structure of the model's trained arrays."""
    loss: Float[Array, ""]
    """The mean over the examples that were solved, by their weights."""
    weight: Float[Array, ""]
    """The sum of these weights."""
    tally: Tally
    left_out: Int[AnyArray, "2"] | None = None
    """See `StepReport.left_out`."""


class Sums(eqx.Module):
    """A `Part` as what is simply combined with that of other examples."""

    added: PyTree[Array]
    """Sums over the examples."""
    largest: Int[AnyArray, ""]
    """The largest `zoo.solve.Outcome`."""
    first: Int[AnyArray, ""]
    """The place in the batch of the first example that was left out; beyond it where none was."""

    def plus(self, other: "Sums") -> "Sums":
        """The sums of these examples and of `other` ones."""
        return Sums(
            jax.tree.map(jnp.add, self.added, other.added),
            jnp.maximum(self.largest, other.largest),
            jnp.minimum(self.first, other.first),
        )


def sums_of(part: Part, start: Array, size: int) -> Sums:
    """The sums of a part whose first example is number `start` of a batch of `size`."""

    def by_weight(mean: Array) -> Array:
        return part.weight * mean.astype(at_least_float32(mean.dtype))

    tally = part.tally
    counts = (tally.metrics, tally.costs, tally.real, tally.healthy, tally.failed)
    means = jax.tree.map(by_weight, (part.gradient, part.loss))
    beyond = jnp.asarray(size, jnp.int32)
    if part.left_out is None:
        return Sums((means, part.weight, counts, None), tally.result, beyond)
    left_out, place = part.left_out
    first = jnp.where(left_out > 0, start + place, beyond)
    return Sums((means, part.weight, counts, left_out), tally.result, first)


def part_of(sums: Sums, like: PyTree[Array]) -> Part:
    """The part whose sums these are, its gradient of the types of `like`, the trained arrays."""
    (gradient, loss), weight, counts, left_out = sums.added
    metrics, costs, real, healthy, failed = counts
    below = jnp.maximum(weight, jnp.finfo(weight.dtype).tiny)
    mean = jax.tree.map(lambda x, y: (x / below).astype(y.dtype), gradient, like)
    told = None if left_out is None else jnp.stack([left_out, sums.first]).astype(jnp.int32)
    tally = Tally(metrics, costs, real, healthy, failed, sums.largest)
    return Part(mean, loss / below, weight, tally, told)


def one_after_another(of_part: Callable[[Tree, Array], Sums], parts: Tree, size: int) -> Sums:
    """The sums of the parts of a batch of `size`, which lie along the first axis of `parts`.

    `of_part` is given a part and its number. Of one part alone intermediate values are held.
    """
    count = jax.tree.leaves(parts)[0].shape[0]
    numbered = parts, jnp.arange(count, dtype=jnp.int32)
    alone = jax.tree.map(lambda x: x[0], numbered)
    if count == 1:
        return of_part(*alone)

    def body(before: Sums, each: tuple[Tree, Array]) -> tuple[Sums, None]:
        return before.plus(of_part(*each)), None

    shape = jax.eval_shape(of_part, *alone)
    nothing: Sums = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shape)
    nothing = eqx.tree_at(lambda sums: sums.first, nothing, jnp.asarray(size, jnp.int32))
    return jax.lax.scan(body, nothing, numbered)[0]
