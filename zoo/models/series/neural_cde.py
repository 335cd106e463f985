"""The neural CDE: a state that a path through the observations drives."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ...controls import AbstractControl, Path
from ...dynamics import ControlledDynamics, Dynamics, MatrixField
from ...errors import ConfigError
from ...nn import Activation, FeedForward, activation_by_name
from ...objectives.by_task import Objectives
from ...objectives.forecasts import FORECAST
from ...objectives.losses import PREDICTION
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...registry import CONTROLS, register_model
from ...schema import Depth, Nested, Selects, Size
from ...solve import Solver, solve, solver_from_options, solver_options
from ...solve.integrate import unchanged
from ...types import AnyArray, AnyKey, Args, Stats
from .base import AbstractSeriesModel
from .batch import Series
from .data_sizes import Inputs, PathSize, Statics
from .features import known_at, side_by_side
from .heads import head_for


class NeuralCDE(AbstractSeriesModel):
    """z(end) of dz = f(z) dX, where X is a path through the observations, and a head.

    Kidger et al. 2020, "Neural Controlled Differential Equations for Irregular Time Series". z
    starts at a net of the first value of X and of what a series has but once. One solve serves the
    batch: each series has its own knots and ends at its own last time.

    With a control that is causal the head can be read at every time, before its values are taken
    in, of z, a known input u(t) and static numbers: what it says then was known by then. (The
    values of the first time are where z starts.)

    Args:
        dynamics: of z, whose `args` is the derivative of X: see `ControlledDynamics`.
        control: the path; see `zoo.controls.AbstractControl`.
        initial: maps X at the start, and static numbers, of a batch to z there.
        head: maps states of any leading axes to outputs.
        solver: what it does not give takes its defaults. Its interval, from 0 to 1, is the path of
            each series, from its first time to its last one.
        every_time: whether the head is read at every time; else at the end.
        stops: whether steps end at the knots, where the slope of the path jumps, or the slope's
            slope: see `neural_cde`.

    Raises `ConfigError` for a head at every time of a control that is not causal, and for a control
    whose slope jumps where no step is to end.
    """

    objectives: ClassVar[Objectives] = PREDICTION | FORECAST

    dynamics: Dynamics
    control: AbstractControl
    initial: Callable[[Array], Array]
    head: Callable[[Array], Array]
    solver: Solver
    every_time: bool = eqx.field(static=True)
    stops: bool = eqx.field(static=True)

    def __init__(
        self,
        dynamics: Dynamics,
        control: AbstractControl,
        *,
        initial: Callable[[Array], Array],
        head: Callable[[Array], Array],
        solver: Solver | None = None,
        every_time: bool = False,
        stops: bool = True,
    ) -> None:
        if not (stops or control.smooth):
            raise ConfigError(
                f"stops = False and the slope of the control {type(control).__name__} jumps at its "
                "knots: a step across one is wrong by more than its estimate says. Expected True, "
                "or a control that is smooth, such as hermite."
            )
        if every_time and not control.causal:
            raise ConfigError(
                f"The control {type(control).__name__} knows at each time what is observed after "
                "it, so that a neural CDE cannot say with it what comes: expected one that is "
                "causal. Way out: control='rectilinear', or none, which chooses it."
            )
        self.dynamics, self.control = dynamics, control
        self.initial, self.head = initial, head
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()
        self.every_time, self.stops = every_time, stops

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractSeriesModel`. An example whose solve failed is NaN, its `Stats` say why."""
        xs = cast_floats(xs, float_type(self))
        path = self.path(xs, in_shares=True)

        def read(zs: Float[Array, "B ... hidden"]) -> Float[Array, "B ..."]:
            return self.head(side_by_side(zs, *known_at(xs)) if self.every_time else zs)

        ts = path.times if self.every_time else None
        return self._solve(xs, path, solver, ts=ts, readout=read, key=key)

    def path(self, xs: Series, *, in_shares: bool = False) -> Path:
        """The path X through each series, by the time since its start; see `AbstractControl`."""
        return self.control.path(xs.since_start, xs.x, xs.mask, xs.inputs, in_shares=in_shares)

    def states(
        self, xs: Series, shares: Float[AnyArray, " S"], *, solver: Solver | None = None
    ) -> tuple[Float[Array, "B S hidden"], Stats]:
        """z at shares of each path's length, from 0 on, and what the solves cost."""
        xs = cast_floats(xs, float_type(self))
        path = self.path(xs, in_shares=True)
        return self._solve(xs, path, solver, ts=jnp.asarray(shares))

    def _solve(
        self,
        xs: Series,
        path: Path,  # in shares
        solver: Solver | None,
        *,
        ts: Float[Array, "*times"] | None,
        readout: Callable[[Array], Array] = unchanged,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        # Each path is as long as the interval: ends of its own would be outputs, which cost more.
        derivative = path.derivative
        return solve(
            self.dynamics,
            self.initial(side_by_side(path.start, xs.static)),
            args=derivative,
            solver=self.solver if solver is None else solver.over(self.solver),
            ts=ts,
            jumps=derivative.knots if self.stops else None,
            readout=readout,
            key=key,
        )

    def head_part(self) -> object:
        """The head."""
        return self.head

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The dynamics; not known with a head at every time."""
        return None if self.every_time else [(self.dynamics, nfe[0])]


@register_model("neural_cde")
def neural_cde(
    length: int,
    channels: int,
    out_size: int,
    *,
    static: Statics = 0,
    inputs: Inputs = 0,
    path_size: PathSize = 0,
    control: Annotated[str | None, Selects(CONTROLS)] = None,
    control_options: Mapping[str, object] | None = None,
    hidden: Size = 32,
    width: Size = 64,
    depth: Depth = 1,
    activation: Activation = "softplus",
    stops: bool = True,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> NeuralCDE:
    """A neural CDE: a state driven by a path through the observations, and a linear head.

    A method that steps over the knots of a spline, where its second derivative jumps, or of a line,
    is wrong by far more than its tolerance, and on rough series takes more evaluations too. At
    1e-3, in evaluations and relative error, of Tsit5 along splines and of Bosh3 along the others:

    | series | control | steps end at knots | steps do not |
    |---|---|---|---|
    | spirals, 100 times | hermite | 694, 5e-6 | 174, 9e-2 |
    | random walks, 29 times | hermite | 247, 5e-4 | 376, 1e-1 |
    | random walks, 100 times | hermite | 816, 3e-4 | 1,156, 2e-1 |
    | random walks, 29 times | linear | 124, 3e-4 | 860, 2e-1 |
    | random walks, 29 times | rectilinear | 226, 3e-4 | 1,116, 7e-1 |

    Where series are smooth and sampled far more densely than they move, steps over the knots of a
    spline are the cheaper ones, as in Diffrax's example.

    Args:
        length: times of a series in the data; others of any length are taken
        channels: of a series
        out_size: length of an output
        static: numbers that a series has but once
        inputs: numbers of a known input u(t)
        path_size: channels that are asked for at every time; 0 for one output a series
        control: name of the path; hermite when not given, rectilinear for tasks that ask for what
            is at every time
        control_options: its options
        hidden: length of the state
        width: units of a hidden layer of the field and of the initial net; by it models of equal
            size are made
        depth: number of hidden layers of each
        activation: after each hidden layer
        stops: whether steps end at the knots of the path
        solver: options of the solver; its method, when not given, is Tsit5 for a smooth path and
            Bosh3 for one whose slope jumps
        key: random key of the initial weights
    """
    name = control or ("rectilinear" if path_size else "hermite")
    path = CONTROLS[name].builder(length, **dict(control_options or {}))
    size = path.channels(channels, inputs)
    first, field, last = jax.random.split(key, 3)
    known = static + inputs
    act = activation_by_name(activation)
    matrix = MatrixField(hidden, size, width=width, depth=depth, activation=act, key=field)
    start = size + static
    return NeuralCDE(
        ControlledDynamics(matrix),
        path,
        initial=FeedForward(start, hidden, width=width, depth=depth, activation=act, key=first),
        head=head_for(hidden, out_size, path_size, known, key=last),
        solver=solver_from_options(dict(solver or {})).over(solver_for(path)),
        every_time=path_size > 0,
        stops=stops,
    )


def solver_for(control: AbstractControl) -> Solver:
    """What a solve along a control has that is given no solver.

    Between the knots of a broken line a method of high order gains little: on series of 30 times
    Bosh3 took 153 evaluations, Tsit5 250.
    """
    method = diffrax.Tsit5() if control.smooth else diffrax.Bosh3()
    return Solver(method, max_steps=max(256, 16 * control.length))
