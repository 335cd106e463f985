"""A plain scheme on a coarse grid, and what it misses there, learned."""

from typing import Annotated, Literal

from jaxtyping import PRNGKeyArray

from ...nn.dense import Activation, InitScale, activation_by_name
from ...registry import register_dynamics
from ...schema import Depth, PositiveFloat, Range, Size
from .differences import FiniteDifferences
from .equations import EQUATIONS, Equation
from .grid import Grid
from .learned import Learned, LearnedFlux, net_of_neighbours
from .method_of_lines import MethodOfLines
from .term import AbstractTerm

Radius = Annotated[int, Range(1, 99)]
"""Points at either side that a learned term sees."""


@register_dynamics("learned_closure")
def learned_closure(
    size: int,
    *,
    equation: Equation = "burgers",
    length: PositiveFloat = 1.0,
    viscosity: PositiveFloat = 0.01,
    order: Literal[2, 4] = 2,
    upwind: bool = False,
    conserve: bool = True,
    width: Size = 32,
    depth: Depth = 2,
    radius: Radius = 3,
    activation: Activation = "gelu",
    init_scale: InitScale = 0.1,
    key: PRNGKeyArray,
) -> MethodOfLines:
    """A known equation on a coarse periodic grid, and a net of neighbouring values beside it.

    The state are the values at equally spaced points of one period, in the units of the equation:
    data are to be left as they are (`standardise=False`). With `init_scale` 0 it is the plain
    scheme. Without an equation it is a convolutional net, which Euler's method in steps of the
    data's spacing makes the discrete baseline, u + h net(u).

    Args:
        size: points of the grid
        equation: what is known, with `viscosity`: u_t = -(u²/2)_x + ν u_xx (burgers), ν u_xx
            (heat), -(u²/2)_x - u_xx - ν u_xxxx (kuramoto_sivashinsky), or nothing
        length: of the period
        viscosity: ν, which is known and not trained
        order: of the differences of the plain scheme
        upwind: whether its flux is upwind, of order 1
        conserve: whether the net is a flux between neighbours, so that the sum of u is kept
        width: units of a hidden layer of the net
        depth: number of its hidden layers
        radius: points at either side that it sees
        activation: after each hidden layer
        init_scale: factor on its last layer's initial weights and biases
        key: random key of its initial weights
    """
    net = net_of_neighbours(
        2 * radius if conserve else 2 * radius + 1,
        1,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
    learned: AbstractTerm = LearnedFlux((net,), radius) if conserve else Learned(net, radius)
    space = FiniteDifferences(Grid((size,), (length,)), order)
    return MethodOfLines(space, (*EQUATIONS[equation](viscosity, upwind), learned))
