"""Dynamics: the vector fields f(t, y, args) of the differential equations."""

from . import pde
from .base import AbstractBatchDynamics, AbstractDynamics, Dynamics, Time, lift
from .bfloat16 import Bfloat16Dynamics
from .by_name import dynamics_by_name, takes_shape
from .concat_squash import ConcatSquashDynamics
from .controlled import ControlledDynamics, MatrixField
from .conv import ConvDynamics
from .conv_concat_squash import ConvConcatSquashDynamics
from .dissipative import DissipativeDynamics
from .divergence import WithDivergence
from .driven import Drive, DrivenDynamics, ShiftedDynamics
from .forced import AbstractForcedDynamics
from .growth import GrowthDynamics
from .hamiltonian import (
    AbstractHamiltonianDynamics,
    HamiltonianDynamics,
    SeparableHamiltonianDynamics,
)
from .hybrid import HybridDynamics, without_net
from .labelled import LabelledDynamics, OfClass
from .lagrangian import LagrangianDynamics
from .lotka_volterra import LotkaVolterraDynamics
from .mechanical import AbstractSecondOrderDynamics
from .mlp import MLPDynamics
from .nbody import NBodyDynamics
from .second_order import SecondOrderDynamics
from .semilinear import AbstractSemilinearDynamics
from .separable import AbstractBatchSeparableDynamics, AbstractSeparableDynamics
from .shifted import shifted
from .transformer import TransformerDynamics
from .unet import UNetDynamics

__all__ = [
    "AbstractBatchDynamics",
    "AbstractBatchSeparableDynamics",
    "AbstractDynamics",
    "AbstractForcedDynamics",
    "AbstractHamiltonianDynamics",
    "AbstractSecondOrderDynamics",
    "AbstractSemilinearDynamics",
    "AbstractSeparableDynamics",
    "Bfloat16Dynamics",
    "ConcatSquashDynamics",
    "ControlledDynamics",
    "ConvConcatSquashDynamics",
    "ConvDynamics",
    "DissipativeDynamics",
    "Drive",
    "DrivenDynamics",
    "Dynamics",
    "GrowthDynamics",
    "HamiltonianDynamics",
    "HybridDynamics",
    "LabelledDynamics",
    "LagrangianDynamics",
    "LotkaVolterraDynamics",
    "MLPDynamics",
    "MatrixField",
    "NBodyDynamics",
    "OfClass",
    "SecondOrderDynamics",
    "SeparableHamiltonianDynamics",
    "ShiftedDynamics",
    "Time",
    "TransformerDynamics",
    "UNetDynamics",
    "WithDivergence",
    "dynamics_by_name",
    "lift",
    "pde",
    "shifted",
    "takes_shape",
    "without_net",
]
