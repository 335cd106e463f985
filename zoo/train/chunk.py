"""A chunk of training steps in one compiled loop, whose length costs no new trace."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from ..models.base import AbstractModel
from ..objectives.parameters import float_type
from ..objectives.updates import AbstractUpdate, AdditiveUpdate, StepReport
from ..placement import AXIS, share
from ..precision import default_float
from ..regularisers import Regulariser
from ..solve import Solver, solvers_of
from ..solve.of_model import with_solvers
from ..types import Batch
from .augmentation.arrival import Arrival
from .in_training import regularised_solver
from .parts import Parts, whole_part
from .rates import learning_rate
from .state import TrainState
from .tolerances import Tolerances, scheduled

CHUNK = 256
"""The most steps of one chunk: the length of the record that it brings back."""


class Plan(eqx.Module):
    """What stays the same over a run, and is compiled in."""

    update: AbstractUpdate
    optimiser: optax.GradientTransformation = eqx.field(static=True)
    ema: float | None = eqx.field(static=True)
    tolerance: Tolerances | None = eqx.field(static=True)
    """rtol as a function of the step, for all solves or for each; atol keeps its ratio to it."""
    max_bad_steps: int = eqx.field(static=True)
    regulariser: Regulariser | None = eqx.field(static=True, default=None)
    """The cost of a trajectory, laid over every solve of a training step."""
    random_end: float | None = eqx.field(static=True, default=None)
    """Half the width of the factors on the interval, of which each step draws one."""
    arrival: Arrival | None = None
    """What becomes of a batch on the device; None where rows are taken as they are kept."""
    parts: Parts | None = eqx.field(static=True, default=None)
    """How a batch is divided; None where one device takes it as a whole."""

    @property
    def mesh(self) -> Mesh | None:
        """The devices that share a batch; None for the one that JAX computes on."""
        return None if self.parts is None else self.parts.mesh

    def places(self, batch_size: int) -> int:
        """The places of a batch, with those that fill up its parts."""
        return batch_size if self.parts is None else self.parts.size


@eqx.filter_jit
def run_chunk(
    state: TrainState,
    length: Int[Array, ""],
    plan: Plan,
    data: Batch,
    indices: Int[Array, "CHUNK S"],
    weights: Float[Array, "CHUNK S"],
    solver: Solver | None,
    key: PRNGKeyArray,
) -> tuple[TrainState, StepReport, Bool[Array, " leaves"] | None]:
    """`length` steps (at most `CHUNK`), fewer where too many in a row cannot be taken.

    `indices` and `weights` say which examples each step sees. Returns the state, the report of each
    step (leaves [CHUNK], of which as many are filled as steps were taken), and which trained leaves
    got a gradient.
    """
    arrays, static = eqx.partition((state, plan, solver), eqx.is_array)

    def steps(
        arrays: PyTree, length: Array, data: Batch, key: PRNGKeyArray, index: Array, weight: Array
    ) -> PyTree:
        state, plan, solver = eqx.combine(arrays, static)
        told = _steps(state, plan, solver, length, data, key, index, weight)
        return eqx.filter(told, eqx.is_array)

    columns = P(None, AXIS)  # each device has its own of the examples of all steps
    rows = P(AXIS) if plan.parts is not None and plan.parts.own_rows else P()
    spread = share(steps, plan.mesh, (P(), P(), rows, P(), columns, columns))
    state, record, moved = spread(arrays, length, data, key, indices, weights)
    return eqx.combine(state, static[0]), record, moved


def _steps(
    state: TrainState,
    plan: Plan,
    solver: Solver | None,
    length: Int[Array, ""],
    data: Batch,
    key: PRNGKeyArray,
    indices: Int[Array, "CHUNK S"],
    weights: Float[Array, "CHUNK S"],
) -> tuple[TrainState, StepReport, Bool[Array, " leaves"] | None]:
    """What `run_chunk` returns, of the device's own share of each batch."""
    arrays, static = eqx.partition(state, eqx.is_array)
    numbers, method = eqx.partition(solver, eqx.is_array)

    @jax.jit  # one trace serves both the shapes of the record and the loop
    def one_step(
        arrays: PyTree, index: Array, weight: Array, data: Batch, numbers: PyTree, key: PRNGKeyArray
    ) -> tuple[PyTree, StepReport]:
        state = eqx.combine(arrays, static)
        state, report = _step(state, plan, index, weight, data, eqx.combine(numbers, method), key)
        return eqx.filter(state, eqx.is_array), report

    def body(carry: Any) -> Any:
        done, arrays, record, moved = carry
        arrays, report = one_step(arrays, indices[done], weights[done], data, numbers, key)
        record, moved = _keep(record, moved, report, done)
        return done + 1, arrays, record, moved

    def unfinished(carry: Any) -> Bool[Array, ""]:
        done, arrays, *_ = carry
        return (done < length) & (arrays.bad_steps < plan.max_bad_steps)

    _, shape = jax.eval_shape(one_step, arrays, indices[0], weights[0], data, numbers, key)
    moved = None if shape.moved is None else jnp.zeros(shape.moved.shape, bool)
    shape = eqx.tree_at(lambda r: r.moved, shape, None, is_leaf=lambda x: x is None)
    record = jax.tree.map(lambda s: jnp.zeros((CHUNK, *s.shape), s.dtype), shape)
    carry = (jnp.zeros((), jnp.int32), arrays, record, moved)
    _, arrays, record, moved = jax.lax.while_loop(unfinished, body, carry)
    return eqx.combine(arrays, static), record, moved


