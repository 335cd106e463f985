"""Which method solves an equation with noise, by which route, and what does not go together."""

import dataclasses
from typing import Any, Literal, TypeAlias

import diffrax

from ...errors import ConfigError
from ...registry import unknown
from ..methods import ENGINE_SDE_METHODS, is_adaptive, sde_methods
from ..rounding import rounds_field
from ..solver import Solver
from .field import Noise

Calculus: TypeAlias = Literal["ito", "stratonovich"]

_ADJOINTS = ("replay", "recursive", "direct")
_DEFAULTS: dict[str, type] = {"ito": diffrax.Euler, "stratonovich": diffrax.Heun}
_BASES: dict[str, type] = {
    "ito": diffrax.AbstractItoSolver,
    "stratonovich": diffrax.AbstractStratonovichSolver,
}
_NOISES = ("diagonal", "general", "additive")
_MILSTEIN = (diffrax.ItoMilstein, diffrax.StratonovichMilstein)
_ADDITIVE = (diffrax.SEA, diffrax.ShARK, diffrax.SRA1)


def resolved(solver: Solver | None, steps: int | None, noise: Noise, calculus: Calculus) -> Solver:
    """The solver of an equation with noise, every default filled in.

    Raises `ConfigError` for a method that solves another equation, and for what no route does.
    """
    solver = Solver() if solver is None else solver
    for name, value, known in (("noise", noise, _NOISES), ("calculus", calculus, list(_BASES))):
        if value not in known:
            raise ConfigError(unknown(name, str(value), list(known)))
    if steps is not None and solver.steps not in (None, steps):
        raise ConfigError(
            f"steps={steps} and Solver(steps={solver.steps}) contradict each other: give one."
        )
    _refuse_unused(solver)
    given = {f.name: getattr(solver, f.name) for f in dataclasses.fields(solver)}
    method = solver.method or _DEFAULTS[calculus]()
    _check_method(method, noise, calculus)
    steps = solver.steps if steps is None else steps
    _check_steps(solver, method, steps)
    given |= {"method": method, "steps": steps}
    if steps is not None:
        given["max_steps"] = steps + 1  # none is taken twice, and less is kept of fewer
    whole = Solver(**given).resolve()
    if whole.batching != "per-sample" and not by_engine(whole):
        raise ConfigError(
            f"batching={whole.batching!r} is for steps in the engine, and {type(method).__name__} "
            "with noise goes through Diffrax an example at a time: use batching='per-sample'."
        )
    return whole


def by_engine(solver: Solver) -> bool:
    """Whether the engine takes the steps of a resolved solver."""
    return solver.adjoint == "replay"


def methods_for(noise: Noise, calculus: Calculus) -> list[str]:
    """The names of the methods that solve an equation of this kind."""
    return sorted(c.__name__ for c in sde_methods() if _fits(c, noise, calculus))


def _fits(method: type, noise: Noise, calculus: Calculus) -> bool:
    # Of additive noise both integrals are the same.
    if noise != "additive" and not issubclass(method, _BASES[calculus]):
        return False
    if issubclass(method, _ADDITIVE):
        return noise == "additive"
    return noise != "general" or not issubclass(method, _MILSTEIN)


def _check_method(method: Any, noise: Noise, calculus: Calculus) -> None:
    if not isinstance(method, tuple(sde_methods())):
        why = "does not solve equations with noise"
    elif _fits(type(method), noise, calculus):
        return
    elif isinstance(method, _ADDITIVE):
        why = f"needs additive noise, and noise={noise!r}"
    elif isinstance(method, _BASES[calculus]):
        why = f"needs the areas between motions where noise={noise!r}"
    else:
        other = next(name for name, base in _BASES.items() if isinstance(method, base))
        why = f"solves the equation of the {other} calculus, and calculus={calculus!r}"
    raise ConfigError(
        f"method={type(method).__name__} {why}: expected one of "
        f"{', '.join(methods_for(noise, calculus))}."
    )


def _check_steps(solver: Solver, method: Any, steps: int | None) -> None:
    """Refuse equal steps without a number, and steps that adapt where nothing adapts them."""
    name = type(method).__name__
    adapting = ", ".join(sorted(c.__name__ for c in sde_methods() if is_adaptive(c())))
    given = [n for n in ("rtol", "atol") if getattr(solver, n) is not None]
    if solver.adjoint in (None, "replay") and isinstance(method, ENGINE_SDE_METHODS):
        if steps is None or given:
            raise ConfigError(
                f"{name} takes equal steps in the engine, and got "
                f"{' and '.join(given) or 'no number of them'}: give steps=64; or let Diffrax "
                f"adapt them, Solver(method, rtol=1e-3, adjoint='recursive') by one of {adapting}."
            )
    elif steps is None and not is_adaptive(method):
        raise ConfigError(
            f"{name} does not estimate its error, so that its steps cannot adapt: give steps=64, "
            f"or one of {adapting}."
        )


def _refuse_unused(solver: Solver) -> None:
    """Refuse what `Solver` has for other equations."""
    if solver.regulariser is not None:
        raise ConfigError(
            "A regulariser adds the cost of an ODE's trajectory, and solve_sde has none: leave it "
            "out, or carry the cost as a part of the state."
        )
    if rounds_field(solver):
        raise ConfigError(
            f"field_dtype = {solver.field_dtype!r} is for fields without noise, and solve_sde "
            "computes drift and diffusion in the state's type: leave it out."
        )
    if solver.controller == "constant" and solver.steps is None:
        raise ConfigError(
            "Equal steps of an equation with noise are given by their number, by which each finds "
            "its increment: give steps=64 in the place of controller='constant' and dt0."
        )
    if solver.adjoint not in (None, *_ADJOINTS):
        raise ConfigError(
            f"adjoint={solver.adjoint!r} is not for equations with noise: expected one of "
            f"{', '.join(_ADJOINTS)}."
        )
