"""Models of densities: what is likely, and examples drawn from it."""

from ...objectives.likelihood import MAXIMUM_LIKELIHOOD
from . import couplings, flow_builder, paths
from .base import AbstractDensity
from .cnf import CNF
from .couplings import AbstractCoupling
from .flow_matching import FlowMatching
from .paths import AbstractPath
from .stochastic import StochasticFlow
from .trace import Trace

__all__ = [
    "CNF",
    "MAXIMUM_LIKELIHOOD",
    "AbstractCoupling",
    "AbstractDensity",
    "AbstractPath",
    "FlowMatching",
    "StochasticFlow",
    "Trace",
    "couplings",
    "flow_builder",
    "paths",
]