def _step(
    state: TrainState,
    plan: Plan,
    index: Int[Array, " S"],
    weight: Float[Array, " S"],
    data: Batch,
    solver: Solver | None,
    key: PRNGKeyArray,
) -> tuple[TrainState, StepReport]:
    """One step; where the update's report is not ok, nothing but the counts changes.

    Nor where the weights of all examples are zero, which is no fault: such a step is skipped, but
    does not count among those in a row that could not be taken.
    """
    drawn = jax.random.fold_in(key, state.step)
    laid, solver = scheduled(state.model, solver, plan.tolerance, state.step)
    solver = regularised_solver(solver, plan.regulariser, plan.random_end, drawn)
    given = laid, state.optimiser, plan.optimiser

    def examples(index: Array, weight: Array) -> tuple[Batch, Array]:
        return examples_of(plan, state, data, index, weight, key)

    if plan.parts is None:
        batch, weight = examples(index, weight)
        real = jnp.sum(weight > 0)
        model, optimiser_state, report = plan.update(
            *given, batch, weight, key=drawn, step=state.step, solver=solver
        )
    else:
        assert isinstance(plan.update, AdditiveUpdate), "check_parts has refused others"
        part = whole_part(
            plan.parts, plan.update, laid, examples, index, weight,
            key=drawn, step=state.step, solver=solver,
        )  # fmt: skip
        real = jnp.asarray(part.tally.real)
        model, optimiser_state, report = plan.update.stepped(*given, part, solver=solver)
    if plan.tolerance is not None:
        model = with_solvers(model, solvers_of(state.model))
    rate = learning_rate(plan.update, plan.optimiser, optimiser_state, state.step - state.skipped)
    any_weight = real > 0
    report = eqx.tree_at(
        lambda r: (r.ok, r.learning_rate, r.examples),
        report,
        (report.ok & any_weight, rate, real.astype(jnp.int32)),
        is_leaf=lambda x: x is None,
    )

    def keep(new: Any, old: Any) -> Any:
        return jnp.where(report.ok, new, old) if eqx.is_array(new) else new

    model, optimiser_state = jax.tree.map(
        keep, (model, optimiser_state), (state.model, state.optimiser)
    )
    ema = state.ema if plan.ema is None else _average(model, state.ema, plan.ema, state.step)
    skipped = jnp.where(report.ok, 0, 1).astype(jnp.int32)
    state = TrainState(
        model=model,
        optimiser=optimiser_state,
        ema=ema if plan.ema is None else jax.tree.map(keep, ema, state.ema),
        step=state.step + 1,
        bad_steps=jnp.where(report.ok, 0, state.bad_steps + any_weight),
        skipped=state.skipped + skipped,
        best=state.best,
        best_value=state.best_value,
        best_step=state.best_step,
    )
    return state, report


def examples_of(
    plan: Plan,
    state: TrainState,
    data: Batch,
    index: Int[Array, " S"],
    weight: Float[Array, " S"],
    key: PRNGKeyArray,
) -> tuple[Batch, Float[Array, " S"]]:
    """The examples of a step at places in the data, as a model takes them, and their weights."""
    batch: Batch = {name: values[index] for name, values in data.items()}
    if plan.arrival is not None:
        size = None if plan.parts is None else plan.parts.batch_size
        batch = plan.arrival(batch, index, len(data["x"]), state.step, key, size)
    dtype = jnp.promote_types(float_type(state.model) or default_float(), jnp.float32)
    return batch, weight.astype(dtype) * batch.get("weight", jnp.ones((), dtype))


def _average(model: AbstractModel, ema: AbstractModel | None, decay: float, step: Array) -> Any:
    """The moving average after a step; its decay warms up, so that the start is forgotten."""
    decay_now = jnp.minimum(decay, (1 + step) / (10 + step))
    new, static = eqx.partition(model, eqx.is_inexact_array)
    old = eqx.filter(ema, eqx.is_inexact_array)
    average = optax.incremental_update(new, old, 1 - decay_now)
    # Under 64 bits the decay is wider than the weights of a model of 32.
    average = jax.tree.map(lambda x, like: x.astype(like.dtype), average, old)
    return eqx.combine(average, static)


def _keep(record: Any, moved: Any, report: StepReport, at: Array) -> tuple[Any, Any]:
    if moved is not None:
        moved = moved | report.moved
    report = eqx.tree_at(lambda r: r.moved, report, None, is_leaf=lambda x: x is None)
    return jax.tree.map(lambda rows, row: rows.at[at].set(row), record, report), moved
