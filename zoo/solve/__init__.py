"""Solving: a `Solver` as a value, `solve` for a batch, `Stats` and words for what happened."""

from .adjoints import ADJOINTS, adjoint_table
from .integrate import solve
from .outcomes import Outcome, explain
from .solver import Solver, method_by_name, ode_methods, solver_from_options, solver_options

__all__ = [
    "ADJOINTS",
    "Outcome",
    "Solver",
    "adjoint_table",
    "explain",
    "method_by_name",
    "ode_methods",
    "solve",
    "solver_from_options",
    "solver_options",
]
