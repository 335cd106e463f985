"""A model's outputs for inputs, standardised or raw."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from ..datasets import Dataset
from ..errors import DataError, ZooWarning
from ..models import choose_task
from ..models.base import AbstractModel
from ..objectives.parameters import check_parameters
from ..placement import Devices
from ..solve import Solver, explain
from ..solve.on_devices import on_devices
from ..tasks import Task, task_named
from ..tasks.types import Arrays
from ..types import AnyArray, Stats
from .batched import forward_arrays, traced_solver


def predict(
    model: AbstractModel,
    xs: AnyArray | Sequence[object] | Mapping[str, AnyArray],
    *,
    data: Dataset | None = None,
    task: str | None = None,
    solver: Solver | None = None,
    batch_size: int = 128,
    devices: Devices = None,
) -> np.ndarray:
    """The model's outputs for inputs `xs`, [N, ...], in batches of one shape.

    Where `data` is given, `xs` are raw: they are standardised as the training data were, and the
    outputs come back in the user's units, as the task has them: a regression's targets, a log
    density. A failed solve gives NaN and a warning.

    A model of series takes arrays by name: `predict(model, {"x": x, "t": t, "mask": mask})`.

    Args:
        model: any `zoo.models.AbstractModel`.
        xs: inputs, [N, ...]; nested lists of numbers too; or named arrays, `x` among them.
        data: what the model was trained on.
        task: what it was trained for. Where not given, the first in common with the data, or the
            first of the model's that they can serve, or the data's first for a model without any.
        solver: laid over the model's own.
        batch_size: examples of one compiled evaluation, at most; with devices, the next number
            that they divide.
        devices: which share each batch, see `zoo.fit`.

    Raises `DataError` for inputs of another type or size, `NumericalError` for weights that are not
    finite, and `ConfigError` for a task that the model or the data do not have.
    """
    check_parameters(model)
    model = on_devices(model, devices, solver)
    chosen = None if data is None else _predicted_task(model, data, task)
    arrays = named_arrays(xs)
    arrays = arrays if data is None else data.preprocessing.prepared(arrays)
    traced = traced_solver(model, solver)
    outputs, stats = forward_arrays(model, arrays, traced, batch_size)
    warn_of_failures(stats)
    if chosen is None or data is None:
        return outputs
    return chosen.to_units(outputs, arrays["x"], data.preprocessing)


def named_arrays(xs: AnyArray | Sequence[object] | Mapping[str, AnyArray]) -> Arrays:
    """Inputs as named arrays. Raises `DataError` for names without `x`."""
    if not isinstance(xs, Mapping):
        return {"x": _as_array(xs)}
    if "x" not in xs:
        raise DataError(
            f"The arrays are named {', '.join(map(str, xs)) or 'nothing'}: expected x, the values, "
            "and what else the model was trained on, such as t and mask."
        )
    return {name: _as_array(values) for name, values in xs.items()}


def _as_array(xs: AnyArray | Sequence[object]) -> np.ndarray:
    try:
        return np.asarray(xs)
    except ValueError as error:
        raise DataError(
            "xs holds rows of unlike lengths: expected an array [N, ...], or nested lists that "
            "make one."
        ) from error


def _predicted_task(model: AbstractModel, data: Dataset, task: str | None) -> Task:
    """The task by which outputs are read. Raises `ConfigError` for one that is not in common."""
    if task is not None:
        return task_named(choose_task(type(model).__name__, model.objectives, data, task))
    common = [name for name in data.tasks if name in model.objectives]
    asked = [name for name in model.objectives if data.serves(name)]
    return task_named((common or asked or data.tasks)[0])


def warn_of_failures(stats: Stats) -> None:
    """Warn where solves failed, with why and what to do."""
    if words := explain(stats):
        warnings.warn(words, ZooWarning, stacklevel=4)
