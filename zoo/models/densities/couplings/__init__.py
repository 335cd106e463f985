"""Couplings: which point of the base goes with which example of a batch."""

from .assignment import assignment
from .base import AbstractCoupling
from .independent import Independent
from .optimal_transport import OptimalTransport

__all__ = ["AbstractCoupling", "Independent", "OptimalTransport", "assignment"]
