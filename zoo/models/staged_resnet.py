"""The discrete twin of `StagedODENet`: residual steps with weights of their own in each stage."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
from jaxtyping import Array, Float, PRNGKeyArray, PyTree, Shaped

from ..dynamics import Dynamics, lift
from ..objectives.losses import PREDICTION
from ..solve import Solver
from ..types import AnyArray, Stats
from .base import AbstractModel
from .images import check_images
from .staged import Layer, check_stages, entered


class StagedResNet(AbstractModel):
    """Stem, stages of residual steps y ← y + f(t, y), transitions between them, head.

    Each step has a vector field of its own, which is evaluated once, at the time k / n of step k of
    n: what an ODE block is the limit of, He et al. 2016, "Deep Residual Learning". With one step a
    stage it has as many parameters as the ODE-Net of the same fields. Steps that share their
    weights are no other model: they are that ODE-Net with `method="Euler"` and `steps=n`.

    Arguments are those of `StagedODENet`, with a sequence of fields in the place of each stage.
    """

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION

    stem: Layer | None
    stages: tuple[tuple[Dynamics, ...], ...]
    transitions: tuple[Layer, ...]
    head: Layer
    in_shape: tuple[int, ...] = eqx.field(static=True)
    augment: int = eqx.field(static=True)

    def __init__(
        self,
        stages: Sequence[Sequence[Dynamics]],
        head: Layer,
        *,
        in_shape: tuple[int, ...],
        stem: Layer | None = None,
        transitions: Sequence[Layer] = (),
        augment: int = 0,
    ) -> None:
        check_stages(len(stages), len(transitions), augment)
        self.stem, self.stages, self.head = stem, tuple(map(tuple, stages)), head
        self.transitions = tuple(transitions)
        self.in_shape, self.augment = tuple(in_shape), augment

    def forward(
        self,
        xs: Shaped[AnyArray, "B H W C"],
        *,
        args: Any = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | None = None,
    ) -> tuple[Float[Array, "B outputs"], Stats]:
        """As `AbstractModel.forward`; the cost is the number of steps."""
        ys = entered(check_images(xs, self.in_shape, self), self.stem, self.augment)
        for fields, layer in zip(self.stages, (*self.transitions, self.head), strict=True):
            ys = layer(_stepped(fields, ys, args))
        return ys, Stats.discrete(len(ys), sum(map(len, self.stages)))

    def head_part(self) -> PyTree:
        """The head."""
        return self.head


def _stepped(fields: Sequence[Dynamics], ys: Array, args: Any) -> Array:
    """The states after each field was added once."""
    for number, field in enumerate(fields):
        ys = ys + lift(field)(number / len(fields), ys, args)
    return ys
