"""Dynamics that compute in bfloat16, within a solve that does not."""

from typing import TypeVar

import jax
import jax.numpy as jnp

from ..nn.frozen import Frozen
from ..precision import cast_floats
from ..types import Args, State
from .base import AbstractBatchDynamics, Dynamics, Time, lift

_Cast = TypeVar("_Cast")


class Bfloat16Dynamics(AbstractBatchDynamics):
    """dy/dt = f(t, y, args) computed in bfloat16, and given back in the type of the state.

    Weights, time, state and args are rounded to the 8 bits of a bfloat16 for one evaluation. They
    stay what they are for all else: the optimiser moves weights of float32, and the solver adds
    slopes to a state of float32, estimates its error and chooses its steps in float32. As in mixed
    precision training (Micikevicius et al. 2018, with bfloat16 in the place of float16, whose range
    needs no scaling of the loss).

    The field is a staircase of y and of t, with steps of 2^-8 of their size: an error estimate that
    is to be smaller sees the staircase and not the ODE (`zoo.solve.rounding`).

    Args:
        field: any dynamics, on one example or on a batch.
    """

    field: Dynamics

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of states."""
        field = self.field.still if isinstance(self.field, Frozen) else self.field
        slopes = lift(_rounded(field))(_rounded(jnp.asarray(t)), _rounded(ys), _rounded(args))
        return jax.tree.map(lambda dy, y: dy.astype(y.dtype), slopes, ys)


def _rounded(tree: _Cast) -> _Cast:
    return cast_floats(tree, jnp.dtype(jnp.bfloat16))
