"""What a weight file says was learned from the training rows, checked before it is used."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from ...errors import CheckpointError, ConfigError
from ...schema import PositiveInt, SizeValue, check_fields
from ...tasks import Target, Task, task_named
from ..spec import Spec
from .base import Preparation, preparation_of_kind
from .checked import Values, check_length, check_scale, check_scale_fields, kind_of_saved


class _Preparation(TypedDict):
    kind: NotRequired[str]
    tasks: list[str]
    in_size: PositiveInt
    in_shape: NotRequired[list[int]]
    classes: list[str | int | float | bool]
    target_names: list[str]
    y_scale: Values | None


def preprocessing_of(config: Mapping[str, Any] | None) -> Preparation:
    """The preparation in a run's configuration, `zoo.checkpoint.read_model(path)[0]["config"]`.

    Raises `CheckpointError` where there is none, or none that makes sense.
    """
    if config is None or config.get("preprocessing") is None:
        raise CheckpointError(
            "The weight file does not hold how its data were standardised and called: it was not "
            "written by train, or by a version that did not write it down. Train again, or use "
            "zoo.load and zoo.predict in Python."
        )
    values = config["preprocessing"]
    try:
        sizes = (int(config.get(name, 0)) for name in ("in_size", "out_size"))
        _check(values, config.get("task"), *sizes)
        return Preparation.from_json(values)
    except ConfigError as error:
        raise CheckpointError(
            f"The weight file's preprocessing does not make sense: {str(error).rstrip('.')}. It "
            "was changed: take another copy."
        ) from error


def same_as_saved(saved: object, now: Preparation) -> bool:
    """Whether a weight file's JSON values are those of a preparation.

    Of version 1, which has no `kind`, what it has is compared. The tasks are not: data that serve
    another one since are the same.
    """
    if not isinstance(saved, Mapping):
        return False
    values = now.to_json()
    names = saved.keys() if "kind" not in saved else saved.keys() | values.keys()
    return all(saved.get(name) == values.get(name) for name in names - {"tasks"})


def _check(values: object, task: str | None, in_size: int, out_size: int) -> None:
    """Raise `ConfigError` for JSON values from which no `Preparation` of a model can be made.

    Args:
        values: what `Preparation.to_json` writes.
        task: what the model is for.
        in_size: length of its input.
        out_size: length of its output.
    """
    check_fields(_Preparation, values)
    assert isinstance(values, Mapping)
    check_length("in_size", values["in_size"], in_size)
    preparation_of_kind(kind_of_saved(values)).check(values, in_size)
    if values["y_scale"] is not None:  # read whatever the task is
        check_scale_fields("y_scale", values["y_scale"])
    if task is not None:
        _check_targets(values, task_named(task), out_size)


def _check_targets(values: Values, task: Task, out_size: int) -> None:
    """Raise `ConfigError` for classes or targets that need other outputs than the model has."""
    scale, names, classes = values["y_scale"], values["target_names"], values["classes"]
    if task.target is Target.LABELS:
        check_length("classes", _outputs(task, values, classes=len(classes)), out_size)
    if task.target is Target.NUMBERS:
        known = {"target_names": len(names), "y_scale": len(scale["mean"]) if scale else 0}
        for name, size in known.items():
            if size:
                check_length(name, _outputs(task, values, targets=size), out_size)
        check_scale("y_scale", scale, known["y_scale"])


def _outputs(task: Task, values: Values, **sizes: SizeValue) -> int:
    """How many outputs a task needs for data of some sizes."""
    kind = kind_of_saved(values)
    return task.out_size(Spec(kind, {}, {"in_size": values["in_size"], **sizes}))
