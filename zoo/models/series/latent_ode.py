"""The latent ODE: a path of a hidden state, drawn from what an encoder makes of a series."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...dynamics import Dynamics
from ...nn.dense import FeedForward
from ...objectives.by_task import Objectives
from ...objectives.latent import Draws, elbo
from ...objectives.parameters import float_type
from ...objectives.paths import path_objectives
from ...precision import cast_floats
from ...registry import DYNAMICS, register_model
from ...schema import (
    Depth,
    Fraction,
    Nested,
    NonNegativeInt,
    PositiveInt,
    Selects,
    Size,
)
from ...solve import Solver, marked, solve, solver_from_options, solver_options, zeroed
from ...types import Args, Keys, State, Stats
from ..ode_model import AbstractODEModel
from .base import AbstractSeriesModel
from .batch import Series
from .data_sizes import Inputs, Statics
from .driving import drive_of, driven_by_name
from .encoder import Encoder, SeriesEncoder
from .horizon import Horizon
from .noise import LearnedNoise, with_noise
from .posterior import GaussianPosterior, mixture
from .repeated import repeated, repeated_solver


class LatentODE(AbstractSeriesModel, AbstractODEModel):
    """x(t) around decoder(z(t)), dz/dt = dynamics(t, z, args), z(0) drawn from q(z(0) | series).

    Chen et al. 2018, "Neural Ordinary Differential Equations"; Rubanova et al. 2019, "Latent ODEs
    for Irregularly-Sampled Time Series". The encoder reads what is shown backwards in time. One
    solve from z(0) serves all times, those included at which nothing is shown. The prior of z(0)
    is standard normal, and the noise of an observation is learned, one deviation a channel.

    The output [B, T, D, 2] is the mean and the standard deviation of the mixture over `samples`
    draws of z(0): the noise and how far the draws differ (the law of total variance). Without a key
    every example takes the same draws, those of `jax.random.key(0)`: predictions are the same in
    any batch, and their bands are as wide as those of evaluation.

    Args:
        dynamics: any field of a state of length `latent`.
        encoder: reads series, such as `SeriesEncoder`: [B, 2 latent], the mean of z(0) and a number
            by which the deviation grows, see `GaussianPosterior.of`.
        decoder: maps z(t) to the channels, on any leading axes.
        channels: of the series.
        samples: draws of each example in evaluation and prediction.
        training_draws: draws of each example in a step of training.
        anneal: steps over which the weight of the divergence rises from 0 to 1; 0 for 1 at once.
        horizon: how far into each series training looks, see `Horizon`; the encoder sees all.
        solver: the default `Solver`.
    """

    objectives: ClassVar[Objectives] = path_objectives(elbo, "nll")

    dynamics: Dynamics
    encoder: Callable[[Series], Array]
    decoder: Callable[[Array], Array]
    noise: LearnedNoise
    solver: Solver
    samples: int = eqx.field(static=True)
    training_draws: int = eqx.field(static=True)
    anneal: int = eqx.field(static=True)
    horizon: Horizon = eqx.field(static=True)

    def __init__(
        self,
        dynamics: Dynamics,
        encoder: Callable[[Series], Array],
        decoder: Callable[[Array], Array],
        channels: int,
        *,
        samples: int = 10,
        training_draws: int = 1,
        anneal: int = 300,
        horizon: Horizon | None = None,
        solver: Solver | None = None,
    ) -> None:
        self.dynamics, self.encoder, self.decoder = dynamics, encoder, decoder
        self.noise = LearnedNoise(channels)
        self.samples, self.training_draws, self.anneal = samples, training_draws, anneal
        self.horizon = Horizon() if horizon is None else horizon
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()

    @property
    def main_solver(self) -> Solver:
        """The model's own solver."""
        return self.solver

    def posterior(self, xs: Series) -> GaussianPosterior:
        """q(z(0) | series) of each example."""
        return GaussianPosterior.of(self.encoder(xs))

    def initial_state(self, xs: Series) -> Float[Array, "B latent"]:
        """The mean of z(0) of each series."""
        return self.posterior(xs).mean

    def problem(self, xs: Series, args: Args) -> tuple[State, Args]:
        """The means of z(0), and what drives the field."""
        xs, args = cast_floats((xs, args), float_type(self))
        return self.initial_state(xs), drive_of(xs, args)

    def divergence_weight(self, step: Array) -> Float[Array, ""]:
        """What the divergence counts in a step of training."""
        return jnp.minimum(1.0, (step + 1) / max(self.anneal, 1))

    def counted(self, xs: Series, step: Array) -> Bool[Array, "B T"]:
        """Which times count in a step of training."""
        return self.horizon.within(xs, step)

    def draws(
        self,
        xs: Series,
        count: int,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
    ) -> Draws:
        """`count` paths of each example; 0 where the solve of any of them failed.

        `key` is one for all, or one for each example; without one all take the same draws.
        """
        xs, args = cast_floats((xs, args), float_type(self))
        posterior = self.posterior(xs)
        z0 = posterior.draw(count, key)
        size, _, latent = z0.shape
        paths, stats = solve(
            self.dynamics,
            z0.reshape(size * count, latent),
            args=repeated(drive_of(xs, args), count),
            solver=repeated_solver(self.effective(solver), count),
            ts=repeated(xs.since_start, count),
            readout=self.decoder,
            key=key if count == 1 else None,
        )
        stats = stats.grouped(count)
        paths = zeroed(paths.reshape(size, count, *paths.shape[1:]), stats)
        return Draws(paths, self.noise.deviation, posterior.divergence, stats)

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
    ) -> tuple[Float[Array, "B T D 2"], Stats]:
        """As `AbstractSeriesModel`: the mixture over `samples` draws."""
        draws = self.draws(xs, self.samples, args=args, solver=solver, key=key)
        return marked(mixture(draws.paths, draws.deviation), draws.stats), draws.stats

    def sample(
        self, xs: Series, *, key: Keys, args: Args = None, solver: Solver | None = None
    ) -> tuple[Float[Array, "B T D"], Stats]:
        """A path drawn for each example, and the noise of its observations."""
        both = jax.vmap(jax.random.split)(key)
        draws = self.draws(xs, 1, args=args, solver=solver, key=both[:, 0])
        values = with_noise(draws.paths[:, 0], draws.deviation, both[:, 1])
        return marked(values, draws.stats), draws.stats


