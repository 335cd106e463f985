"""What a configuration holds of a solver: the JSON values of the options that were given."""

from typing import Any

from ..errors import ConfigError
from .methods import method_by_name, ode_methods
from .solver_field import declared


def options_held(solver: Any) -> dict[str, Any]:
    """What a `Solver` of plain numbers gives, as `zoo.solve.solver_from_options` takes it.

    Raises `ConfigError` for a field that is no option, and for a method that its name alone does
    not tell.
    """
    given = {name: getattr(solver, name) for name, _ in declared(solver)}
    given = {name: value for name, value in given.items() if value is not None}
    for name, field in declared(solver):
        if name in given and field.json is None:
            raise ConfigError(
                f"A {name} is for training and no part of a model's configuration: pass it as "
                f"zoo.fit(..., {name}=...)."
            )
    return given if solver.method is None else given | {"method": _name_of(solver.method)}


def _name_of(method: Any) -> str:
    name = type(method).__name__
    if type(method) not in ode_methods() or method != method_by_name(name):
        raise ConfigError(
            f"{method} has settings or a class of its own, which a configuration cannot hold by "
            "name: build the model by hand (zoo.ODENet) and load it with `like=`."
        )
    return name
