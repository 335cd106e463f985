"""A method as Diffrax's loop is given it: implicit ones with the root finder that suits them."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optimistix

from ..methods import Method
from ..solver import Solver
from .imex import IMEX, solves_linearly


def method_of(solver: Solver, dtype: np.dtype) -> Method | None:
    """The method. An implicit one whose equations are linear solves them as such; others, where no
    tolerance of the steps says how well, to two thirds of the digits.

    Diffrax's own iteration takes what rounding leaves of the first correction for divergence, which
    adaptive steps forgive and equal ones cannot.
    """
    method = solver.method
    if not isinstance(method, diffrax.AbstractImplicitSolver):
        return method
    finder: Any = method.root_finder
    if isinstance(finder.rtol, float | jax.Array):
        return method
    if isinstance(method, IMEX):
        return solves_linearly(method)
    if not solver.is_constant:
        return method
    tolerance = float(jnp.finfo(dtype).eps) ** (2 / 3)
    chord: Any = optimistix.Chord(rtol=tolerance, atol=tolerance)
    return eqx.tree_at(lambda m: m.root_finder, method, chord)
