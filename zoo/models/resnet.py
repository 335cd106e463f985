"""The residual net: what an ODE-Net is the limit of."""

from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree, Shaped

from ..errors import ConfigError
from ..nn.dense import Activation, Affine, FeedForward, InitScale, activation_by_name
from ..objectives.by_task import Objectives
from ..objectives.losses import PREDICTION
from ..registry import register_model
from ..schema import Depth, Layers, Padding, Range, Size
from ..solve import Solver
from ..types import AnyArray, AnyKey, Args, Stats
from .base import AbstractModel, check_inputs


class ResNet(AbstractModel):
    """A chain of residual blocks, x ← x + block(x), between an optional lift and head.

    `blocks` map one example's state to its change. The chain is gone through `repeats` times: one
    block repeated is a residual net whose layers share their weights, which is Euler's method for
    the ODE with that block as its dynamics. He et al. 2016, "Identity Mappings in Deep Residual
    Networks".

    Where `in_size` is given, inputs of other shapes that hold so many numbers, such as images, are
    flattened.
    """

    objectives: ClassVar[Objectives] = PREDICTION

    blocks: tuple[Callable[[Array], Array], ...]
    lift: Callable[[Array], Array] | None
    head: Callable[[Array], Array] | None
    repeats: int = eqx.field(static=True)
    in_size: int | None = eqx.field(static=True, metadata={"described": False})

    def __init__(
        self,
        blocks: Sequence[Callable[[Array], Array]],
        *,
        repeats: int = 1,
        lift: Callable[[Array], Array] | None = None,
        head: Callable[[Array], Array] | None = None,
        in_size: int | None = None,
    ) -> None:
        self.blocks = tuple(blocks)
        self.lift, self.head = lift, head
        self.repeats = repeats
        self.in_size = in_size

    def forward(
        self,
        xs: Shaped[AnyArray, "B ..."],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractModel.forward`; the cost is the number of blocks."""
        *_, ys = self._states(self._inputs(xs))
        if self.head is not None:
            ys = jax.vmap(self.head)(ys)
        return ys, Stats.discrete(len(ys), self.repeats * len(self.blocks))

    def head_part(self) -> object:
        """The head; None where the state is the output."""
        return self.head

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]]:
        """The blocks, where the chain is gone through more than once."""
        return [(self.blocks, self.repeats)] if self.repeats > 1 else ()

    def states(self, xs: Shaped[AnyArray, "B ..."]) -> Float[Array, "B states ..."]:
        """The state before the first block and after each of them, for a batch of inputs.

        Raises `ConfigError` for a block that changes the shape of a state.
        """
        return jnp.stack(self._states(self._inputs(xs)), axis=1)

    def _inputs(self, xs: AnyArray) -> Array:
        return check_inputs(xs, self.in_size, self, any_axes=True)

    def _states(self, xs: Array) -> list[Array]:
        """The state before the first block and after each of them."""
        states = [xs if self.lift is None else jax.vmap(self.lift)(xs)]
        for block in self.blocks * self.repeats:
            change = jax.vmap(block)(states[-1])
            if change.shape != states[-1].shape:
                raise ConfigError(
                    f"A residual block maps {states[-1].shape[1:]} to {change.shape[1:]}: expected "
                    "equal shapes, since its output is added to its input."
                )
            states.append(states[-1] + change)
        return states


@register_model("resnet")
def resnet(
    in_size: int,
    out_size: int,
    *,
    depth: Annotated[int, Range(1, 10_000), Layers(shared="shared")] = 3,
    width: Size = 64,
    block_depth: Depth = 1,
    activation: Activation = "gelu",
    shared: bool = False,
    lift: Padding = 0,
    head: bool = True,
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> ResNet:
    """A residual net of dense blocks, truly chained: x ← x + block(x).

    Args:
        in_size: numbers of an input; images are flattened
        out_size: length of an output
        depth: number of blocks in the chain
        width: units of a hidden layer of a block
        block_depth: hidden layers of a block
        activation: after each hidden layer
        shared: one set of weights for all blocks instead of one for each
        lift: length to which a linear layer takes the input first; 0 for none
        head: whether a linear layer makes the output from the state
        init_scale: factor on the initial weights and biases of each block's last layer
        key: random key of the initial weights
    """
    lift_key, head_key, key = jax.random.split(key, 3)
    size = lift or in_size
    if not head and size != out_size:
        raise ConfigError(
            f"Without a head the output is the state, of length {size}, and {out_size} is wanted: "
            f"use head=True or lift={out_size}."
        )
    blocks = [
        FeedForward(
            size,
            size,
            width=width,
            depth=block_depth,
            activation=activation_by_name(activation),
            init_scale=init_scale,
            key=block_key,
        )
        for block_key in jax.random.split(key, 1 if shared else depth)
    ]
    return ResNet(
        blocks,
        repeats=depth if shared else 1,
        lift=Affine(in_size, lift, key=lift_key) if lift else None,
        head=Affine(size, out_size, key=head_key) if head else None,
        in_size=in_size,
    )
