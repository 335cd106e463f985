"""A ball whose gravity and restitution are learned through its bounces."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...dynamics.falling import Bounce, Elapsed, Falling, Height
from ...errors import ConfigError
from ...nn.physical import Bounded, Positive
from ...objectives.by_task import Objectives
from ...objectives.huber import check_huber, huber_errors
from ...objectives.parameters import float_type
from ...objectives.paths import Fit, path_error, path_objectives
from ...precision import cast_floats
from ...registry import register_model
from ...schema import Fraction, Nested, PositiveFloat, PositiveInt
from ...solve import Solver, marked, solve, solver_from_options, solver_options, until, zeroed
from ...types import AnyArray, AnyKey, Args, Batch, Stats
from .base import AbstractSeriesModel
from .batch import Series
from .initial import GivenInitial
from .noise import LearnedNoise
from .repeated import repeated_solver
from .shooting import Shooting
from .windows import windows_of


class Flights(NamedTuple):
    """The K flights of each of B balls."""

    begin: Float[Array, "B K"]
    """When each begins, since the start of the series."""
    state: Float[Array, "B K 2"]
    """Height and velocity then."""
    bounced: Bool[Array, "B K"]
    """Whether it begins with a bounce; the first is no bounce."""


class BouncingBall(AbstractSeriesModel):
    """[height, velocity] of a ball that falls, and whose velocity v becomes -restitution v at 0.

    Each bounce is an event, `zoo.solve.until`, through which the gradients of both parameters go.
    Heights are to be in the user's unit, with the floor at 0: `standardise=False`. After the last
    of `bounces` a ball lies still. A start below the floor, by noise, is taken to be as far above
    it. The output is that of `Trajectory`.

    Args:
        gravity: acceleration before training, in units of the data.
        restitution: share of its speed that a ball keeps before training, in (0, 1).
        bounces: how many are followed.
        windows: into how many parts training cuts each series, each from its first value on, so
            that few bounces lie in one: an error made early is not blamed on a later bounce.
        huber: error beyond which a value counts in training by its size, not its square, in the
            data's units; None for squares of all. With noise some values lie on the other side of a
            bounce, and their squares would decide the fit.
        solver: of the flights.

    Raises `ConfigError` for parameters out of range.
    """

    objectives: ClassVar[Objectives] = path_objectives(path_error, "mse")

    gravity: Positive
    restitution: Bounded
    noise: LearnedNoise
    solver: Solver
    bounces: int = eqx.field(static=True)
    windows: int = eqx.field(static=True)
    huber: float | None = eqx.field(static=True)

    def __init__(
        self,
        *,
        gravity: float = 5.0,
        restitution: float = 0.5,
        bounces: int = 16,
        windows: int = 1,
        huber: float | None = None,
        solver: Solver | None = None,
    ) -> None:
        self.gravity, self.restitution = Positive(gravity), Bounded(restitution, 0.0, 1.0)
        self.noise, self.bounces = LearnedNoise(2), bounces
        check_huber(huber)
        self.windows, self.huber = Shooting(windows).windows, huber
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()

    def flights(self, y0: Float[Array, "B 2"], end: Array, solver: Solver) -> tuple[Flights, Stats]:
        """The flights from states y0 up to the time `end`, one more than there are bounces."""
        start = jnp.zeros(y0.shape[:1], y0.dtype)
        fall, bounce, solver = Falling(self.gravity), Bounce(self.restitution), solver

        def flight(
            carry: tuple[Array, Array], _: None
        ) -> tuple[tuple[Array, Array], tuple[Array, Array, Array, Stats]]:
            t, y = carry
            hit, stats = until(
                fall, y, Height(), direction="down", reset=bounce, start=t,
                solver=Solver(t1=end).over(solver),
            )  # fmt: skip
            t, y = zeroed((hit.t, hit.y), stats)
            return (t, y), (t, y, hit.happened, stats)

        _, (t, y, bounced, each) = jax.lax.scan(flight, (start, y0), length=self.bounces)
        begin = jnp.concatenate([start[None], t]).T
        state = jnp.concatenate([y0[None], y]).swapaxes(0, 1)
        happened = jnp.concatenate([jnp.zeros_like(bounced[:1]), bounced]).T
        return Flights(begin, state, happened), _in_a_row(each)

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B T 2 2"], Stats]:
        """As `AbstractSeriesModel`: height and velocity with their deviations, at all times."""
        xs = cast_floats(xs, float_type(self))
        means, stats = self._paths(xs, self.solver if solver is None else solver.over(self.solver))
        return marked(self.noise.beside(means), stats), stats

    def _paths(self, xs: Series, solver: Solver) -> tuple[Float[Array, "B T 2"], Stats]:
        """The states at all times, by one more solve from each time's own flight; finite."""
        size, length, _ = xs.x.shape
        if size == 0:
            return jnp.zeros(xs.x.shape, xs.x.dtype), Stats.discrete(0, 0)
        times = xs.since_start
        # Noise puts a ball that lands below the floor, which it would never cross downwards.
        height, velocity = GivenInitial()(xs).T
        start = jnp.stack([jnp.abs(height), velocity], axis=1)
        flights, first = self.flights(start, times.max(), solver)
        begun = flights.bounced[:, None] & (flights.begin[:, None] <= times[..., None])
        place = begun.sum(axis=-1)
        rows = jnp.arange(size)[:, None]
        states, elapsed = flights.state[rows, place], times - flights.begin[rows, place]
        ended, second = solve(
            Elapsed(Falling(self.gravity)),
            states.reshape(-1, 2),
            args=elapsed.reshape(-1),
            solver=Solver(t0=0.0, t1=1.0).over(solver),
        )
        ended = zeroed(ended, second).reshape(size, length, 2)
        still = (place == self.bounces)[..., None]
        return jnp.where(still, 0, ended), first.then(_side_by_side(second, length))

    def fit_errors(
        self,
        batch: Batch,
        *,
        step: Array,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> Fit:
        """The errors of a batch in training, in windows that each begin at a value."""
        full = cast_floats(self.inputs(batch), float_type(self))
        cut = windows_of(full.until_last_shown(), self.windows)
        solver = repeated_solver(
            self.solver if solver is None else solver.over(self.solver), self.windows
        )
        means, stats = self._paths(cut.series, solver)
        errors = jnp.where(cut.counted, means - cut.series.x, 0)
        errors = errors if self.huber is None else huber_errors(errors, self.huber)
        size = len(full.x)
        return Fit(
            errors.reshape(size, -1, 2),
            cut.counted.reshape(size, -1, 2),
            self.noise.deviation,
            jnp.zeros(size, errors.dtype),
            stats.grouped(self.windows),
        )


def _in_a_row(each: Stats) -> Stats:
    """`Stats` of B examples of those of K solves in a row, [K, B]."""
    count = each.result.shape[0]
    flat = jax.tree.map(lambda x: x.T.reshape(-1) if x.ndim == 2 else x.sum(), each)
    return flat.grouped(count)


def _side_by_side(each: Stats, count: int) -> Stats:
    """`Stats` of B examples of those of B * count solves; an example costs its longest one."""

    def longest(counts: AnyArray) -> Array:
        return jnp.max(counts.reshape(-1, count), axis=1)

    accepted, rejected, nfe = (longest(x) for x in (each.accepted, each.rejected, each.nfe))
    return replace(each.grouped(count), accepted=accepted, rejected=rejected, nfe=nfe)


@register_model("bouncing_ball")
def bouncing_ball(
    channels: int,
    *,
    gravity: PositiveFloat = 5.0,
    restitution: Fraction = 0.5,
    bounces: PositiveInt = 16,
    windows: PositiveInt = 5,
    huber: PositiveFloat | None = None,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> BouncingBall:
    """A falling ball that bounces: its gravity and restitution, learned through its bounces.

    Args:
        channels: of the series: 2, height and velocity
        gravity: acceleration before training
        restitution: share of its speed that a ball keeps at a bounce, before training
        bounces: how many are followed; then the ball lies still
        windows: into how many parts training cuts each series, each with a start of its own
        huber: error beyond which a value counts in training by its size, not its square; squares
            of all when not given
        solver: options of the solver
        key: not used: nothing is drawn
    """
    if channels != 2:
        raise ConfigError(
            f"bouncing_ball of {channels} channels: expected 2, the height above the floor and "
            "the velocity. Other motions are for the model trajectory."
        )
    return BouncingBall(
        gravity=gravity,
        restitution=restitution,
        bounces=bounces,
        windows=windows,
        huber=huber,
        solver=solver_from_options(dict(solver or {})),
    )
