"""Continuous normalising flows: a density whose map from data to noise is an ODE."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from ...dynamics import Dynamics, dynamics_by_name, takes_shape
from ...errors import ConfigError
from ...objectives.by_task import Objectives
from ...objectives.likelihood import MAXIMUM_LIKELIHOOD
from ...registry import DYNAMICS, register_model
from ...schema import FromData, Nested, NonNegativeInt, Selects, Size
from ...solve import Solver, solver_from_options, solver_options
from .base import AbstractDensity
from .trace import Trace


class CNF(AbstractDensity):
    """A continuous normalising flow, trained by maximum likelihood.

    Chen et al. 2018, "Neural Ordinary Differential Equations"; Grathwohl et al. 2019, "FFJORD".

    Args:
        blocks: the vector fields, solved one after another.
        event_shape: the shape of an example.
        state_shape: that of the state, where it is another one: images that are flattened.
        solver: of each block; what it does not give takes its defaults.
        trace: how divergences are taken.
        quanta: the spacing of an input's levels, 0 where it is continuous.

    Raises `ConfigError` for no block, and for a solver that cannot work.
    """

    objectives: ClassVar[Objectives] = {"density": MAXIMUM_LIKELIHOOD}

    blocks: tuple[Dynamics, ...]
    solver: Solver
    trace: Trace
    event_shape: tuple[int, ...] = eqx.field(static=True)
    state_shape: tuple[int, ...] = eqx.field(static=True)
    quanta: tuple[float, ...] = eqx.field(static=True)

    def __init__(
        self,
        blocks: tuple[Dynamics, ...],
        event_shape: tuple[int, ...],
        *,
        state_shape: tuple[int, ...] | None = None,
        solver: Solver | None = None,
        trace: Trace | None = None,
        quanta: tuple[float, ...] = (),
    ) -> None:
        if callable(blocks) or not blocks:
            got = f"the field {type(blocks).__name__}" if blocks else "()"
            raise ConfigError(
                f"A CNF has blocks = {got}: expected a tuple of one vector field or more."
            )
        self.blocks = tuple(blocks)
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()
        self.trace = Trace() if trace is None else trace
        self.event_shape = tuple(event_shape)
        self.state_shape = self.event_shape if state_shape is None else tuple(state_shape)
        self.quanta = tuple(quanta)


@register_model("cnf")
def cnf(
    in_size: int,
    *,
    in_shape: Annotated[tuple[int, ...], FromData("in_shape")] = (),
    quanta: Annotated[tuple[float, ...], FromData("quanta")] = (),
    blocks: Size = 1,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "concat_squash",
    dynamics_options: Mapping[str, object] | None = None,
    exact_in_training: NonNegativeInt = 8,
    exact_in_evaluation: NonNegativeInt = 256,
    probes: Size = 1,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> CNF:
    """A continuous normalising flow: the density of the data by an ODE to a normal distribution.

    Args:
        in_size: numbers of an example
        in_shape: shape of an image, which dynamics of images take as it is
        quanta: spacing of the levels of each number
        blocks: vector fields, solved one after another
        dynamics: name of each vector field
        dynamics_options: their options
        exact_in_training: numbers of a state up to which the trace is exact; probes above
        exact_in_evaluation: the same where a density is reported
        probes: of an example in training, where its trace is estimated
        solver: options of the solver
        key: random key of the initial weights
    """
    event_shape = in_shape or (in_size,)
    state_shape = in_shape if in_shape and takes_shape(dynamics) else (in_size,)
    keys = jax.random.split(key, blocks)
    return CNF(
        tuple(dynamics_by_name(dynamics, state_shape, dynamics_options, key=k) for k in keys),
        event_shape,
        state_shape=state_shape,
        solver=solver_from_options(dict(solver or {})),
        trace=Trace(exact_in_training, exact_in_evaluation, probes),
        quanta=quanta,
    )
