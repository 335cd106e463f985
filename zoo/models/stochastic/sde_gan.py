"""The SDE-GAN: a neural SDE that learns to deceive a neural CDE."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ...objectives.adversarial import BY_CRITIC
from ...objectives.by_task import Objectives
from ...objectives.parameters import trainable
from ...registry import DYNAMICS, register_model
from ...schema import NonNegativeInt, PositiveFloat, PositiveInt, Selects, Size
from ...solve import Solver
from ...types import Batch, Keys, Stats
from ..series import Series
from .base import AbstractStochasticModel
from .critic import PathCritic, clipped
from .neural_sde import Length, NeuralSDE, neural_sde


class SDEGAN(AbstractStochasticModel):
    """A `NeuralSDE` whose draws a `PathCritic` is not to tell from data.

    Kidger, Foster, Li and Lyons 2021, "Efficient and Accurate Gradients for Neural SDEs": the
    critic's weights are clipped after each step in the place of a penalty on its slope. See
    `zoo.objectives.adversarial.AdversarialUpdate`. With `--ema` the generator's weights are
    averaged over the steps, without which the two players go round each other.

    Args:
        generator: what draws paths.
        critic: what tells them from data; its slope is bounded at once.
        critic_pace: factor on the critic's learning rate (Heusel et al. 2017, "GANs trained by a
            two time-scale update rule").
    """

    objectives: ClassVar[Objectives] = BY_CRITIC

    generator: NeuralSDE
    critic: PathCritic
    critic_pace: float = eqx.field(static=True, metadata={"described": False})
    length: int = eqx.field(static=True)
    substeps: int = eqx.field(static=True)
    samples: int = eqx.field(static=True)

    def __init__(self, generator: NeuralSDE, critic: PathCritic, critic_pace: float = 1.0) -> None:
        self.generator, self.critic = generator, clipped(critic)
        self.critic_pace = critic_pace
        self.length, self.substeps = generator.length, generator.substeps
        self.samples = generator.samples

    def draw(
        self, ts: Float[Array, "n T"], key: Keys, *, solver: Solver | None = None
    ) -> tuple[Float[Array, "n T D"], Stats]:
        """Paths of the generator, as `AbstractStochasticModel`."""
        return self.generator.draw(ts, key, solver=solver)

    def scores(self, batch: Batch, paths: Float[Array, "B T D"]) -> Float[Array, " B"]:
        """What the critic says of paths at the times of a batch."""
        return self.critic(self.shares(Series.of(batch), len(paths)), paths)

    def of_critic(self) -> PyTree[bool]:
        """Which of the model's arrays are the critic's."""
        nothing = jax.tree.map(lambda _: False, trainable(self))
        return eqx.tree_at(lambda m: m.critic, nothing, trainable(self.critic))

    def clipped(self) -> "SDEGAN":
        """The model with a critic whose slope is bounded again."""
        bounded: SDEGAN = eqx.tree_at(lambda m: m.critic, self, clipped(self.critic))
        return bounded


@register_model("sde_gan")
def sde_gan(
    channels: int,
    *,
    length: Length = 65,
    augment: NonNegativeInt = 0,
    drift: Annotated[str, Selects(DYNAMICS)] = "mlp",
    drift_options: Mapping[str, object] | None = None,
    diffusion: Annotated[str, Selects(DYNAMICS)] = "mlp",
    diffusion_options: Mapping[str, object] | None = None,
    start_width: Size = 32,
    hidden: Size = 16,
    critic_width: Size = 32,
    critic_pace: PositiveFloat = 1.0,
    variation: bool = False,
    substeps: PositiveInt = 1,
    samples: PositiveInt = 10,
    key: PRNGKeyArray,
) -> SDEGAN:
    """An SDE-GAN: a neural SDE against a critic that is a neural CDE.

    Args:
        channels: of the paths
        length: times of a path
        augment: numbers of the generator's state beside the channels
        drift: name of the generator's drift
        drift_options: its options
        diffusion: name of the vector field that is made positive for the diffusion
        diffusion_options: its options
        start_width: units of the net that makes a path's start of noise
        hidden: length of the critic's state
        critic_width: units of its hidden layers
        critic_pace: factor on its learning rate
        variation: whether it is driven by the quadratic variation of the paths too
        substeps: steps of the generator between two times of the data
        samples: draws of a prediction
        key: random key of the initial weights
    """
    generator_key, critic_key = jax.random.split(key)
    generator = neural_sde(
        channels,
        length=length,
        augment=augment,
        drift=drift,
        drift_options=drift_options,
        diffusion=diffusion,
        diffusion_options=diffusion_options,
        start_width=start_width,
        substeps=substeps,
        samples=samples,
        key=generator_key,
    )
    critic = PathCritic(
        channels, hidden=hidden, width=critic_width, variation=variation, key=critic_key
    )
    return SDEGAN(generator, critic, critic_pace)
