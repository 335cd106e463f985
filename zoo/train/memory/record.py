"""The record that the solves of a training step keep for its gradient, told before it runs."""

from collections.abc import Mapping

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, PRNGKeyArray, PyTree

from ...objectives.updates import GradientUpdate
from ...solve import Solver
from ...solve.kept import kept_by_solves
from ..chunk import Plan, examples_of
from ..in_training import regularised_solver
from ..state import TrainState, has_shape
from ..tolerances import scheduled


def step_record(
    plan: Plan,
    state: TrainState,
    data: Mapping[str, jax.ShapeDtypeStruct],
    batch_size: int,
    solver: Solver | None,
) -> int | None:
    """The bytes that the solves of a step keep for the backward pass.

    Args:
        plan, state, data, solver: what `run_chunk` is given; shapes will do.
        batch_size: examples of which a gradient is taken at once.

    None of an update that is more than the gradient of one loss.
    """
    if not isinstance(plan.update, GradientUpdate):
        return None
    dynamic, static = eqx.partition((state, plan, solver), has_shape)

    def pull_of(dynamic: PyTree, data: PyTree, rows: tuple[Array, Array], key: Array) -> PyTree:
        state, plan, solver = eqx.combine(dynamic, static)
        return _pull_of(state, plan, solver, data, rows, key)

    shape = (batch_size,)
    rows = jax.ShapeDtypeStruct(shape, np.int32), jax.ShapeDtypeStruct(shape, np.float32)
    key = jax.eval_shape(lambda: jax.random.key(0))
    return kept_by_solves(pull_of, dynamic, dict(data), rows, key)


def _pull_of(
    state: TrainState,
    plan: Plan,
    solver: Solver | None,
    data: PyTree,
    rows: tuple[Array, Array],
    key: PRNGKeyArray,
) -> PyTree:
    """The pull-back of the mean loss of the examples in `rows`: their places and weights."""
    assert isinstance(plan.update, GradientUpdate), "step_record looks at no others"
    laid, solver = scheduled(state.model, solver, plan.tolerance, state.step)
    solver = regularised_solver(solver, plan.regulariser, plan.random_end, key)
    batch, weight = examples_of(plan, state, data, *rows, key)
    # Of a batch in parts each example has a key of its own.
    keys = key if plan.parts is None else jax.random.split(key, len(weight))
    mean_loss, wanted = plan.update.differentiated(
        laid, batch, weight, key=keys, step=state.step, solver=solver
    )
    return eqx.filter_vjp(mean_loss, wanted, has_aux=True)[1]
