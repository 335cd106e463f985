"""What a data set learned from its training split, which new rows need too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CheckpointError, ConfigError, DataError
from ..precision import default_float
from .files.columns import Columns
from .files.table import Table
from .saved_preprocessing import check_preprocessing
from .scale import Scale


@dataclass(frozen=True)
class Preprocessing:
    """Standardisation, categories, class and target names: from raw values to a model's and back.

    It travels in the weight file (`to_json`), so that predicting needs nothing else.
    """

    tasks: tuple[str, ...]
    in_size: int
    classes: tuple[Any, ...] = ()
    target_names: tuple[str, ...] = ()
    x_scale: Scale | None = None
    y_scale: Scale | None = None
    columns: Columns | None = None
    in_shape: tuple[int, ...] = ()
    """Of an image, whose `x_scale` has a number for each channel, its last axis; () of others."""

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs as a model wants them, in the default floating type."""
        return self.x_scale.apply(x) if self.x_scale else np.asarray(x, default_float())

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Standardised targets in their original unit."""
        return self.y_scale.invert(y) if self.y_scale else y

    def log_volume(self, shape: tuple[int, ...]) -> float:
        """log |det dz/dx| of the standardisation x -> z of one input of a shape, in nats.

        A log density of raw inputs is that of standardised ones and this.
        """
        return self.x_scale.log_volume(shape) if self.x_scale else 0.0

    def rows(self, table: Table) -> np.ndarray:
        """A table's rows as a model wants them, [N, features] in the default floating type.

        For data that were no table, the columns are the features, all of them numbers.

        Raises `DataError` for what `Columns.encode` refuses, for a number too large for that type,
        and for a model of images.
        """
        if self.in_shape:
            shape = "×".join(map(str, self.in_shape))
            raise DataError(
                f"{table.path} is a table, and the model takes images of {shape}: give an .npz "
                f"file with an array x of shape (examples, {', '.join(map(str, self.in_shape))})."
            )
        columns = Columns.numbers(self.in_size) if self.columns is None else self.columns
        with np.errstate(over="ignore"):
            inputs = self.inputs(columns.encode(table))
        bad = ~np.isfinite(inputs).all(axis=1)
        if bad.any():
            line = table.rows.lines[int(np.argmax(bad))]
            raise DataError(
                f"{table.path}, line {line}: a number is too large for {inputs.dtype}, in which "
                "models compute."
            )
        return inputs

    def to_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes the same again, to the last bit."""
        shape = {"in_shape": list(self.in_shape)} if self.in_shape else {}
        return {
            "tasks": list(self.tasks),
            "in_size": self.in_size,
            **shape,
            "classes": list(self.classes),
            "target_names": list(self.target_names),
            "x_scale": None if self.x_scale is None else self.x_scale.to_json(),
            "y_scale": None if self.y_scale is None else self.y_scale.to_json(),
            "columns": None if self.columns is None else self.columns.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Preprocessing":
        """What `to_json` wrote."""
        scale = lambda found: None if found is None else Scale.from_json(found)  # noqa: E731
        columns = values["columns"]
        return cls(
            tasks=tuple(map(str, values["tasks"])),
            in_size=int(values["in_size"]),
            classes=tuple(values["classes"]),
            target_names=tuple(map(str, values["target_names"])),
            x_scale=scale(values["x_scale"]),
            y_scale=scale(values["y_scale"]),
            columns=None if columns is None else Columns.from_json(columns),
            in_shape=tuple(map(int, values.get("in_shape", ()))),
        )


def preprocessing_of(config: Mapping[str, Any] | None) -> Preprocessing:
    """The preprocessing in a run's configuration, `zoo.checkpoint.read_model(path)[0]["config"]`.

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
        check_preprocessing(values, config.get("task"), *sizes)
    except ConfigError as error:
        raise CheckpointError(
            f"The weight file's preprocessing does not make sense: {str(error).rstrip('.')}. It "
            "was changed: take another copy."
        ) from error
    return Preprocessing.from_json(values)
