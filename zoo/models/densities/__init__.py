"""Models of densities: what is likely, and examples drawn from it."""

from ...objectives.likelihood import MAXIMUM_LIKELIHOOD
from .base import AbstractDensity
from .cnf import CNF
from .trace import Trace

__all__ = ["CNF", "MAXIMUM_LIKELIHOOD", "AbstractDensity", "Trace"]
