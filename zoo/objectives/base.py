"""What an update is: how a step of training changes the parameters."""

import abc
from typing import ClassVar

import equinox as eqx
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from ..solve import Solver
from ..types import AnyKey, Aux, Batch, Keys, OptimiserState
from .model import Model
from .part import Part
from .report import StepReport


class AbstractUpdate(eqx.Module):
    """One step of training, where the gradient of one loss is not how a model is trained.

    Two players, alternating steps, a closed form: subclass, give the three methods, and put an
    instance into the model's `objectives` under its task. `zoo.fit` does all the rest: batches,
    keys, averaging, evaluation, skipping a step whose `StepReport.ok` is False.
    """

    @abc.abstractmethod
    def loss(
        self,
        model: Model,
        batch: Batch,
        *,
        key: AnyKey | None,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """The loss of each example, see `zoo.losses.Loss`; what `evaluation` gives by default."""

    def evaluation(
        self,
        model: Model,
        batch: Batch,
        *,
        key: Keys,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """What evaluation reports and early stopping follows: the loss and `Aux` of each example.

        The loss without a key, where not overridden. Override it where evaluation draws (a trace
        that is estimated, a sample from a posterior) or where its loss is another one. `key` holds
        a key for each example, [B], made from its place in the split: draw with
        `jax.vmap(draw)(key)`, or pass them on to `solve(..., key=key)`, and an example draws the
        same in a batch of any size.
        """
        return self.loss(model, batch, key=None, step=step, solver=solver)

    @abc.abstractmethod
    def init(self, model: Model, optimiser: optax.GradientTransformation) -> OptimiserState:
        """The optimiser's state for the initial model; any pytree. It is traced once, too."""

    @abc.abstractmethod
    def __call__(
        self,
        model: Model,
        optimiser_state: OptimiserState,
        optimiser: optax.GradientTransformation,
        batch: Batch,
        weight: Float[Array, " B"],
        *,
        key: PRNGKeyArray,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Model, OptimiserState, StepReport]:
        """The model and the optimiser's state after one step.

        `weight` is the weight of each example, 0 for padding: average with `weighted_mean`.
        """


class AdditiveUpdate(AbstractUpdate):
    """A step by sums over the examples of a batch, which may therefore be taken in parts.

    Several devices each take a part (`zoo.fit(devices=...)`), and one device takes parts one after
    another (`accumulate=...`); the gradients are added, and all step alike. Subclass, give `loss`,
    `init`, `part` and `stepped`, and leave `__call__` as it is. `key` is then a key for each
    example, [B], of its place in the whole batch: `zoo.regularisers.keys_of_examples(key, B)`
    takes either kind.
    """

    takes_parts: ClassVar[bool] = True
    """Whether the loss of an example is its own: False where it sees the others of its batch."""

    @abc.abstractmethod
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
        """The gradient of these examples and what else is known of them; see `AbstractUpdate`."""

    @abc.abstractmethod
    def stepped(
        self,
        model: Model,
        optimiser_state: OptimiserState,
        optimiser: optax.GradientTransformation,
        part: Part,
        *,
        solver: Solver | None,
    ) -> tuple[Model, OptimiserState, StepReport]:
        """The model and the optimiser's state after the step that a whole batch asks for."""

    def __call__(
        self,
        model: Model,
        optimiser_state: OptimiserState,
        optimiser: optax.GradientTransformation,
        batch: Batch,
        weight: Float[Array, " B"],
        *,
        key: PRNGKeyArray,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Model, OptimiserState, StepReport]:
        """The model and the optimiser's state after one step."""
        part = self.part(model, batch, weight, key=key, step=step, solver=solver)
        return self.stepped(model, optimiser_state, optimiser, part, solver=solver)
