"""What a model that solves an ODE gives, beside what every model does."""

import abc
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ..dynamics import Dynamics
from ..errors import ConfigError
from ..objectives.parameters import float_type
from ..precision import cast_floats
from ..solve import Solver, TimesLike, solve, solvers_of
from ..types import AnyArray, Args, State, Stats
from .base import AbstractModel


class AbstractODEModel(AbstractModel):
    """Base of the models with a solve: all figures and sweeps take any subclass.

    To write your own, subclass and give what `AbstractModel` asks for, `forward` and `objectives`,
    and three things more:

    - `dynamics`: the vector field f(t, y, args) -> dy/dt on one example, a field or a property;
    - `initial_state(xs)`: the states [B, ...] at t0 of inputs [B, ...];
    - a `Solver` as a field, over which `effective` lays what `forward` is given.

        class Decay(zoo.AbstractODEModel):
            objectives: ClassVar[Mapping[str, object]] = zoo.losses.PREDICTION
            dynamics: zoo.dynamics.MLPDynamics
            solver: zoo.Solver

            def initial_state(self, xs):
                return jnp.asarray(xs)

            def forward(self, xs, *, args=None, solver=None, key=None):
                y0, args = self.problem(xs, args)
                solver = self.effective(solver)
                return zoo.solve.solve(self.dynamics, y0, args=args, solver=solver, key=key)

    `trajectory` and `reconstruction_error` follow from these. Override them where the state that is
    solved for is more than what is to be drawn, or is not solved by `zoo.solve.solve`.

    Of a model with several solves figures show one, the main one: its `dynamics`, its
    `initial_state` and its solver, `main_solver`, by default the first that the model holds. Each
    solve lays what `forward` is given over its own solver (`solver.over(self.inner)`), with
    `zoo.solve.zeroed` between two of them, and `forward` returns the `Stats` of all
    (`first.then(second)`).
    """

    dynamics: eqx.AbstractVar[Dynamics]

    @property
    def main_solver(self) -> Solver:
        """The model's own solver of its main solve: the first that it holds.

        Raises `ConfigError` for a model that holds none.
        """
        own = solvers_of(self)
        if not own:
            raise ConfigError(
                f"{type(self).__name__} holds no Solver: expected one as a field, such as "
                "solver = zoo.Solver(), or a property main_solver that makes it."
            )
        return own[0]

    @abc.abstractmethod
    def initial_state(self, xs: PyTree[AnyArray]) -> Float[Array, "B ..."]:
        """The states at t0 of the main solve, [B, ...], of a batch of inputs."""

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The dynamics; None of a model with several solves, which has to say it itself."""
        return [(self.dynamics, nfe[0])] if len(solvers_of(self)) == len(nfe) == 1 else None

    def effective(self, solver: Solver | None = None) -> Solver:
        """The main solver as it runs: what `solver` gives, laid over the model's own."""
        return self.main_solver if solver is None else solver.over(self.main_solver)

    def problem(self, xs: PyTree[AnyArray], args: Args) -> tuple[State, Args]:
        """The initial states, and the args in the model's own floating type."""
        return self.initial_state(xs), cast_floats(args, float_type(self))

    def trajectory(
        self,
        xs: PyTree[AnyArray],
        ts: TimesLike,
        *,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "B T ..."], Stats]:
        """The whole states, augmented dimensions included, at times `ts`: [B, T, ...].

        `ts` runs from the solver's `t0`; the last time is where the solve ends, and repeating it is
        padding. One solve serves all times: they are interpolated between its steps.
        """
        y0, args = self.problem(xs, args)
        return solve(self.dynamics, y0, args=args, solver=self.effective(solver), ts=ts)

    def reconstruction_error(
        self, xs: PyTree[AnyArray], *, args: Args = None, solver: Solver | None = None
    ) -> Float[Array, " B"]:
        """How far an example's state is from itself after a solve forwards and one back again.

        Relative to the size of the initial state. An ODE can be run backwards; where its numerical
        solution cannot, it is not yet that ODE's solution, and a gradient by backsolve is wrong.
        NaN where a solve failed.
        """
        there = self.effective(solver).resolve()
        y0, args = self.problem(xs, args)
        ys, _ = solve(self.dynamics, y0, args=args, solver=there)
        again, _ = solve(self.dynamics, ys, args=args, solver=there.backwards())

        def norm(y: Array) -> Array:
            return jnp.sqrt(jnp.sum(y.reshape(len(y), -1) ** 2, axis=1))

        return norm(again - y0) / jnp.maximum(norm(y0), jnp.finfo(y0.dtype).tiny)
