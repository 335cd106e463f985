"""Which methods solve a plain ODE, or one with noise, how to find one by name, and which dynamics
one is for."""

from functools import cache
from typing import TypeAlias

import diffrax

from ..dynamics.base import Dynamics
from ..errors import ConfigError
from ..registry import unknown
from ..types import Args, StateType
from .demands import check_semilinear
from .engine import ETDRK2, ETDRK4, AbstractStepper, Leapfrog, SemiImplicitEuler, Yoshida4
from .through_diffrax.imex import IMEX

Method: TypeAlias = diffrax.AbstractSolver | AbstractStepper
"""A Diffrax solver, or a stepper of the engine."""

STEPPERS: tuple[type[AbstractStepper], ...] = (
    SemiImplicitEuler,
    Leapfrog,
    Yoshida4,
    ETDRK2,
    ETDRK4,
)
"""The engine's own methods, beside those that it takes from Diffrax by their coefficients."""


def method_by_name(name: str) -> Method:
    """The method of a class name, with its default settings.

    Raises `UnknownNameError` for anything else, with the closest name.
    """
    known = {cls.__name__: cls for cls in ode_methods()}
    if name not in known:
        raise ConfigError(unknown("ODE solver called", name, sorted(known)))
    return known[name]()


@cache
def ode_methods() -> tuple[type[Method], ...]:
    """The methods of a plain ODE: Diffrax's explicit and diagonally implicit Runge-Kutta methods,
    both Euler methods, implicit-explicit methods, and the steppers of the engine's own."""
    bases = (diffrax.AbstractERK, diffrax.AbstractDIRK, diffrax.Euler, diffrax.ImplicitEuler, *IMEX)
    classes = [v for v in vars(diffrax).values() if isinstance(v, type) and issubclass(v, bases)]
    return (*(c for c in classes if not c.__name__.startswith("Abstract")), *STEPPERS)


ENGINE_SDE_METHODS = (
    diffrax.Euler,
    diffrax.Heun,
    diffrax.Midpoint,
    diffrax.Ralston,
    diffrax.ReversibleHeun,
    diffrax.ItoMilstein,
    diffrax.StratonovichMilstein,
)
"""Those by which the engine takes equal steps of an equation with noise."""


@cache
def sde_methods() -> tuple[type[Method], ...]:
    """The Diffrax solvers of dy = f dt + g dW; its methods for Langevin dynamics alone are not."""
    bases = (diffrax.AbstractItoSolver, diffrax.AbstractStratonovichSolver)
    classes = [v for v in vars(diffrax).values() if isinstance(v, type) and issubclass(v, bases)]
    langevin = diffrax.AbstractFosterLangevinSRK
    return tuple(
        c for c in classes if not (c.__name__.startswith("Abstract") or issubclass(c, langevin))
    )


def is_adaptive(method: Method) -> bool:
    """Whether a method estimates its error, so that its steps can adapt."""
    return isinstance(method, diffrax.AbstractAdaptiveSolver)


def takes_any_field(method: Method) -> bool:
    """Whether a method solves any dynamics, and not such as have parts that it can tell apart."""
    return method.any_field if isinstance(method, AbstractStepper) else not isinstance(method, IMEX)


def check_method(method: Method, dynamics: Dynamics, y: StateType, args: Args) -> None:
    """Raise `DynamicsError` for dynamics, of one example, that a method is not for."""
    if isinstance(method, AbstractStepper):
        method.check(dynamics, y, args)
    elif isinstance(method, IMEX):
        check_semilinear(type(method).__name__, dynamics, y, args)
