"""Which solves a regulariser can charge for."""

import diffrax
import equinox as eqx
import jax
import numpy as np

from ..errors import ConfigError
from ..regularisers import AbstractStepRegulariser
from .methods import Method


def check_regulariser(regulariser: object, method: Method, adjoint: str) -> None:
    """Raise `ConfigError` for a regulariser that a solve could not keep, or have nothing to show.

    A solver holds it as a static value, which is compiled in.
    """
    name = type(regulariser).__name__
    for leaf in jax.tree.leaves(regulariser):
        if eqx.is_array(leaf) or isinstance(leaf, np.ndarray):
            raise ConfigError(
                f"The regulariser {name} holds an array of shape {leaf.shape}: expected plain "
                "numbers, since it is compiled in and nothing in it is trained."
            )
    if not isinstance(regulariser, AbstractStepRegulariser):
        return
    if not isinstance(method, diffrax.AbstractERK):
        raise ConfigError(
            f"The regulariser {name} charges for the stages and the error estimate of an explicit "
            f"Runge-Kutta method, and {type(method).__name__} has none: expected one such as "
            "diffrax.Dopri5(), Bosh3() or Heun(); equal steps will do."
        )
    if adjoint != "replay":
        raise ConfigError(
            f"The regulariser {name} charges for the steps that a solve takes, of which "
            f"adjoint={adjoint!r} knows nothing: expected adjoint='replay'. kinetic, jacobian and "
            "taylor work with every adjoint."
        )
