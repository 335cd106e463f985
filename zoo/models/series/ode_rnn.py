"""The ODE-RNN: a recurrent net whose state moves by an ODE from one observation to the next."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...dynamics import Dynamics, MLPDynamics
from ...nn import GRU, Activation, activation_by_name
from ...objectives.by_task import Objectives
from ...objectives.forecasts import FORECAST
from ...objectives.losses import PREDICTION
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...registry import register_model
from ...schema import Depth, Nested, PositiveFloat, Size
from ...solve import Solver, marked, solver_from_options, solver_options
from ...types import AnyKey, Args, Stats
from .base import AbstractSeriesModel
from .batch import Series
from .data_sizes import Inputs, PathSize, Statics
from .features import known_at, observed_at, side_by_side, values_at
from .frame import Frame, frame_for, framed_by, known_size
from .gap_solves import over_gaps
from .heads import head_for


class ODERNN(AbstractSeriesModel):
    """A GRU that takes in what is observed, whose state follows an ODE from time to time.

    Rubanova et al. 2019, "Latent ODEs for Irregularly-Sampled Time Series". Each gap between two
    times is a solve of its own for the whole batch, one after the other, since each begins where an
    observation left the state.

    Args:
        dynamics: of the state; t counts from the last time.
        gru: takes in values, mask, a known input u(t) and static numbers.
        head: maps states of any leading axes to outputs.
        solver: of each gap; what it does not give takes its defaults.
        every_time: whether the head is read at every time, before its values are taken in, of the
            state, u(t) and static numbers; else after the last one.
        frame: what else is told of each time, and what paths are added to, see `Frame`.

    Raises `ConfigError` for a solver that cannot work.
    """

    objectives: ClassVar[Objectives] = PREDICTION | FORECAST

    dynamics: Dynamics
    gru: GRU
    head: Callable[[Array], Array]
    solver: Solver
    every_time: bool = eqx.field(static=True)
    frame: Frame | None

    def __init__(
        self,
        dynamics: Dynamics,
        gru: GRU,
        *,
        head: Callable[[Array], Array],
        solver: Solver | None = None,
        every_time: bool = False,
        frame: Frame | None = None,
    ) -> None:
        self.dynamics, self.gru, self.head = dynamics, gru, head
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()
        self.every_time = every_time
        self.frame = frame

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractSeriesModel`; `Stats` are of the solves of all gaps, updates not counted."""
        framed = framed_by(self.frame, cast_floats(xs, float_type(self)))
        xs = framed.xs
        known = [*known_at(xs), *framed.known]
        gates = self.gru.gates(side_by_side(*values_at(xs), *known))
        solver = self.solver if solver is None else solver.over(self.solver)
        there = observed_at(xs)

        def take_in(hs: Array, place: Array) -> Array:
            return jnp.where(there[:, place, None], self.gru.step(gates[:, place], hs), hs)

        start = self.gru.start(xs.x.shape[0])
        gaps = jnp.diff(xs.since_start, axis=1, prepend=0)
        before, last, stats = over_gaps(self.dynamics, start, gaps, take_in, solver, key)
        if self.every_time:
            ys = framed.paths(self.head(side_by_side(before, *known)))
        else:
            ys = self.head(last)
        return marked(ys, stats), stats

    def head_part(self) -> object:
        """The head."""
        return self.head


@register_model("ode_rnn")
def ode_rnn(
    length: int,
    channels: int,
    out_size: int,
    *,
    static: Statics = 0,
    inputs: Inputs = 0,
    path_size: PathSize = 0,
    hidden: Size = 48,
    width: Size = 48,
    depth: Depth = 1,
    activation: Activation = "tanh",
    season: PositiveFloat | None = None,
    own_scale: bool | None = None,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> ODERNN:
    """A gated recurrent unit whose state follows an ODE between observations.

    Args:
        length: times of a series in the data; others of any length are taken
        channels: of a series
        out_size: length of an output
        static: numbers that a series has but once
        inputs: numbers of a known input u(t)
        path_size: channels that are asked for at every time; 0 for one output a series
        hidden: length of the state; by it models of equal size are made
        width: units of a hidden layer of the field
        depth: number of hidden layers of the field
        activation: after each hidden layer
        season: how long a season lasts, as a share of the longest training series; the net is
            then told the value of a season before, to which it adds; None for no season
        own_scale: whether each series is seen by the mean and deviation of what it shows
        solver: options of the solver of each gap; 16 steps at most, when not given
        key: random key of the initial weights
    """
    frame = frame_for(season, own_scale)
    known = static + inputs + known_size(frame, channels)
    field, first, last = jax.random.split(key, 3)
    act = activation_by_name(activation)
    dynamics = MLPDynamics(hidden, width=width, depth=depth, activation=act, time=False, key=field)
    return ODERNN(
        dynamics,
        GRU(2 * channels + known, hidden, key=first),
        head=head_for(hidden, out_size, path_size, known, key=last),
        solver=solver_for(solver_from_options(dict(solver or {}))),
        every_time=path_size > 0,
        frame=frame,
    )


def solver_for(given: Solver) -> Solver:
    """A solver of one gap: what is given, and room for as many steps as a gap needs.

    A step of training on 32 series of 100 times took 51 ms with room for 8 steps in each gap, 104
    with 32 and 180 with 256: so much is set aside for what the way back reads.
    """
    return given if given.is_constant else given.over(Solver(max_steps=16))
