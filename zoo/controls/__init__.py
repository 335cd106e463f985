"""Controls: paths through series that are irregular and incomplete, which drive neural CDEs."""

from .base import AbstractControl, real_times
from .hermite import Hermite
from .linear import Linear
from .log_ode import LogODE
from .neighbours import since_observed
from .path import Derivative, Path
from .rectilinear import Rectilinear

__all__ = [
    "AbstractControl",
    "Derivative",
    "Hermite",
    "Linear",
    "LogODE",
    "Path",
    "Rectilinear",
    "real_times",
    "since_observed",
]
