"""Which of Diffrax's solvers solve a plain ODE, or one with noise, and how to find one by name."""

import diffrax

from ..errors import ConfigError
from ..registry import unknown


def method_by_name(name: str) -> diffrax.AbstractSolver:
    """The Diffrax ODE solver of a class name, with its default settings.

    Raises `UnknownNameError` for anything else, with the closest name.
    """
    cls = getattr(diffrax, name, None)
    if cls is None or cls not in ode_methods():
        known = sorted(c.__name__ for c in ode_methods())
        raise ConfigError(unknown("ODE solver of Diffrax called", name, known))
    return cls()


def ode_methods() -> list[type[diffrax.AbstractSolver]]:
    """The Diffrax solvers of a plain ODE: explicit and diagonally implicit Runge-Kutta methods,
    and both Euler methods."""
    bases = (diffrax.AbstractERK, diffrax.AbstractDIRK, diffrax.Euler, diffrax.ImplicitEuler)
    classes = [v for v in vars(diffrax).values() if isinstance(v, type) and issubclass(v, bases)]
    return [c for c in classes if not c.__name__.startswith("Abstract")]


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


def sde_methods() -> list[type[diffrax.AbstractSolver]]:
    """The Diffrax solvers of dy = f dt + g dW; its methods for Langevin dynamics alone are not."""
    bases = (diffrax.AbstractItoSolver, diffrax.AbstractStratonovichSolver)
    classes = [v for v in vars(diffrax).values() if isinstance(v, type) and issubclass(v, bases)]
    langevin = diffrax.AbstractFosterLangevinSRK
    return [
        c for c in classes if not (c.__name__.startswith("Abstract") or issubclass(c, langevin))
    ]


def is_adaptive(method: diffrax.AbstractSolver) -> bool:
    """Whether a method estimates its error, so that its steps can adapt."""
    return isinstance(method, diffrax.AbstractAdaptiveSolver)
