"""What a model of images with stages is, be they ODE blocks or residual steps."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
from jaxtyping import PyTree

from ..objectives.losses import PREDICTION
from .base import AbstractModel
from .outer_layers import OuterLayers


class AbstractStagedNet(AbstractModel):
    """Base of `StagedODENet` and its discrete twin `StagedResNet`, which one builder makes.

    To write another, subclass, give the field `outer` and write `forward`, as for `AbstractModel`.
    """

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION

    outer: eqx.AbstractVar[OuterLayers]

    def head_part(self) -> PyTree:
        """The head."""
        return self.outer.head