@register_model("latent_ode")
def latent_ode(
    channels: int,
    *,
    inputs: Inputs = 0,
    static: Statics = 0,
    latent: Size = 8,
    encoder: Encoder = "gru",
    hidden: Size = 32,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "mlp",
    dynamics_options: Mapping[str, object] | None = None,
    decoder_width: Size = 32,
    decoder_depth: Depth = 1,
    samples: PositiveInt = 10,
    training_draws: PositiveInt = 1,
    anneal: NonNegativeInt = 300,
    first_share: Fraction = 1.0,
    first_steps: NonNegativeInt = 0,
    growing_steps: NonNegativeInt = 0,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> LatentODE:
    """A latent ODE: a path of a hidden state whose start a recurrent net infers from the series.

    Args:
        channels: of the series
        inputs: of a known input u(t), which the field sees beside the state
        static: numbers that a series has but once, which field and encoder see
        latent: length of the hidden state
        encoder: gru, or ode_rnn, whose state moves between two values too
        hidden: units of the encoder
        dynamics: name of the vector field
        dynamics_options: its options
        decoder_width: units of a hidden layer of the decoder
        decoder_depth: number of its hidden layers
        samples: draws of each example in evaluation and prediction
        training_draws: draws of each example in a step of training
        anneal: steps over which the weight of the KL divergence rises from 0 to 1
        first_share: share of each series over which the first steps of training compare paths
        first_steps: how many steps that are
        growing_steps: over how many steps after these the share grows to 1; 0 for at once
        solver: options of the solver
        key: random key of the initial weights
    """
    encoder_key, dynamics_key, decoder_key = jax.random.split(key, 3)
    return LatentODE(
        driven_by_name(dynamics, latent, dynamics_options, inputs + static, key=dynamics_key),
        SeriesEncoder(
            channels, 2 * latent, hidden=hidden, kind=encoder, static=static, key=encoder_key
        ),
        FeedForward(latent, channels, width=decoder_width, depth=decoder_depth, key=decoder_key),
        channels,
        samples=samples,
        training_draws=training_draws,
        anneal=anneal,
        horizon=Horizon(first_share, first_steps, growing_steps),
        solver=solver_from_options(dict(solver or {})),
    )
