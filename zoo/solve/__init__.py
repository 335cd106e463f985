"""Solving: a `Solver` as a value, `solve` for a batch, `Stats` and words for what happened."""

from .adjoints import ADJOINTS, adjoint_table
from .engine import ETDRK2, ETDRK4, AbstractStepper, Leapfrog, SemiImplicitEuler, Yoshida4
from .equilibria import fixed_point
from .events import Hit, until
from .integrate import first, marked, solve, zeroed
from .methods import method_by_name, ode_methods
from .of_model import override, solvers_of
from .options import solver_from_options, solver_options
from .outcomes import Outcome, explain, words_of
from .sde import solve_sde
from .solver import Solver
from .times import TimesLike

__all__ = [
    "ADJOINTS",
    "ETDRK2",
    "ETDRK4",
    "AbstractStepper",
    "Hit",
    "Leapfrog",
    "Outcome",
    "SemiImplicitEuler",
    "Solver",
    "TimesLike",
    "Yoshida4",
    "adjoint_table",
    "explain",
    "first",
    "fixed_point",
    "marked",
    "method_by_name",
    "ode_methods",
    "override",
    "solve",
    "solve_sde",
    "solver_from_options",
    "solver_options",
    "solvers_of",
    "until",
    "words_of",
    "zeroed",
]
