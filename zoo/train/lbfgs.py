"""L-BFGS on all training examples at once, after the steps of the optimiser."""

from dataclasses import dataclass, replace
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ..datasets import Dataset
from ..datasets.kept_split import count_of
from ..datasets.stream.split import StreamedSplit
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..objectives.losses import weighted_mean
from ..objectives.model import Model
from ..objectives.parameters import float_type, trainable
from ..objectives.updates import AbstractUpdate, GradientUpdate, StepReport, report_of
from ..solve import Solver
from ..types import Aux, Batch, Keys, OptimiserState
from .augmentation.arrival import arrival_of
from .chunk import Plan
from .loop import LoopOptions
from .state import TrainState

_NOISE: optax.GradientTransformation = optax.adam(0.05)
"""Moves the logarithm of a deviation by a twentieth a step at most."""


class LBFGSUpdate(AbstractUpdate):
    """One step of L-BFGS with a line search: Liu and Nocedal 1989, as `optax.lbfgs` has it.

    The line search evaluates the loss and its gradient anew at each trial, which `nfe` does not
    count. A trial at which any solve fails has an infinite loss, so that the search never wins by
    failing an example. What a loss draws is drawn once, the same in every step. A part that a
    likelihood of its own fits (`AbstractModel.noise_part`), whose gradient is no derivative of the
    loss, takes a step of Adam beside each of L-BFGS.
    """

    first: GradientUpdate
    """The update of the steps before, whose loss it is."""

    def loss(
        self,
        model: Model,
        batch: Batch,
        *,
        key: PRNGKeyArray | None,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """The loss of each example."""
        return self.first.loss(model, batch, key=key, step=step, solver=solver)

    def evaluation(
        self, model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        """What the steps before report."""
        return self.first.evaluation(model, batch, key=key, step=step, solver=solver)

    def init(self, model: Model, optimiser: optax.GradientTransformation) -> OptimiserState:
        """The memory of L-BFGS for the trained arrays, and that of Adam for the noise."""
        fitted, noise = _split(model)
        return optimiser.init(fitted), _NOISE.init(noise)

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
        """The model and the memory after one step."""
        static = eqx.filter(model, trainable(model), inverse=True)
        params, noise = _split(model)
        drawn = jax.random.key(0)

        def mean_loss(wanted: tuple[PyTree, PyTree]) -> tuple[Float[Array, ""], Aux]:
            model = eqx.combine(*wanted, static)
            values, aux = self.loss(model, batch, key=drawn, step=step, solver=solver)
            mean = weighted_mean(values + aux.stats.penalty, weight)
            return jnp.where((aux.stats.ok | (weight <= 0)).all(), mean, jnp.inf), aux

        def value(params: PyTree) -> Float[Array, ""]:
            return mean_loss((params, noise))[0]

        value_and_grad = eqx.filter_value_and_grad(mean_loss, has_aux=True)
        (loss, aux), (grads, of_noise) = value_and_grad((params, noise))
        memory, beside = optimiser_state
        update = optax.with_extra_args_support(optimiser).update
        updates, memory = update(grads, memory, params, value=loss, grad=grads, value_fn=value)
        changes, beside = _NOISE.update(of_noise, beside)
        params, noise = eqx.apply_updates(params, updates), eqx.apply_updates(noise, changes)
        leaves = jax.tree.leaves((grads, of_noise, params, noise))
        finite = jnp.isfinite(loss) & jnp.stack([jnp.isfinite(x).all() for x in leaves]).all()
        metrics = dict(aux.metrics)
        if solver is not None and solver.regulariser is not None:
            metrics["penalty"] = aux.stats.penalty
        report = report_of(aux.stats, loss, metrics, weight, finite, counts=aux.counts)
        return eqx.combine(params, noise, static), (memory, beside), report


def _split(model: Model) -> tuple[PyTree, PyTree]:
    """The trained arrays of a model: those of L-BFGS, and those of its noise."""
    trained = trainable(model)
    noise = model.noise_part()
    if noise is None:
        return eqx.filter(model, trained), jax.tree.map(lambda _: None, model)
    apart = jax.tree.map(lambda _: False, noise)
    fitted = eqx.tree_at(lambda marks: marks.noise_part(), trained, apart)
    rest = jax.tree.map(lambda every, mine: every and not mine, trained, fitted)
    return eqx.filter(model, fitted), eqx.filter(model, rest)


@dataclass(frozen=True)
class Phase:
    """Steps of one kind: those of a run before L-BFGS, or of L-BFGS itself."""

    plan: Plan
    options: LoopOptions
    """Whose `steps` are those at which the phase ends, counted from the start of the run."""

    def evaluated_every(self, steps: int) -> "Phase":
        """The same phase with another distance between evaluations."""
        return replace(self, options=replace(self.options, eval_every=steps))

    def entered(self, state: TrainState) -> TrainState:
        """The state with which a phase of L-BFGS begins, made of that after the steps before."""
        memory = self.plan.update.init(state.model, self.plan.optimiser)
        return eqx.tree_at(lambda s: s.optimiser, state, memory)


def last_phase(
    model: AbstractModel, data: Dataset, plan: Plan, options: LoopOptions, steps: int
) -> Phase:
    """`steps` of L-BFGS after the run that `plan` and `options` describe.

    Each sees all training examples, as they are: nothing is augmented, and no end is drawn.

    Raises `ConfigError` for a model that is not trained by the gradient of one loss, and together
    with patience or a moving average, which would end or blur what the steps before have reached.
    """
    if not isinstance(plan.update, GradientUpdate):
        raise ConfigError(
            f"lbfgs_steps = {steps} needs the gradient of one loss, and this model is trained by "
            f"{type(plan.update).__name__}: leave it out."
        )
    if isinstance(data.train, StreamedSplit):
        raise ConfigError(
            f"lbfgs_steps = {steps} needs all {data.train.count:,} training examples on the device "
            "at once, and these stay on disk: leave it out, or leave stream off."
        )
    for name, value in {"patience": options.patience, "ema": plan.ema}.items():
        if value is not None:
            raise ConfigError(
                f"lbfgs_steps = {steps} and {name} = {value} do not go together: L-BFGS goes on "
                "from the last weights, of a run of all its steps. Leave one of them out."
            )
    last = replace(options, steps=options.steps + steps, batch_size=count_of(data.train))
    own = Plan(
        update=LBFGSUpdate(plan.update),
        optimiser=_optimiser(),
        ema=None,
        tolerance=plan.tolerance,
        max_bad_steps=plan.max_bad_steps,
        regulariser=plan.regulariser,
        random_end=None,
        arrival=arrival_of(data, None, float_type(model)),
    )
    return Phase(own, last)


@lru_cache(maxsize=1)  # one for all runs: a step is compiled once
def _optimiser() -> optax.GradientTransformation:
    made: optax.GradientTransformation = optax.lbfgs()
    return made
