"""Models of densities: what is likely, and examples drawn from it."""

from .base import AbstractDensity
from .cnf import CNF
from .trace import Trace

__all__ = ["CNF", "AbstractDensity", "Trace"]
