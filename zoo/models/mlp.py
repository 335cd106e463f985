"""The plain dense net: the baseline without residual connections."""

from collections.abc import Callable
from typing import ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from ..nn.dense import Activation, FeedForward, activation_by_name
from ..objectives.by_task import Objectives
from ..objectives.losses import PREDICTION
from ..registry import register_model
from ..schema import Depth, Size
from ..solve import Solver
from ..types import AnyArray, AnyKey, Args, Stats
from .base import AbstractModel, check_inputs


class MLP(AbstractModel):
    """A multilayer perceptron: `depth` hidden layers of `width` units, and a linear last one.

    Images are flattened.
    """

    objectives: ClassVar[Objectives] = PREDICTION

    net: FeedForward
    in_size: int = eqx.field(static=True)

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        key: PRNGKeyArray,
    ) -> None:
        self.net = FeedForward(
            in_size, out_size, width=width, depth=depth, activation=activation, key=key
        )
        self.in_size = in_size

    def forward(
        self,
        xs: Shaped[AnyArray, "B ..."],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B outputs"], Stats]:
        """As `AbstractModel.forward`; the cost is the number of layers."""
        xs = check_inputs(xs, self.in_size, self)
        return self.net(xs), Stats.discrete(len(xs), len(self.net.layers))

    def head_part(self) -> object:
        """The last layer."""
        return self.net.layers[-1]


@register_model("mlp")
def mlp(
    in_size: int,
    out_size: int,
    *,
    width: Size = 64,
    depth: Depth = 2,
    activation: Activation = "gelu",
    key: PRNGKeyArray,
) -> MLP:
    """A multilayer perceptron.

    Args:
        in_size: numbers of an input; images are flattened
        out_size: length of an output
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer
        key: random key of the initial weights
    """
    return MLP(
        in_size,
        out_size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        key=key,
    )
