"""Fields that compute in bfloat16: with which methods and tolerances a solve can use one."""

from typing import Any

import diffrax

from ..dynamics.base import Dynamics
from ..dynamics.bfloat16 import Bfloat16Dynamics
from ..errors import ConfigError
from .methods import Method

LEAST_RTOL = 1e-2
"""The tightest tolerance at which an error estimate sees the ODE and not the rounding of a bfloat16
field; measured in scripts/maintain/bfloat16."""


def check_field_dtype(solver: Any, method: Method) -> None:
    """Raise `ConfigError` for a bfloat16 field in a solve that would see its rounding.

    An implicit method would look for the root of a staircase, and a stepper asks for parts of the
    field. `check_field_tolerance` looks at the tolerance.
    """
    if solver.field_dtype is None or isinstance(method, diffrax.AbstractERK | diffrax.Euler):
        return
    raise ConfigError(
        f"field_dtype = {solver.field_dtype!r} is for explicit Runge-Kutta methods, and "
        f"{type(method).__name__} is none: expected one such as diffrax.Dopri5(), Tsit5() or "
        "Heun(). Leave field_dtype out to compute in the state's type."
    )


def check_field_tolerance(solver: Any) -> None:
    """Raise `ConfigError` for a tolerance below what a bfloat16 field lets an error estimate see.

    A tolerance that is traced, or an array, is not looked at.
    """
    rtol = solver.rtol
    if solver.field_dtype is None or not isinstance(rtol, float) or rtol >= LEAST_RTOL:
        return
    raise ConfigError(
        f"rtol = {rtol:g} with a field in {solver.field_dtype}, whose rounding of 4e-3 the error "
        f"estimate would see in the place of the ODE: steps shrink and are rejected for nothing. "
        f"Expected rtol of {LEAST_RTOL:g} or more, or equal steps (steps=8). For more accuracy "
        "leave field_dtype out."
    )


def in_field_dtype(dynamics: Dynamics, solver: Any) -> Dynamics:
    """The dynamics as a solver has them computed."""
    return dynamics if solver.field_dtype is None else Bfloat16Dynamics(dynamics)
