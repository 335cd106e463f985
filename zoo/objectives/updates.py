"""Updates by the gradient of a loss; and what of `zoo.objectives` an update is made of."""

from collections.abc import Callable
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, PyTree

from ..solve import Solver
from ..types import AnyKey, Aux, Batch, OptimiserState, Tree
from .base import AbstractUpdate, AdditiveUpdate
from .losses import Loss, weighted_mean
from .model import Model
from .parameters import trainable
from .part import Part
from .report import StepReport, report_from, report_of, tally_of

__all__ = [
    "AbstractUpdate",
    "AdditiveUpdate",
    "GradientUpdate",
    "StepReport",
    "as_update",
    "report_of",
]


MeanLoss: TypeAlias = Callable[[PyTree], tuple[Array, Aux]]
"""From trained arrays to the mean loss of a batch and what else is known of it."""


class GradientUpdate(AdditiveUpdate):
    """One step against the gradient of a loss, averaged over the examples that were solved."""

    per_example: Loss = eqx.field(static=True)

    def loss(
        self,
        model: Model,
        batch: Batch,
        *,
        key: AnyKey | None,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """The loss of each example."""
        return self.per_example(model, batch, key=key, step=step, solver=solver)

    def init(self, model: Model, optimiser: optax.GradientTransformation) -> OptimiserState:
        """The optimiser's state for the trained arrays."""
        return optimiser.init(eqx.filter(model, trainable(model)))

    def told(self, batch: Batch, weight: Float[Array, " B"]) -> Batch:
        """What the loss is told of a batch in training; override it to tell of the weights too."""
        return batch

    def differentiated(
        self,
        model: Model,
        batch: Batch,
        weight: Float[Array, " B"],
        *,
        key: AnyKey,
        step: Array,
        solver: Solver | None,
    ) -> tuple[MeanLoss, PyTree]:
        """The mean loss of the examples that were solved, and what its gradient is taken of.

        That is the trained arrays, and the probe that tells whose gradient was left out.
        """
        params, static = eqx.partition(model, trainable(model))
        batch = self.told(batch, weight)
        isolated = model.isolates_failures(solver)
        probe = jnp.zeros_like(weight) if isolated and solver is not None else None

        def mean_loss(wanted: PyTree) -> tuple[Float[Array, ""], Aux]:
            params, probe = wanted
            probed = solver
            if probe is not None and solver is not None:
                probed = Solver(probe=probe).over(solver)
            model = eqx.combine(params, static)
            values, aux = self.loss(model, batch, key=key, step=step, solver=probed)
            healthy = jnp.where(aux.stats.ok, weight, 0)
            return weighted_mean(values + aux.stats.penalty, healthy), aux

        return mean_loss, (params, probe)

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
        """The gradient of the mean loss of the examples that were solved."""
        mean_loss, wanted = self.differentiated(
            model, batch, weight, key=key, step=step, solver=solver
        )
        value_and_grad = eqx.filter_value_and_grad(mean_loss, has_aux=True)
        (loss, aux), (grads, a_probe) = value_and_grad(wanted)
        metrics = dict(aux.metrics)
        if solver is not None and solver.regulariser is not None:
            metrics["penalty"] = aux.stats.penalty
        tally = tally_of(aux.stats, metrics, weight, aux.counts)
        healthy = jnp.sum(jnp.where(aux.stats.ok, weight, 0))
        return Part(grads, loss, healthy, tally, None if a_probe is None else _left_out(a_probe))

    def stepped(
        self,
        model: Model,
        optimiser_state: OptimiserState,
        optimiser: optax.GradientTransformation,
        part: Part,
        *,
        solver: Solver | None,
    ) -> tuple[Model, OptimiserState, StepReport]:
        """The model and the optimiser's state after a step against the gradient."""
        params, static = eqx.partition(model, trainable(model))
        updates, optimiser_state = optimiser.update(part.gradient, optimiser_state, params)
        params = eqx.apply_updates(params, updates)
        squares = _squares(part.gradient)
        finite = jnp.isfinite(part.loss) & jnp.isfinite(squares.sum())
        finite &= _all_finite(params)
        isolated = model.isolates_failures(solver)
        report = report_from(part.tally, part.loss, finite, squares != 0, isolated=isolated)
        if part.left_out is not None:
            told = part.left_out
            report = eqx.tree_at(lambda r: r.left_out, report, told, is_leaf=lambda x: x is None)
        return eqx.combine(params, static), optimiser_state, report


def as_update(objective: Loss | AbstractUpdate) -> AbstractUpdate:
    """An entry of a model's `objectives` as an update: a loss becomes its `GradientUpdate`."""
    return objective if isinstance(objective, AbstractUpdate) else GradientUpdate(objective)


def _left_out(a_probe: Float[Array, " B"]) -> Int[Array, "2"]:
    """How many examples were left out, and the place of the first of them."""
    left_out = a_probe > 0
    return jnp.stack([jnp.sum(left_out), jnp.argmax(left_out)]).astype(jnp.int32)


def _all_finite(tree: Tree) -> Bool[Array, ""]:
    """Whether every entry and its square is finite: weights whose products overflow are no good.

    By one reduction for all arrays, since each costs compile time.
    """
    leaves = jax.tree.leaves(eqx.filter(tree, eqx.is_inexact_array))
    flat = [_at_least_float32(x).ravel() for x in leaves]
    return jnp.isfinite(jnp.square(jnp.concatenate(flat))).all() if flat else jnp.asarray(True)


def _squares(tree: Tree) -> Float[Array, " leaves"]:
    """The sum of squares of each array; not finite where an entry or its square is not."""
    leaves = jax.tree.leaves(eqx.filter(tree, eqx.is_inexact_array))
    sums = [jnp.sum(jnp.square(_at_least_float32(x))) for x in leaves]
    return jnp.stack(sums) if sums else jnp.zeros((0,))


def _at_least_float32(x: Array) -> Array:
    """An array in a type in which squares of weights of use neither overflow nor vanish."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))
