"""Dynamics: the vector fields f(t, y, args) of the differential equations."""

from . import pde
from .base import AbstractBatchDynamics, AbstractDynamics, Dynamics, Time, lift
from .by_name import dynamics_by_name, takes_shape
from .concat_squash import ConcatSquashDynamics
from .controlled import ControlledDynamics, MatrixField
from .conv import ConvDynamics
from .conv_concat_squash import ConvConcatSquashDynamics
from .divergence import WithDivergence
from .driven import Drive, DrivenDynamics, ShiftedDynamics
from .forced import AbstractForcedDynamics
from .labelled import LabelledDynamics, OfClass
from .lotka_volterra import LotkaVolterraDynamics
from .mlp import MLPDynamics
from .semilinear import AbstractSemilinearDynamics
from .separable import AbstractSeparableDynamics
from .transformer import TransformerDynamics
from .unet import UNetDynamics

__all__ = [
    "AbstractBatchDynamics",
    "AbstractDynamics",
    "AbstractForcedDynamics",
    "AbstractSemilinearDynamics",
    "AbstractSeparableDynamics",
    "ConcatSquashDynamics",
    "ControlledDynamics",
    "ConvConcatSquashDynamics",
    "ConvDynamics",
    "Drive",
    "DrivenDynamics",
    "Dynamics",
    "LabelledDynamics",
    "LotkaVolterraDynamics",
    "MLPDynamics",
    "MatrixField",
    "OfClass",
    "ShiftedDynamics",
    "Time",
    "TransformerDynamics",
    "UNetDynamics",
    "WithDivergence",
    "dynamics_by_name",
    "lift",
    "pde",
    "takes_shape",
]
