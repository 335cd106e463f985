"""A generator of paths against a critic: two players, two states of the optimiser."""

from typing import Protocol, TypeVar, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

from ..errors import ConfigError
from ..regularisers import keys_of_examples
from ..solve import Solver, zeroed
from ..types import AnyKey, Aux, Batch, Keys, OptimiserState
from .base import AdditiveUpdate
from .by_task import Objectives
from .energy_score import DrawsFromLaw, energy_score
from .losses import weighted_mean
from .model import Model
from .parameters import trainable
from .part import Part
from .report import StepReport, report_from, tally_of

_Player = TypeVar("_Player", bound="Adversaries")


@runtime_checkable
class Adversaries(DrawsFromLaw, Protocol):
    """A model of two players, whose trained arrays are all of the one or of the other."""

    def scores(self, batch: Batch, paths: Float[Array, "B T D"]) -> Float[Array, " B"]:
        """What the critic says of paths at the times of a batch: more where it takes them for
        real."""

    def of_critic(self) -> PyTree[bool]:
        """A pytree of bools like the model: True at the arrays of the critic."""

    def clipped(self: _Player) -> _Player:
        """The model with a critic whose slope is bounded again."""


@runtime_checkable
class Paced(Protocol):
    """Two players of whom one learns faster."""

    critic_pace: float
    """Factor on the critic's steps, 1 where a model has none."""


class AdversarialUpdate(AdditiveUpdate):
    """One step of both players on W = E critic(real) - E critic(drawn), by one gradient of it.

    The generator goes down W and the critic up, and the critic's weights are clipped after the
    step, so that W stays a distance: Arjovsky et al. 2017, "Wasserstein GAN"; of paths, Kidger et
    al. 2021, "Neural SDEs as Infinite-Dimensional GANs" and "Efficient and Accurate Gradients for
    Neural SDEs". The optimiser serves both, with a state for each; the critic's steps are
    multiplied by the model's `critic_pace`, where it has one (`Paced`). Metrics of a step are
    `wasserstein`, which says how far the critic tells the two apart, and `drawn`, its score of
    draws. Evaluation reports the energy score, which has no critic in it.
    """

    def loss(
        self,
        model: Model,
        batch: Batch,
        *,
        key: AnyKey | None,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """critic(real) - critic(drawn) of each example.

        Raises `ConfigError` for a model that is no two players (`Adversaries`).
        """
        if not isinstance(model, Adversaries):
            raise ConfigError(
                f"AdversarialUpdate trains two players, and {type(model).__name__} is none: "
                "expected a model with scores, of_critic and clipped, such as sde_gan."
            )
        real = jnp.asarray(batch["x"])
        keys = keys_of_examples(jax.random.key(0) if key is None else key, len(real))
        drawn, stats = model.sample(model.inputs(batch), key=keys, solver=solver)
        of_drawn = model.scores(batch, zeroed(drawn, stats))
        apart = model.scores(batch, real) - of_drawn
        return apart, Aux(stats, {"wasserstein": apart, "drawn": of_drawn})

    def evaluation(
        self, model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        """The energy score, and drawn paths."""
        return energy_score(model, batch, key=key, step=step, solver=solver)

    def init(self, model: Model, optimiser: optax.GradientTransformation) -> OptimiserState:
        """A state for the generator, and one for the critic."""
        return tuple(optimiser.init(each) for each in players(model))

    def part(
        self,
        model: Model,
        batch: Batch,
        weight: Float[Array, " B"],
        *,
        key: AnyKey,
        step: Array,
        solver: Solver | None,
    ) -> Part:
        """The gradient of the mean of critic(real) - critic(drawn), for both players."""
        params, static = eqx.partition(model, trainable(model))

        def distance(params: PyTree) -> tuple[Float[Array, ""], Aux]:
            playing = eqx.combine(params, static)
            values, aux = self.loss(playing, batch, key=key, step=step, solver=solver)
            return weighted_mean(values, jnp.where(aux.stats.ok, weight, 0)), aux

        (value, aux), grads = eqx.filter_value_and_grad(distance, has_aux=True)(params)
        healthy = jnp.sum(jnp.where(aux.stats.ok, weight, 0))
        return Part(grads, value, healthy, tally_of(aux.stats, aux.metrics, weight))

    def stepped(
        self,
        model: Model,
        optimiser_state: OptimiserState,
        optimiser: optax.GradientTransformation,
        part: Part,
        *,
        solver: Solver | None,
    ) -> tuple[Model, OptimiserState, StepReport]:
        """The model and both states after one step of each player."""
        params, static = eqx.partition(model, trainable(model))
        down, up = players_of(part.gradient, model)
        up = jax.tree.map(jnp.negative, up)
        paces, states = (1.0, model.critic_pace if isinstance(model, Paced) else 1.0), []
        for player, slope, state, pace in zip(
            players(model), (down, up), optimiser_state, paces, strict=True
        ):
            updates, state = optimiser.update(slope, state, player)
            params = eqx.apply_updates(params, optax.tree.scale(pace, updates))
            states.append(state)
        moved: Adversaries = eqx.combine(params, static)
        finite = jnp.isfinite(part.loss) & jnp.isfinite(optax.tree.norm(part.gradient))
        return moved.clipped(), tuple(states), report_from(part.tally, part.loss, finite)


def players(model: Model) -> tuple[PyTree, PyTree]:
    """The trained arrays of the generator, and those of the critic; None elsewhere."""
    return players_of(eqx.filter(model, trainable(model)), model)


def players_of(tree: PyTree, model: Model) -> tuple[PyTree, PyTree]:
    """A tree like the model's trained arrays, taken apart into that of both players."""
    assert isinstance(model, Adversaries), "loss has refused others"
    critic, generator = eqx.partition(tree, model.of_critic())
    return generator, critic


BY_CRITIC: Objectives = {"paths": AdversarialUpdate()}
"""The objectives of two players whose draws are random paths."""
