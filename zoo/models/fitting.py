"""Which models fit which data: tasks in common, and the sizes that a builder asks for."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np

from ..datasets import Dataset
from ..datasets.spec import Spec
from ..errors import ConfigError
from ..registry import MODELS, Preview
from ..schema import SizeValue, missing_sizes
from ..tasks import Target, task_named

_TARGET_SIZES = {
    Target.LABELS: ("classes", "out_size"),
    Target.NUMBERS: ("targets", "out_size"),
    Target.NOTHING: ("out_size",),
}
Sizes: TypeAlias = tuple[int, int] | Mapping[str, SizeValue]
"""The lengths of input and output, or sizes by name: `{"in_shape": (8, 8, 1), "out_size": 10}`."""


def sizes_for(name: str, data: Dataset | Sizes, task: str | None) -> Mapping[str, SizeValue]:
    """The sizes of data for a task, if they are all that the model `name` needs.

    Raises `ConfigError` with those that are missing, and the models that fit the data.
    """
    sizes = _sizes_of(data, task)
    if missing := missing_sizes(MODELS[name].builder, sizes):
        raise ConfigError(_lacking(name, missing, sizes, data))
    return sizes


def _sizes_of(data: Dataset | Sizes, task: str | None) -> Mapping[str, SizeValue]:
    if isinstance(data, Dataset):
        assert task is not None, "a task of the data was chosen"
        return data.sizes(task)
    given = data if isinstance(data, Mapping) else {"in_size": data[0], "out_size": data[1]}
    return {name: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    """The value with Python's numbers in the place of NumPy's, which JSON does not have."""
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    if isinstance(value, np.floating):
        return float(value)
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def _lacking(
    name: str, missing: list[str], sizes: Mapping[str, SizeValue], data: Dataset | Sizes
) -> str:
    """What a model needs of data and they do not have, and the models that fit them."""
    there = ", ".join(f"{size} {value}" for size, value in sizes.items())
    start = f"Model {name!r} needs the size {' and '.join(missing)}"
    if isinstance(data, Dataset):
        fitting = ", ".join(fitting_models(data)) or "none"
        return (
            f"{start}, which the data set {data.name!r} ({data.spec}) does not have: expected one "
            f"of its sizes, {there}. Models for these data: {fitting}."
        )
    wanted = ", ".join(f"{size!r}: ..." for size in [*sizes, *missing])
    return f"{start}, and has {there}: give a data set, or all sizes by name, {{{wanted}}}."


def fitting_models(data: Dataset) -> list[str]:
    """The registered models that have a task in common with a data set, and all sizes there."""
    return [entry.name for entry in MODELS if common_tasks(entry.name, data)]


def common_tasks(name: str, data: Dataset | Preview) -> list[str]:
    """The tasks of a data set that a registered model can do, the data's preferred one first.

    None for data without a size that the model needs.
    """
    able, builder = model_tasks(name), MODELS[name].builder
    found = {task: _names(data, task) for task in data.tasks if task in able}
    return [task for task, sizes in found.items() if sizes and not missing_sizes(builder, sizes)]


def _names(data: Dataset | Preview, task: str) -> Mapping[str, SizeValue]:
    """The sizes of data for a task; none where it is not for such data, each 1 of a preview."""
    if isinstance(data, Dataset):
        return data.sizes(task) if data.suits(task) else {}
    found = task_named(task)
    if data.kind not in found.kinds:
        return {}
    return dict.fromkeys([*Spec.names(data.kind), *_TARGET_SIZES[found.target]], 1)


def model_tasks(name: str) -> list[str]:
    """The tasks that a registered model can be trained for, the preferred one first."""
    product = MODELS[name].product
    if not isinstance(getattr(product, "objectives", None), Mapping):
        raise ConfigError(
            f"Model {name!r} is a {product.__name__} without objectives: expected a subclass of "
            "zoo.AbstractModel that names a loss for each task."
        )
    return list(product.objectives)
