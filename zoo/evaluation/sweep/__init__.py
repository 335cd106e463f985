"""Sweeps: one trained model over tolerances, solvers, adjoints; rows of plain numbers."""

from .adjoint import adjoint_rows
from .compression import compression_rows
from .compute import compute_rows
from .density import density_rows
from .effort import effort_rows, rank_correlations
from .stiffness import stiffness_rows
from .tolerance import TOLERANCES, tolerance_rows

__all__ = [
    "TOLERANCES",
    "adjoint_rows",
    "compression_rows",
    "compute_rows",
    "density_rows",
    "effort_rows",
    "rank_correlations",
    "stiffness_rows",
    "tolerance_rows",
]
