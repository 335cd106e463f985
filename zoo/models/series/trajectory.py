"""A vector field fitted to observed paths."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ...dynamics import Dynamics, shifted
from ...objectives.by_task import Objectives
from ...objectives.parameters import float_type
from ...objectives.paths import Fit, path_error, path_objectives
from ...precision import cast_floats
from ...registry import DYNAMICS, register_model
from ...schema import (
    Fraction,
    Nested,
    NonNegativeFloat,
    NonNegativeInt,
    Padding,
    PositiveInt,
    Selects,
    Size,
)
from ...solve import Solver, solve, solver_from_options, solver_options, zeroed
from ...types import AnyKey, Args, Batch, Keys, State, Stats
from ..ode_model import AbstractODEModel
from .base import AbstractSeriesModel
from .batch import Series
from .data_sizes import Inputs, Statics
from .driving import drive_of, driven_by_name
from .field_at_values import field_at_values
from .horizon import Horizon
from .initial import AbstractInitial, EncodedInitial, GivenInitial, Initial, initial_by_name
from .noise import LearnedNoise, with_noise
from .repeated import repeated, repeated_solver
from .shooting import Shooting
from .windows import jumps_between, windows_of


class Trajectory(AbstractSeriesModel, AbstractODEModel):
    """y(t) of dy/dt = dynamics(t, y, args), one solve a series, from an initial state on.

    The state are the channels in standardised units and `augment` more of the model's own, which
    no value is compared with. Time counts from each series' own start. The output [B, T, D, 2] is
    the path and the standard deviation of a value from it, one learned for each channel.

    Fitted by the squared error over what it is shown, evaluated on what it is not, or on all where
    nothing is held back. The field of series with an input u(t) or statics is given them as args,
    see `zoo.dynamics.Drive`.

    Args:
        dynamics: any `f(t, y, args) -> dy/dt` on one example.
        channels: of the series.
        initial: gives the state at the first time; `GivenInitial(augment)` where not given.
        augment: entries of the state beside the channels.
        shooting: windows of training, see `Shooting`; in evaluation one solve runs over all.
        horizon: how far into each series training looks, see `Horizon`.
        solver: the default `Solver`.
    """

    objectives: ClassVar[Objectives] = path_objectives(path_error, "mse")

    dynamics: Dynamics
    initial: AbstractInitial
    noise: LearnedNoise
    solver: Solver
    channels: int = eqx.field(static=True)
    shooting: Shooting = eqx.field(static=True)
    horizon: Horizon = eqx.field(static=True)

    def __init__(
        self,
        dynamics: Dynamics,
        channels: int,
        *,
        initial: AbstractInitial | None = None,
        augment: int = 0,
        shooting: Shooting | None = None,
        horizon: Horizon | None = None,
        solver: Solver | None = None,
    ) -> None:
        self.dynamics, self.channels = dynamics, channels
        self.initial = GivenInitial(augment) if initial is None else initial
        self.noise = LearnedNoise(channels)
        self.shooting = Shooting() if shooting is None else shooting
        self.horizon = Horizon() if horizon is None else horizon
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()

    @property
    def main_solver(self) -> Solver:
        """The model's own solver."""
        return self.solver

    def noise_part(self) -> LearnedNoise:
        """The deviations, which `path_error` fits by the likelihood of errors that are constant."""
        return self.noise

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The dynamics; not known where an encoder reads the series at each of its times."""
        encoded = isinstance(self.initial, EncodedInitial)
        return None if encoded else [(self.dynamics, nfe[0])]

    def initial_state(self, xs: Series) -> Float[Array, "B S"]:
        """The states at the first time of each series."""
        return self.initial(xs)

    def problem(self, xs: Series, args: Args) -> tuple[State, Args]:
        """The initial states, and what drives the field."""
        xs, args = cast_floats((xs, args), float_type(self))
        return self.initial_state(xs), drive_of(xs, args)

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B T D 2"], Stats]:
        """As `AbstractSeriesModel`: each channel and its deviation, at all times by one solve."""

        def read(states: State) -> Float[Array, "B T D 2"]:
            return self.noise.beside(states[..., : self.channels])

        xs = cast_floats(xs, float_type(self))
        y0, args = self.problem(xs, args)
        return solve(
            self.dynamics,
            y0,
            args=args,
            solver=self.effective(solver),
            ts=xs.since_start,
            readout=read,
            key=key,
        )

    def fit_errors(
        self,
        batch: Batch,
        *,
        step: Array,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> Fit:
        """The errors of a batch in training: over the horizon of this step, in windows."""
        full, args = cast_floats((self.inputs(batch), batch.get("args")), float_type(self))
        count, drive = self.shooting.windows, drive_of(full, args)
        windows = windows_of(self.horizon.cut(full.until_last_shown(), step), count)
        begins = eqx.tree_at(
            lambda s: s.static, windows.series, repeated(full.static, count), is_leaf=_is_none
        )
        y0 = self.initial_state(begins)
        states, stats = solve(
            shifted(self.dynamics),
            y0,
            args=(windows.start, repeated(drive, count)),
            solver=repeated_solver(self.effective(solver), count),
            ts=windows.series.since_start,
            key=key,
        )
        states = zeroed(states, stats)
        errors = states[..., : self.channels] - windows.series.x
        shape = (len(full.x), -1, self.channels)
        jumps = jumps_between(y0, states[:, -1], windows.joined)
        return Fit(
            errors.reshape(shape),
            windows.counted.reshape(shape),
            self.noise.deviation,
            self.shooting.continuity * jumps,
            stats.grouped(count),
        )

    def derivatives(self, batch: Batch) -> tuple[Float[Array, "B T D"], Float[Array, " D"]]:
        """The field at the values of a batch, see `field_at_values`, and a value's deviation."""
        xs, args = cast_floats((self.inputs(batch), batch.get("args")), float_type(self))
        return field_at_values(self.dynamics, self.initial, xs, args), self.noise.deviation

    def sample(
        self, xs: Series, *, key: Keys, args: Args = None, solver: Solver | None = None
    ) -> tuple[Float[Array, "B T D"], Stats]:
        """Values around each path, the deviation of each on its own."""
        outputs, stats = self.forward(xs, args=args, solver=solver)
        return with_noise(outputs[..., 0], self.noise.deviation, key), stats


