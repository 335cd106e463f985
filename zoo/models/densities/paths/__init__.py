"""Probability paths: how an example goes to a point of the base."""

from .base import AbstractPath, Weights
from .linear import Linear
from .variance_preserving import VariancePreserving

__all__ = ["AbstractPath", "Linear", "VariancePreserving", "Weights"]
