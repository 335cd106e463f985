"""How a step of training changes the parameters: by the gradient of a loss, or in its own way."""

import abc
from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from ..solve import Solver
from ..types import AnyArray, Aux, Batch, Keys, OptimiserState, Stats, Tree
from .losses import Loss, metric_mean, weighted_mean
from .model import Model
from .parameters import trainable


class StepReport(eqx.Module):
    """What one update tells the loop; every field is about the real examples of the batch.

    The loop brings those of the K steps of a chunk to the host as one, its fields [K, ...].
    """

    ok: Bool[AnyArray, "*steps"]
    """Whether the new parameters may be kept; where False the loop takes the old ones."""
    loss: Float[AnyArray, "*steps"]
    metrics: dict[str, Float[AnyArray, "*steps"]]
    nfe: Float[AnyArray, "*steps"]
    """Mean evaluations of an example, NaN where unknown."""
    failed: Int[AnyArray, "*steps"]
    """How many solves failed."""
    result: Int[AnyArray, "*steps"]
    """The largest `zoo.solve.Outcome` among them."""
    moved: Bool[AnyArray, "*steps leaves"] | None = None
    """Which trained leaves got a gradient other than zero; None where an update does not say."""
    left_out: Int[AnyArray, "*steps 2"] | None = None
    """How many examples were kept out because their own gradient was not finite, and the place in
    the batch of the first of them; None where an update does not say."""
    learning_rate: Float[AnyArray, "*steps"] | None = None
    """Of the optimiser at this update, filled in by the loop; None where it is not known."""


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
        key: PRNGKeyArray | None,
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


class GradientUpdate(AbstractUpdate):
    """One step against the gradient of a loss, averaged over the examples that were solved."""

    per_example: Loss = eqx.field(static=True)

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
        return self.per_example(model, batch, key=key, step=step, solver=solver)

    def init(self, model: Model, optimiser: optax.GradientTransformation) -> OptimiserState:
        """The optimiser's state for the trained arrays."""
        return optimiser.init(eqx.filter(model, trainable(model)))

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
        params, static = eqx.partition(model, trainable(model))
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

        value_and_grad = eqx.filter_value_and_grad(mean_loss, has_aux=True)
        (loss, aux), (grads, a_probe) = value_and_grad((params, probe))
        updates, optimiser_state = optimiser.update(grads, optimiser_state, params)
        params = eqx.apply_updates(params, updates)
        squares = _squares(grads)
        finite = jnp.isfinite(loss) & jnp.isfinite(squares.sum())
        finite &= _all_finite(params)
        metrics = dict(aux.metrics)
        if solver is not None and solver.regulariser is not None:
            metrics["penalty"] = aux.stats.penalty
        told = aux.stats, loss, metrics, weight, finite, squares != 0
        report = report_of(*told, isolated=isolated, counts=aux.counts)
        if a_probe is not None:
            left_out = a_probe > 0
            at = jnp.stack([jnp.sum(left_out), jnp.argmax(left_out)]).astype(jnp.int32)
            report = eqx.tree_at(lambda r: r.left_out, report, at, is_leaf=lambda x: x is None)
        return eqx.combine(params, static), optimiser_state, report


def report_of(
    stats: Stats,
    loss: Float[Array, ""],
    metrics: Mapping[str, Float[AnyArray, " B"]],
    weight: Float[Array, " B"],
    finite: Bool[Array, ""],
    moved: Bool[Array, " leaves"] | None = None,
    *,
    isolated: bool = False,
    counts: Mapping[str, Float[AnyArray, " B"]] | None = None,
) -> StepReport:
    """The report of a batch: metrics averaged, and `ok` where all is finite and no solve failed.

    Metrics named in `counts` are sums over so many things, see `Aux.counts`.

    Where no example is left to average over, the loss and the metrics are NaN.

    With `isolated` failures (`AbstractModel.isolates_failures`) the examples that failed were kept
    out, and a step is ok where any example is left.

    Elsewhere a failed solve makes the gradient of every example NaN (0 · NaN inside the solve),
    or worse, finite and wrong, so that the step as a whole cannot be kept.
    """
    real = weight > 0
    healthy = jnp.where(stats.ok, weight, 0)
    any_healthy = (healthy > 0).any()
    counts = counts or {}

    def mean(name: str, values: Float[AnyArray, " B"]) -> Float[Array, ""]:
        return jnp.where(any_healthy, metric_mean(values, counts.get(name), healthy), jnp.nan)

    failed = jnp.sum(real & ~stats.ok)
    enough = any_healthy if isolated else failed == 0

    def mean_nfe(nfe: Int[AnyArray, " B"]) -> Float[Array, ""]:
        known = jnp.where(nfe >= 0, nfe, jnp.nan).astype(loss.dtype)
        return jnp.where(real.any(), weighted_mean(known, real.astype(loss.dtype)), jnp.nan)

    blocks = {f"nfe_by_block.{place}": mean_nfe(nfe) for place, nfe in stats.blocks.items()}
    return StepReport(
        ok=finite & enough,
        loss=jnp.where(any_healthy, loss, jnp.nan),
        metrics={**{name: mean(name, values) for name, values in metrics.items()}, **blocks},
        nfe=mean_nfe(stats.nfe),
        failed=failed,
        result=jnp.max(jnp.where(real, stats.result, 0), initial=0),
        moved=moved,
    )


def as_update(objective: Loss | AbstractUpdate) -> AbstractUpdate:
    """An entry of a model's `objectives` as an update: a loss becomes its `GradientUpdate`."""
    return objective if isinstance(objective, AbstractUpdate) else GradientUpdate(objective)


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
