"""A step and an evaluation on shapes alone, before anything is compiled or written.

The traces are the ones that training compiles afterwards: JAX keeps them, so that they cost no
time of their own.
"""

import inspect
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from ..datasets import Dataset
from ..datasets.kept_split import like_of
from ..errors import ConfigError, DataError
from ..evaluation.batched import evaluate_batch
from ..models.base import AbstractModel
from ..objectives.losses import cross_entropy
from ..objectives.parameters import float_type
from ..objectives.updates import AbstractUpdate, GradientUpdate
from ..solve import Solver
from ..tasks import Task
from ..types import Aux
from .chunk import CHUNK, Plan, run_chunk
from .feed.choice import fed_shapes, shapes_of
from .foreign import in_the_words_of_data
from .loop import LoopOptions, evaluation_size
from .state import initial_state


def rehearse(
    model: AbstractModel,
    data: Dataset,
    plan: Plan,
    options: LoopOptions,
    solver: Solver | None,
    key: PRNGKeyArray | None,
    task: Task,
) -> None:
    """Trace an evaluation and a chunk of steps of a run, and check what its loss returns.

    Raises `DataError` and `DynamicsError` where model, loss and data do not go together, and
    `ConfigError` for a loss that is none or whose predictions are not the task's. What a user's own
    code raises passes as it is.
    """
    size = evaluation_size(options.batch_size)
    dtype = float_type(model)
    batch = shapes_of(like_of(data.val), size, dtype)
    rows = (CHUNK, plan.places(options.batch_size))
    with in_the_words_of_data(f"{type(model).__name__} on the data set {data.name!r}", batch):
        keys = jax.eval_shape(lambda: jax.random.split(jax.random.key(0), size))
        told = eqx.filter_eval_shape(evaluate_batch, model, plan.update, batch, keys, solver)
        _check_loss(plan.update, told, size)
        prediction = told[1].prediction
        task.check_outputs(None if prediction is None else jnp.shape(prediction), size)
        _check_classes(plan.update, told[1].prediction, data)
        eqx.filter_eval_shape(
            _first_chunk,
            model,
            plan,
            fed_shapes(data.train, options.batch_size, dtype, plan.arrival, plan.parts),
            jax.ShapeDtypeStruct(rows, np.int32),
            jax.ShapeDtypeStruct(rows, np.float32),
            solver,
            jax.eval_shape(lambda: jax.random.key(0)) if key is None else key,
            options.keeps_best,
        )


def _first_chunk(
    model: AbstractModel,
    plan: Plan,
    train: Any,
    indices: Any,
    weights: Any,
    solver: Solver | None,
    key: PRNGKeyArray,
    keep_best: bool,
) -> Any:
    """What `iterate` calls first, with the same types, so that it finds the trace."""
    averaged = plan.ema is not None
    state = initial_state(model, plan.update, plan.optimiser, ema=averaged, keep_best=keep_best)
    length = jnp.zeros((), jnp.int32)
    return run_chunk(state, length, plan, train, indices, weights, solver, jax.random.split(key)[1])


def _check_loss(update: AbstractUpdate, told: Any, size: int) -> None:
    """Raise `ConfigError` where a loss is no loss per example."""
    if not (isinstance(told, tuple) and len(told) == 2 and isinstance(told[1], Aux)):
        raise ConfigError(
            f"{_name(update)} returns {type(told).__name__}: expected two things, the loss of each "
            "example and a zoo.Aux(stats, metrics, prediction)."
        )
    values, aux = told
    unknown = [name for name in aux.counts if name not in aux.metrics]
    if unknown:
        raise ConfigError(
            f"{_name(update)} returns Aux.counts of {', '.join(unknown)}: expected names of its "
            f"metrics, {', '.join(aux.metrics) or 'of which it has none'}."
        )
    counts = {f"Aux.counts[{name!r}]": each for name, each in aux.counts.items()}
    for name, each in {"the loss": values, **aux.metrics, **counts}.items():
        shape, dtype = jnp.shape(each), jnp.result_type(each)
        if shape != (size,) or not jnp.issubdtype(dtype, jnp.floating):
            raise ConfigError(
                f"{_name(update)} returns {name} as {dtype} of shape {shape} for {size} examples: "
                f"expected a floating number for each, of shape ({size},). Training takes the mean."
            )


def _check_classes(update: AbstractUpdate, prediction: Any, data: Dataset) -> None:
    """Raise `DataError` where the model has fewer outputs than the data have classes."""
    softmax = isinstance(update, GradientUpdate) and update.per_example is cross_entropy
    classes = len(data.classes)
    if softmax and prediction.shape[-1] < classes:
        raise DataError(
            f"The model has {prediction.shape[-1]} outputs and {data.name!r} has {classes} "
            f"classes: expected an output for each."
        )


def _name(update: AbstractUpdate) -> str:
    """What a loss is called, and where it is written."""
    loss = update.per_example if isinstance(update, GradientUpdate) else type(update).loss
    loss = inspect.unwrap(loss)
    code = getattr(loss, "__code__", None)
    place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    return f"The loss {getattr(loss, '__qualname__', type(loss).__name__)}{place}"
