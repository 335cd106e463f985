"""Equations with noise: dy = f(t, y) dt + g(t, y) dW."""

from .methods import methods_for
from .solve_sde import solve_sde

__all__ = ["methods_for", "solve_sde"]
