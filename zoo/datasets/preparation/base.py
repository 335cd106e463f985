"""What is learned from training rows, by which raw values are converted and restored."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...errors import ConfigError, DataError
from ...precision import default_float
from ...registry import PREPARATIONS
from ...tasks import Label
from ..files.new_series import NewSeries
from ..files.table import Table
from ..scale import Scale
from .checked import kind_of_saved
from .inputs import Inputs, RawArrays


@dataclass(frozen=True, kw_only=True)
class Preparation(ABC):
    """What was learned from the training rows of one kind of data.

    It turns raw arrays into those that a model takes, and back, and travels in the weight file.

    To prepare a kind of data of your own, subclass `zoo.datasets.preparation.Standardised`, or this
    class where other things are learned than means and deviations. Register a frozen dataclass:

        @zoo.register_preparation("spectra")
        @dataclass(frozen=True, kw_only=True)
        class Spectra(Preparation): ...

    - `kind`: the name that it is registered as. It stands in the weight file.
    - `arrays`: raw values as a model takes them, by name; `raw`: inputs back in the user's units.
    - `log_volume`: log |det| of the change of variables, which a density in the user's units needs.
    - `inputs_json` and `inputs_from_json`: what was learned of the inputs, as JSON values; this
      class writes and reads the targets'.
    - `check`: raises `ConfigError` for JSON values from which nothing can be made; `notes`: what a
      user should know of the training rows.
    - `read`: raw inputs as the training rows had them, or a refusal of another size or unit.
    - `array` and `rows`, `new_arrays` and `new_series` where a row is a time of a series: what a
      file holds, or a refusal in words.

    `RawData.inputs.learn(rows, standardise)` returns it: see `zoo.datasets.preparation.Inputs`.
    """

    kind: ClassVar[str]
    in_size: int
    """Numbers of an input: see `Spec`."""
    tasks: tuple[str, ...] = ()
    """What the data serve, the preferred one first."""
    classes: tuple[Label, ...] = ()
    """The user's labels, in the order of their indices; () without classes."""
    target_names: tuple[str, ...] = ()
    x_scale: Scale | None = None
    """The standardisation of the inputs; None where they have none."""
    y_scale: Scale | None = None
    """The standardisation of targets that are numbers."""

    @abstractmethod
    def arrays(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as a model takes them, by name: at least `x`.

        `raw` holds arrays by name, or is the object that was `RawData.inputs`. Arrays that this
        kind does not know pass through.
        """

    @abstractmethod
    def raw(self, x: np.ndarray) -> np.ndarray:
        """Inputs of a model, [..., channels], in the user's units: the inverse of `arrays`."""

    @abstractmethod
    def log_volume(self, shape: tuple[int, ...]) -> float:
        """log |det dz/dx| of x -> z, one input of a shape, in nats.

        A log density of raw inputs is that of prepared ones and this.
        """

    @abstractmethod
    def inputs_json(self) -> dict[str, Any]:
        """What was learned of the inputs, as JSON values."""

    @classmethod
    @abstractmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the inputs, by name, of what `inputs_json` returned."""

    @classmethod
    @abstractmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for JSON values of which no inputs of `in_size` numbers are made."""

    @property
    def features(self) -> tuple[str, ...]:
        """What the features of a table are called, a name for each category; () for arrays."""
        return ()

    @property
    def word_columns(self) -> tuple[str, ...]:
        """The columns of a table whose words became a 0 and 1 for each; () where there are none."""
        return ()

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels of a series are called; () where they have no names."""
        return ()

    @property
    def period(self) -> float | None:
        """How long a season lasts, in the unit of prepared times `t`; None without."""
        return None

    @property
    def time_unit(self) -> float:
        """What one unit of prepared times `t` is in the user's unit of time."""
        return 1.0

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that a table is searched for, by name; () where they go by position."""
        return ()

    @property
    def background(self) -> np.ndarray | None:
        """What a model takes for the least value in each channel; None where it was not learned."""
        return None

    def byte_table(self, raw: RawArrays) -> np.ndarray | None:
        """The number [256, channels] for each byte of `x`, by which a device prepares it; None, as
        here, where `x` holds no bytes, or is prepared by `arrays` alone."""
        return None

    def read(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs as the training rows had them; here as they are.

        Raises `DataError` for inputs of another type or size, or in another unit.
        """
        if x.dtype.kind not in "biuf" or x.shape[-1:] != (self.in_size,):
            raise DataError(
                f"x is {x.dtype} of shape {x.shape}: expected numbers of shape (examples, ..., "
                f"{self.in_size}), as the model was trained on."
            )
        return x

    def notes(self, raw: RawArrays | Inputs, rows: np.ndarray) -> Iterator[str]:
        """What a user should know of the training rows (indices), in words; nothing here."""
        return iter(())

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs [N, ...] as a model takes them. Raises `DataError` for what `read` refuses."""
        read = self.read(np.asarray(x))
        return np.asarray(self.arrays({"x": read})["x"], default_float())

    def prepared(self, raw: RawArrays) -> dict[str, np.ndarray]:
        """Raw inputs by name as a model takes them, in the default floating type.

        Here `x` alone is prepared; a kind that has more overrides this. Raises what `inputs` does.
        """
        return {**raw, "x": self.inputs(raw["x"])}

    def targets(self, y: np.ndarray) -> np.ndarray:
        """A model's targets in the user's units."""
        return self.y_scale.invert(y) if self.y_scale else y

    def array(self, path: str, x: np.ndarray) -> np.ndarray:
        """The array x of a file as a model takes it.

        Raises `DataError` for one of another type or shape and for numbers that are not finite.
        """
        fits = x.ndim >= 2 and x.shape[-1] == self.in_size
        return self.finite_inputs(path, x, fits, f"..., {self.in_size}")

    def finite_inputs(self, path: str, x: np.ndarray, fits: bool, wanted: str) -> np.ndarray:
        """`inputs` of an array of a file. Raises `DataError` unless `fits`, naming the `wanted`
        axes, and for numbers that are not finite."""
        if x.dtype.kind not in "biuf" or not fits or not len(x):
            raise DataError(
                f"{path}: x is {x.dtype} of shape {x.shape}: expected numbers of shape "
                f"(examples, {wanted})."
            )
        with np.errstate(over="ignore"):
            inputs = self.inputs(x)
        if not np.isfinite(inputs).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(inputs))[0])
            raise DataError(f"{path}: x{list(index)} is {x[index]}: expected finite numbers.")
        return inputs

    def rows(self, table: Table) -> np.ndarray:
        """A table's rows as a model takes them. Raises `DataError`: here no table is taken."""
        raise DataError(
            f"{table.path} is a table, and the model takes data of kind {self.kind}: give an .npz "
            "file with an array x."
        )

    def input_columns(self, path: str) -> tuple[str, ...] | None:
        """The names in a table of inputs, which `rows` reads; None, as here, if it reads none."""
        return None

    def new_series(self, table: Table) -> NewSeries | None:
        """The series of a long table, whose rows are times; None, as here, of rows of examples."""
        return None

    def new_arrays(self, path: str) -> RawArrays | None:
        """The arrays of series in an .npz file; None, as here, for a kind that takes `x` alone."""
        return None

    def to_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes the same again, to the last bit."""
        return {
            "kind": self.kind,
            "tasks": list(self.tasks),
            "in_size": self.in_size,
            "classes": list(self.classes),
            "target_names": list(self.target_names),
            "y_scale": None if self.y_scale is None else self.y_scale.to_json(),
            **self.inputs_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Preparation":
        """What `to_json` wrote, of whichever kind it is: `Preparation.from_json(values)`.

        Version 1 has no `kind`: its images are of kind image, all else of kind table.

        Raises `ConfigError` for a kind that is not registered, or not this one.
        """
        made = preparation_of_kind(kind_of_saved(values))
        if not issubclass(made, cls):
            raise ConfigError(
                f"kind = {made.kind!r}: expected what a {cls.__name__} wrote. Use "
                "Preparation.from_json for any kind."
            )
        return made(
            tasks=tuple(map(str, values["tasks"])),
            in_size=int(values["in_size"]),
            classes=tuple(values["classes"]),
            target_names=tuple(map(str, values["target_names"])),
            y_scale=Scale.or_none(values["y_scale"]),
            **made.inputs_from_json(values),
        )


def preparation_of_kind(kind: str) -> type[Preparation]:
    """The class that is registered for a kind. Raises `ConfigError` for one that is not."""
    made = PREPARATIONS[kind].builder
    if not (isinstance(made, type) and issubclass(made, Preparation)):
        raise ConfigError(
            f"The preparation {kind!r} ({PREPARATIONS[kind].origin}) is no subclass of "
            "zoo.datasets.Preparation: register one."
        )
    return made
