"""A critic of whole paths: a neural CDE whose slope is bounded."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ...dynamics import MatrixField
from ...nn.dense import FeedForward, linear
from ...types import Tree

LIPSCHITZ = 0.909
"""What x sigmoid(x) is multiplied by so that its slope is at most 1: LipSwish, Chen et al. 2019."""


def lipswish(x: Array) -> Array:
    """0.909 x sigmoid(x), whose slope is between -0.1 and 1."""
    return LIPSCHITZ * jax.nn.silu(x)


class PathCritic(eqx.Module):
    """score = head(h(1)) of dh = field(h) dX along the broken line X = (t, x), h(0) = start(X(0)).

    A neural CDE (Kidger et al. 2021, "Neural SDEs as Infinite-Dimensional GANs"), by one step of
    Heun's method for each piece of the line. In the limit of fine times that is the equation in
    Stratonovich's calculus, driven by a path as rough as those of an SDE are. With `variation` X
    has, too, the sums of the squares of the line's increments, the quadratic variation that a
    broken line has none of by itself: by these the critic hears the noise at first order, as
    `zoo.tasks.signatures.path_features` do.

    Args:
        channels: of the paths.
        hidden: length of h.
        width: units of the one hidden layer of start and field.
        variation: whether X has the quadratic variation.
        key: random key of the initial weights.
    """

    start: FeedForward
    field: MatrixField
    head: eqx.nn.Linear
    """Without a bias, which is the same for all paths and so tells nothing."""
    variation: bool = eqx.field(static=True, metadata={"described": False})

    def __init__(
        self, channels: int, *, hidden: int, width: int, variation: bool = False, key: PRNGKeyArray
    ) -> None:
        keys = jax.random.split(key, 3)
        self.start = FeedForward(
            channels, hidden, width=width, depth=1, activation=lipswish, key=keys[0]
        )
        moving = 1 + channels * (1 + variation)
        self.field = MatrixField(
            hidden, moving, width=width, depth=1, activation=lipswish, key=keys[1]
        )
        self.head = eqx.nn.Linear(hidden, 1, use_bias=False, key=keys[2])
        self.variation = variation

    def __call__(self, ts: Float[Array, "B T"], xs: Float[Array, "B T D"]) -> Float[Array, " B"]:
        """The score of each path."""
        moves = jnp.diff(jnp.concatenate([ts[..., None], xs], axis=-1), axis=1)
        if self.variation:
            moves = jnp.concatenate([moves, moves[..., 1:] ** 2], axis=-1)

        def step(
            hs: Float[Array, "B H"], moved: Float[Array, "B C"]
        ) -> tuple[Float[Array, "B H"], None]:
            def change(hs: Float[Array, "B H"]) -> Float[Array, "B H"]:
                return jnp.sum(self.field(hs) * moved[:, None, :], axis=-1)

            first = change(hs)
            return hs + (first + change(hs + first)) / 2, None

        hs, _ = jax.lax.scan(step, self.start(xs[:, 0]), jnp.moveaxis(moves, 1, 0))
        return linear(self.head, hs)[:, 0]


def clipped(critic: Tree) -> Tree:
    """Every linear map with entries of at most 1 / (its inputs): its slope, in the largest norm, is
    then at most 1."""

    def is_linear(node: object) -> bool:
        return isinstance(node, eqx.nn.Linear)

    def clip(node: object) -> object:
        if not isinstance(node, eqx.nn.Linear):
            return node
        most = 1.0 / np.float32(node.weight.shape[1])
        return eqx.tree_at(lambda layer: layer.weight, node, jnp.clip(node.weight, -most, most))

    changed: Tree = jax.tree.map(clip, critic, is_leaf=is_linear)
    return changed
