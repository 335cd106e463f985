"""Fields that compute in bfloat16: with which methods and tolerances a solve can use one."""

from dataclasses import replace
from typing import Any, TypeVar

import diffrax

from ..dynamics.base import Dynamics
from ..dynamics.bfloat16 import Bfloat16Dynamics
from ..errors import ConfigError
from .methods import Method

_Solver = TypeVar("_Solver", bound=Any)

_ROUNDED = "bfloat16"
FIELD_DTYPES = (_ROUNDED, "state")
LEAST_RTOL = 1e-2
"""The tightest tolerance for a bfloat16 field. Its rounding makes an error of 1e-3 at any of them,
which the error estimate sees from 2e-2 down: at 1e-2 for 27 % more evaluations than in float32, at
1e-4 for 70 %, with nothing to gain (scripts/maintain/memory/bfloat16.py)."""


def rounds_field(solver: Any) -> bool:
    """Whether a solver has the field computed in bfloat16."""
    return bool(solver.field_dtype == _ROUNDED)


def check_field_dtype(solver: Any, method: Method) -> None:
    """Raise `ConfigError` for a bfloat16 field in a solve that would see its rounding.

    An implicit method would look for the root of a staircase, and a stepper asks for parts of the
    field. `check_field_tolerance` looks at the tolerance.
    """
    if not rounds_field(solver) or isinstance(method, diffrax.AbstractERK | diffrax.Euler):
        return
    raise ConfigError(
        f"field_dtype = {solver.field_dtype!r} is for explicit Runge-Kutta methods, and "
        f"{type(method).__name__} is none: expected one such as diffrax.Dopri5(), Tsit5() or "
        "Heun(), or field_dtype = 'state', in which the field computes as the state is kept."
    )


def check_field_tolerance(solver: Any) -> None:
    """Raise `ConfigError` for a tolerance below what a bfloat16 field lets an error estimate see.

    A tolerance that is traced, or an array, is not looked at.
    """
    rtol = solver.rtol
    if not rounds_field(solver) or not isinstance(rtol, float) or rtol >= LEAST_RTOL:
        return
    raise ConfigError(
        f"rtol = {rtol:g} with a field in {solver.field_dtype}, whose rounding of 4e-3 the error "
        f"estimate would see in the place of the ODE: steps shrink and are rejected for nothing. "
        f"Expected rtol of {LEAST_RTOL:g} or more, or equal steps (steps=8). For more accuracy, "
        "field_dtype = 'state' computes as the state is kept."
    )


def in_field_dtype(dynamics: Dynamics, solver: Any) -> Dynamics:
    """The dynamics as a solver has them computed."""
    return Bfloat16Dynamics(dynamics) if rounds_field(solver) else dynamics


def without_rounding(solver: _Solver) -> _Solver:
    """The solver with a field that computes as the state is kept, as a finer grid needs it."""
    return replace(solver, field_dtype="state") if rounds_field(solver) else solver
