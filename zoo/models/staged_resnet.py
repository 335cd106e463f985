"""The discrete twin of `StagedODENet`: residual steps with weights of their own in each stage."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Array, Float, Shaped

from ..dynamics import Dynamics, lift
from ..solve import Solver
from ..types import AnyArray, AnyKey, Stats
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet


class StagedResNet(AbstractStagedNet):
    """Stem, stages of residual steps y ← y + f(t, y), transitions between them, head.

    Each step has a vector field of its own, which is evaluated once, at the time k / n of step k of
    n: what an ODE block is the limit of, He et al. 2016, "Deep Residual Learning". With one step a
    stage it has as many parameters as the ODE-Net of the same fields. Steps that share their
    weights are no other model: they are that ODE-Net with `method="Euler"` and `steps=n`.

    Args:
        stages: the fields of each stage, those of the first state to those of the last.
        outer: the layers before, between and after them.

    Raises `ConfigError` for stages and transitions that do not alternate.
    """

    stages: tuple[tuple[Dynamics, ...], ...]
    outer: OuterLayers

    def __init__(self, stages: Sequence[Sequence[Dynamics]], outer: OuterLayers) -> None:
        outer.after_each(len(stages))
        self.stages, self.outer = tuple(map(tuple, stages)), outer

    def forward(
        self,
        xs: Shaped[AnyArray, "B H W C"],
        *,
        args: Any = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B outputs"], Stats]:
        """As `AbstractModel.forward`; the cost is the number of steps."""
        ys = self.outer.enter(xs, self)
        layers = self.outer.after_each(len(self.stages))
        for fields, layer in zip(self.stages, layers, strict=True):
            ys = layer(_stepped(fields, ys, args))
        return ys, Stats.discrete(len(ys), sum(map(len, self.stages)))


def _stepped(fields: Sequence[Dynamics], ys: Array, args: Any) -> Array:
    """The states after each field was added once."""
    for number, field in enumerate(fields):
        ys = ys + lift(field)(number / len(fields), ys, args)
    return ys
