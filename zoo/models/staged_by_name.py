"""What the builders of image models share: stages of named dynamics, continuous or discrete."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import jax
from jaxtyping import PRNGKeyArray

from ..dynamics import Dynamics, dynamics_by_name
from ..errors import ConfigError
from ..schema import Range
from ..solve import solver_from_options
from .outer_layers import OuterLayers
from .staged import ODEStage, StagedODENet
from .staged_resnet import StagedResNet

Steps = Annotated[int, Range(0, 1000)]
"""Residual steps of a stage of the discrete twin, or 0 for an ODE block."""


def staged_by_name(
    outer: OuterLayers,
    shapes: Sequence[tuple[int, ...]],
    dynamics: str,
    dynamics_options: Mapping[str, Any] | None,
    *,
    discrete: int,
    solver: Mapping[str, Any] | None,
    key: PRNGKeyArray,
) -> StagedODENet | StagedResNet:
    """An ODE block for each of `shapes`, or `discrete` residual steps where that is not 0.

    Args:
        outer: the layers before, between and after them.
        shapes: of each stage's state, without the batch axis.
        dynamics: name of the vector field.
        dynamics_options: its options.
        discrete: residual steps of each stage, each with its own weights; 0 for ODE blocks.
        solver: options of the solver of all ODE blocks.
        key: random key of the fields' initial weights.

    Raises `ConfigError` for solver options where nothing is solved, and what the dynamics raise.
    """
    given = {name: value for name, value in (solver or {}).items() if value is not None}
    if discrete and given:
        raise ConfigError(
            f"discrete = {discrete} residual steps solve no ODE, and solver options are given "
            f"({', '.join(sorted(given))}): leave them out, or use discrete=0."
        )

    def field(shape: tuple[int, ...], key: PRNGKeyArray) -> Dynamics:
        return dynamics_by_name(dynamics, shape, dynamics_options, key=key)

    pairs = list(zip(shapes, jax.random.split(key, len(shapes)), strict=True))
    if discrete:
        of_stage = [[field(s, k) for k in jax.random.split(key, discrete)] for s, key in pairs]
        return StagedResNet(of_stage, outer)
    how = solver_from_options(dict(solver or {}))
    return StagedODENet([ODEStage(field(s, k), how) for s, k in pairs], outer)