def _is_none(leaf: object) -> bool:
    return leaf is None


@register_model("trajectory")
def trajectory(
    channels: int,
    *,
    inputs: Inputs = 0,
    static: Statics = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "mlp",
    dynamics_options: Mapping[str, object] | None = None,
    augment: Padding = 0,
    initial: Initial = "estimated",
    initial_width: Size = 32,
    windows: PositiveInt = 1,
    continuity: NonNegativeFloat = 1.0,
    first_share: Fraction = 1.0,
    first_steps: NonNegativeInt = 0,
    growing_steps: NonNegativeInt = 0,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> Trajectory:
    """A vector field fitted to observed paths: an ODE of the channels, solved from the first value.

    Args:
        channels: of the series
        inputs: of a known input u(t), which the field sees beside the state
        static: numbers that a series has but once, which the field sees too
        dynamics: name of the vector field
        dynamics_options: its options
        augment: entries of the state beside the channels
        initial: whence the first state is: the first value of each channel as given, an estimate
            from its first five, or an encoding of the whole series by a recurrent net
        initial_width: units of the net that estimates or encodes it
        windows: into how many parts training cuts each series, each with a start of its own
        continuity: weight of the jumps between them
        first_share: share of each series that the first steps of training see
        first_steps: how many steps that are
        growing_steps: over how many steps after these the share grows to 1; 0 for at once
        solver: options of the solver
        key: random key of the initial weights
    """
    initial_key, dynamics_key = jax.random.split(key)
    size, driven = channels + augment, inputs + static
    return Trajectory(
        driven_by_name(dynamics, size, dynamics_options, driven, key=dynamics_key),
        channels,
        initial=initial_by_name(initial, channels, augment, static, initial_width, key=initial_key),
        shooting=Shooting(windows, continuity),
        horizon=Horizon(first_share, first_steps, growing_steps),
        solver=solver_from_options(dict(solver or {})),
    )
