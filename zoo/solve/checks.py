"""What a `Solver` refuses: numbers out of range, and combinations that would ignore an option."""

import warnings
from typing import Any

import diffrax
import jax
import jax.numpy as jnp

from ..errors import ConfigError, ZooWarning
from ..registry import unknown
from ..schema import INT32_MAX, Range
from ..types import AnyArray
from .adjoints import ADJOINTS, check_adjoint, default_adjoint
from .engine import AbstractStepper
from .methods import STEPPERS, is_adaptive, ode_methods, sde_methods, takes_any_field
from .regulariser_checks import check_regulariser
from .rounding import FIELD_DTYPES, check_field_dtype, check_field_tolerance
from .solver_field import declared

TOLERANCE = Range(0, 1, open_low=True)
MAX_STEPS = Range(1, INT32_MAX - 1)
"""Attempts, and one place more for them, are counted in 32 bits."""
STEPS = Range(1, MAX_STEPS.high // 2)
"""Equal steps, which have twice as many attempts."""
BATCHINGS = ("joint", "joint-rms", "per-sample")


def check_ranges(solver: Any) -> None:
    """Raise `ConfigError` for a number of a `Solver` that is out of range.

    Arrays are looked at too. Of one that is being traced there is no value: the solve itself then
    ends as `Outcome.INVALID`, see `zoo.solve.problem.valid`.
    """
    for name, field in declared(solver):
        value = getattr(solver, name)
        value = concrete(value) if field.is_number else value
        if value is not None and field.range is not None:
            _check_range(name, value, field.range, field.expected)
    t0, t1 = concrete(solver.t0), concrete(solver.t1)
    if t0 is not None and t0 == t1:
        raise ConfigError(f"t0 == t1 == {t0!r}: an interval of length zero solves nothing.")
    if solver.dtype == "float64" and not jax.config.read("jax_enable_x64"):
        raise ConfigError("dtype='float64' needs 64 bits switched on: set JAX_ENABLE_X64=1.")
    check_precision(solver)


def _check_range(name: str, value: float, bounds: Range, expected: str) -> None:
    """As `bounds.check`, with what was expected in the field's own words where it has any."""
    try:
        bounds.check(name, value)
    except ConfigError:
        if not expected:
            raise
        raise ConfigError(f"{name} = {value!r}: expected {expected}") from None


def concrete(value: AnyArray | float | None) -> float | None:
    """The value of a number or array; None where there is none, or none yet (under a trace).

    Raises `ConfigError` for an array of several numbers.
    """
    if value is None or isinstance(value, jax.core.Tracer):
        return None
    if jnp.ndim(value):
        raise ConfigError(
            f"A number of a solver has shape {jnp.shape(value)}: expected one number, []. Solve "
            "for several with jax.vmap over solve."
        )
    return float(value)


def check_precision(solver: Any) -> None:
    """Raise `ConfigError` for an rtol below the rounding error; warn of one that is near it."""
    check_field_tolerance(solver)
    if not isinstance(solver.rtol, float):
        return
    dtype = solver.dtype or jnp.zeros(()).dtype.name
    eps = float(jnp.finfo(dtype).eps)
    if solver.rtol < eps:
        raise ConfigError(
            f"rtol = {solver.rtol:g} is below the rounding error of {dtype} ({eps:.1e}): no "
            "step can reach it: loosen it, or use 64 bits (JAX_ENABLE_X64=1)."
        )
    if solver.rtol < 10 * eps:
        warnings.warn(
            f"rtol = {solver.rtol:g} is within ten rounding errors of {dtype} ({eps:.1e}): the "
            "error estimate is mostly noise. Use 64 bits (JAX_ENABLE_X64=1).",
            ZooWarning,
            stacklevel=5,
        )


def check_solves_odes(method: object) -> None:
    """Raise `ConfigError` for a method of stochastic equations alone."""
    if not isinstance(method, (AbstractStepper, *ode_methods())):
        raise ConfigError(
            f"method = {method!r} does not solve a plain ODE: expected one of "
            f"{', '.join(sorted(c.__name__ for c in ode_methods()))}; with noise, use "
            "zoo.solve.solve_sde."
        )


def check_combination(solver: Any) -> None:
    """Raise `ConfigError` where fields of a `Solver` contradict each other or would be ignored."""
    method = solver.method or diffrax.Dopri5()
    tolerances = [n for n in ("rtol", "atol") if getattr(solver, n) is not None]
    _check_method(solver.method)
    if solver.is_constant and tolerances:
        why = f"steps={solver.steps}" if solver.steps else f"{type(solver.method).__name__}"
        if solver.controller == "constant":
            why = "controller='constant'"
        raise ConfigError(
            f"{why} takes equal steps and would ignore {' and '.join(tolerances)}: leave "
            "them out, or use an error-estimating method without steps (diffrax.Dopri5())."
        )
    if solver.is_constant and solver.dtmax is not None:
        raise ConfigError(
            f"dtmax = {solver.dtmax} bounds steps that adapt, and these are equal: choose their "
            "size by steps or dt0."
        )
    if solver.controller == "pid":
        if solver.method is not None and not is_adaptive(method):
            raise ConfigError(
                f"controller='pid' needs an estimate of the error, which "
                f"{type(solver.method).__name__} does not have: give steps or dt0 with "
                "controller='constant', or use diffrax.Heun() or diffrax.Dopri5()."
            )
        if solver.steps is not None:
            raise ConfigError("steps means equal steps and contradicts controller='pid'.")
    if solver.steps is not None and solver.dt0 is not None:
        raise ConfigError(
            f"steps={solver.steps} and dt0={solver.dt0} both choose the step: give one of them."
        )
    if solver.steps and solver.max_steps and solver.steps > solver.max_steps:
        raise ConfigError(
            f"steps={solver.steps} is more than max_steps={solver.max_steps}: raise max_steps."
        )
    if solver.adjoint is not None and solver.adjoint not in ADJOINTS:
        raise ConfigError(unknown("adjoint", str(solver.adjoint), sorted(ADJOINTS)))
    if solver.batching not in (None, *BATCHINGS):
        raise ConfigError(unknown("batching", str(solver.batching), list(BATCHINGS)))
    if solver.controller not in (None, "pid", "constant"):
        raise ConfigError(unknown("controller", str(solver.controller), ["constant", "pid"]))
    if solver.regulariser is not None and not takes_any_field(method):
        raise ConfigError(
            f"{type(method).__name__} solves dynamics by their parts, beside which there is no "
            "running cost: leave the regulariser out, or use a Runge-Kutta method "
            "(diffrax.Dopri5())."
        )
    adjoint = solver.adjoint or default_adjoint(method)
    check_adjoint(adjoint, method)
    check_regulariser(solver.regulariser, method, adjoint)
    if solver.field_dtype not in (None, *FIELD_DTYPES):
        raise ConfigError(unknown("field_dtype", str(solver.field_dtype), list(FIELD_DTYPES)))
    check_field_dtype(solver, method)


def _check_method(method: object) -> None:
    known = {*ode_methods(), *sde_methods()}
    if method is None or isinstance(method, (AbstractStepper, *known)):
        return
    name = type(method).__name__
    raise ConfigError(
        f"method = {method!r} solves neither a plain ODE nor one with noise: expected "
        + (
            f"zoo.solve.{name}(), which is this method for states (q, p)."
            if name in {stepper.__name__ for stepper in STEPPERS}
            else f"one of {', '.join(sorted(c.__name__ for c in known))}."
        )
    )
