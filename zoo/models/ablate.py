"""`ablate`: the same weights without their ODE, as a residual net."""

from typing import TypeVar

import diffrax
from jaxtyping import PyTree

from ..errors import ConfigError
from ..solve import Solver, override, solvers_of

_Model = TypeVar("_Model", bound=PyTree)


def ablate(model: _Model, *, steps: int = 1) -> _Model:
    """The model with each of its solves done in `steps` equal steps of Euler's method.

    One step over an interval of length 1 is the residual layer x + layer(x): what is left of an
    ODE-Net or an ODE block without its ODE. With `steps=n` it is a residual net of n layers that
    share their weights, so that it has equal parameters. Weights and interval stay; trained from
    the start it is the honest baseline, and evaluated as it is it tells whether a trained model
    needs its solver.

        with_ode = zoo.fit(model, data)
        without = zoo.fit(zoo.ablate(model), data)

    Args:
        model: any model or module that holds a `Solver`, in ODE blocks or of its own.
        steps: how many layers each solve becomes.

    Raises `ConfigError` for a model that holds none, and for no steps.
    """
    if not solvers_of(model):
        raise ConfigError(
            f"{type(model).__name__} holds no Solver, and so no ODE that could be left out: "
            "expected an ODE-Net or a module with zoo.ode_block in it."
        )
    changed: _Model = override(model, Solver(diffrax.Euler(), steps=steps, max_steps=2 * steps))
    return changed
