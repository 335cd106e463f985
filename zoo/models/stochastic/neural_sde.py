"""The neural SDE: a law of paths whose drift and diffusion are nets."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...dynamics import Dynamics, dynamics_by_name
from ...nn.dense import FeedForward
from ...objectives.by_task import Objectives
from ...objectives.parameters import float_type
from ...objectives.path_distance import BY_DISTANCE, Distance
from ...registry import DYNAMICS, register_model
from ...schema import FromData, NonNegativeInt, PositiveInt, Selects, Size
from ...solve import Solver
from ...types import Keys, Stats
from .base import AbstractStochasticModel
from .diffusion import PositiveDiffusion

Length = Annotated[int, FromData("length")]
"""How many times a path of the data has."""
START_NOISE = 4
"""Normal numbers of which a path's start is made."""


class NeuralSDE(AbstractStochasticModel):
    """dy = drift(t, y) dt + diffusion(t, y) dW on [0, 1], from y(0) = start(noise); x = y's first
    numbers.

    Fitted by a distance of what it draws from the data: Kidger 2021, "On Neural Differential
    Equations", chapter 4; by signatures as in Issa et al. 2023, "Non-adversarial training of Neural
    SDEs with signature kernel scores". Each number of y has a motion of its own.

    Args:
        drift: of a vector of `channels` numbers or more.
        diffusion: likewise; see `PositiveDiffusion`.
        start: maps `START_NOISE` normal numbers, on any leading axes, to y(0).
        channels: of the paths.
        length: times of a path of the data.
        substeps: steps of a solve between two of them.
        samples: draws of a prediction.
    """

    objectives: ClassVar[Objectives] = BY_DISTANCE["signature"]

    drift: Dynamics
    diffusion: Dynamics
    start: FeedForward
    channels: int = eqx.field(static=True)

    def draw(
        self, ts: Float[Array, "n T"], key: Keys, *, solver: Solver | None = None
    ) -> tuple[Float[Array, "n T D"], Stats]:
        """As `AbstractStochasticModel`."""
        both = jax.vmap(jax.random.split, out_axes=1)(key)
        dtype = float_type(self) or jnp.result_type(float)
        noise = jax.vmap(lambda one: jax.random.normal(one, (START_NOISE,), dtype))(both[0])
        ys, stats = self.solve(
            self.drift, self.diffusion, self.start(noise), ts, both[1], solver=solver
        )
        return ys[..., : self.channels], stats


class NeuralSDEByMoments(NeuralSDE):
    """A `NeuralSDE` that is fitted by means, and products of the values at each two times."""

    objectives: ClassVar[Objectives] = BY_DISTANCE["moments"]


@register_model("neural_sde")
def neural_sde(
    channels: int,
    *,
    length: Length = 65,
    distance: Distance = "signature",
    augment: NonNegativeInt = 0,
    drift: Annotated[str, Selects(DYNAMICS)] = "mlp",
    drift_options: Mapping[str, object] | None = None,
    diffusion: Annotated[str, Selects(DYNAMICS)] = "mlp",
    diffusion_options: Mapping[str, object] | None = None,
    start_width: Size = 32,
    substeps: PositiveInt = 1,
    samples: PositiveInt = 10,
    key: PRNGKeyArray,
) -> NeuralSDE:
    """A neural SDE: paths whose drift and diffusion are nets, fitted by a distance of samples.

    Args:
        channels: of the paths
        length: times of a path
        distance: by which it is fitted, that of signatures or that of moments of all times
        augment: numbers of the state beside the channels
        drift: name of the drift's vector field
        drift_options: its options
        diffusion: name of the vector field that is made positive for the diffusion
        diffusion_options: its options
        start_width: units of the net that makes a path's start of noise
        substeps: steps of a solve between two times of the data
        samples: draws of a prediction
        key: random key of the initial weights
    """
    drift_key, diffusion_key, start_key = jax.random.split(key, 3)
    shape = (channels + augment,)
    made = {"signature": NeuralSDE, "moments": NeuralSDEByMoments}[distance]
    field = dynamics_by_name(diffusion, shape, diffusion_options, key=diffusion_key)
    return made(
        drift=dynamics_by_name(drift, shape, drift_options, key=drift_key),
        diffusion=PositiveDiffusion(field),
        start=FeedForward(START_NOISE, shape[0], width=start_width, depth=1, key=start_key),
        channels=channels,
        length=length,
        substeps=substeps,
        samples=samples,
    )
