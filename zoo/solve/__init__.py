"""Solving: a `Solver` as a value, `solve` for a batch, `Stats` and words for what happened."""

from .adjoints import ADJOINTS, adjoint_table
from .integrate import first, marked, solve
from .methods import method_by_name, ode_methods
from .options import solver_from_options, solver_options
from .outcomes import Outcome, explain, words_of
from .sde import solve_sde
from .solver import Solver

__all__ = [
    "ADJOINTS",
    "Outcome",
    "Solver",
    "adjoint_table",
    "explain",
    "first",
    "marked",
    "method_by_name",
    "ode_methods",
    "solve",
    "solve_sde",
    "solver_from_options",
    "solver_options",
    "words_of",
]
