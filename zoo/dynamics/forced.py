"""Dynamics of which a part depends on time alone: it is evaluated for a whole step at once."""

import abc
from typing import Any

from ..types import Args, State
from .base import AbstractBatchDynamics, Time


class AbstractForcedDynamics(AbstractBatchDynamics):
    """dy/dt = f(t, y, u(t)): what drives the state, u, depends on time and on args alone.

    A Runge-Kutta method knows the times of all its stages before it takes the first one, so that
    one lookup of u serves a step: of a path in a hundred pieces that is half of a solve.

    Implement `forcing` and `forced`, both for a batch, as `AbstractBatchDynamics` says:

        class Pushed(zoo.dynamics.AbstractForcedDynamics):
            def forcing(self, t, args):
                return jnp.sin(args * t)

            def forced(self, t, ys, forcing, args):
                return forcing - ys
    """

    written = "forced"

    @abc.abstractmethod
    def forcing(self, t: Time, args: Args) -> Any:
        """u at `t`, of shape [] or [B]: arrays with the batch axis first."""

    @abc.abstractmethod
    def forced(self, t: Time, ys: State, forcing: Any, args: Args) -> State:
        """The derivatives of a batch of states, given u at `t`."""

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of states."""
        return self.forced(t, ys, self.forcing(t, args), args)
