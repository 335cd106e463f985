"""A `Solver` from JSON values: the schema of `--solver.*`, read off the fields of `Solver`."""

import inspect
from inspect import Parameter
from typing import Any

from ..schema import resolve
from .methods import method_by_name
from .solver import Solver
from .solver_field import options_in


def solver_options(**given: Any) -> Solver:
    """A `Solver` from JSON values: the schema of `--solver.*`."""
    name = given.pop("method", None)
    return Solver(None if name is None else method_by_name(name), **given)


def signature_of(kind: type[Solver]) -> inspect.Signature:
    """The options of a kind of solver as keyword-only parameters, each None where not given."""
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=field.json | None)
        for name, field in options_in(kind).items()
    ]
    return inspect.Signature(parameters, return_annotation=kind)


def arguments_of(kind: type[Solver]) -> str:
    """The options of a kind of solver as the `Args` of a docstring."""
    lines = [f"        {name}: {field.help}" for name, field in options_in(kind).items()]
    return "\n".join(["    Args:", *lines])


def solver_from_options(options: dict[str, Any] | None) -> Solver:
    """The `Solver` of a mapping of options; see `solver_options` for its keys and errors."""
    return solver_options(**resolve(solver_options, options or {}, "solver."))


# `zoo.schema` reads a builder's signature and docstring: these are the fields' own.
solver_options.__signature__ = signature_of(Solver)  # type: ignore[attr-defined]
solver_options.__doc__ = f"{solver_options.__doc__}\n\n{arguments_of(Solver)}\n    "
