"""The preparation of series, of paths, and of arrays of other axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar

import numpy as np

from ...errors import DataError
from ...registry import register_preparation
from ..files.new_series import NewSeries, read_new_series
from ..files.series_arrays import series_arrays
from ..files.series_columns import SeriesColumns
from ..files.table import Table
from ..mask import observed, seen_times
from ..scale import Scale
from ..spec import SERIES_ARRAYS
from .checked import check_series
from .inputs import Inputs, RawArrays
from .narrow import narrowed
from .padding import last_repeated, real_places, seen_places, since_first
from .standardised import Standardised
from .times import TimeScale

Origin: TypeAlias = Literal["series", "global"]
_Made = TypeVar("_Made", bound="SeriesPreparation")


@register_preparation("series")
@dataclass(frozen=True, kw_only=True)
class SeriesPreparation(Standardised):
    """Series, paths and arrays of other axes: each channel, the last axis, over all times.

    Of series with times [N, length] the longest of the training rows lasts 1. `static` and `inputs`
    are standardised as `x` is, `inputs` over all places that are no padding. `dx`, the
    derivatives of x by t, become those of prepared values by prepared times.
    """

    kind: ClassVar[str] = "series"
    static_scale: Scale | None = None
    """The standardisation of `static`; None without."""
    inputs_scale: Scale | None = None
    """The standardisation of `inputs`; None without."""
    channel_names: tuple[str, ...] = ()
    """What the channels are called; () where they have no names."""
    season: float | None = None
    """How long a season lasts, in the user's unit of time; None without."""
    origin: Origin | None = None
    """Where time 0 lies: at each series' own start, or at one for all; None as for `global`."""
    columns: SeriesColumns | None = None
    """The columns of a long table; None for arrays."""

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The channels of an input."""
        return {"in_size": int(x.shape[-1])}

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels are called; () where they have no names."""
        return self.channel_names

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns of a long table that are read, by name; () for arrays."""
        return () if self.columns is None else self.columns.names

    def new_series(self, table: Table) -> NewSeries:
        """The series of a new long table, whose rows without a value are the times wanted.

        Raises `DataError` for what `read_new_series` refuses, and where the training data were no
        table.
        """
        if self.columns is None:
            raise DataError(
                f"{table.path} is a table, and the model was trained on arrays, so that it is not "
                "known what the columns are for: expected an .npz file with t, x and mask. A model "
                "that is trained with --dataset csv_series reads tables."
            )
        return read_new_series(self.columns, table)

    def new_arrays(self, path: str) -> RawArrays:
        """The arrays of series in an .npz file. Raises `DataError`, see `series_arrays`."""
        return series_arrays(path)

    @property
    def period(self) -> float | None:
        """How long a season lasts, in the unit of prepared times; None without."""
        if self.season is None or self.t_scale is None:
            return self.season
        return self.season / self.t_scale.length

    @property
    def time_unit(self) -> float:
        """What one unit of prepared times is in the user's unit of time."""
        return 1.0 if self.t_scale is None else self.t_scale.length

    @classmethod
    def learn(cls: type[_Made], raw: RawArrays, rows: np.ndarray, standardise: bool) -> _Made:
        """What the training rows (indices) of arrays teach.

        Raises `DataError` for numbers whose deviation overflows and for a mask that does not fit.
        """
        made = super().learn(raw, rows, standardise)
        if not standardise:
            return made
        t_scale, times = made.t_scale, raw.get("t")
        if times is not None and times.ndim == 2:
            seen = seen_times(times, observed(raw))
            t_scale = TimeScale.of_series(times[rows], None if seen is None else seen[rows])
        part = {name: values[rows] for name, values in raw.items()}
        static, inputs = (
            Scale.of(part[name], _real_inputs(part) if name == "inputs" else None)
            if name in part
            else None
            for name in SERIES_ARRAYS
        )
        return replace(made, t_scale=t_scale, static_scale=static, inputs_scale=inputs)

    def numbers(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as named arrays of numbers, times since the `origin`."""
        if isinstance(raw, SeriesInputs):
            return raw.since(self.origin)
        return _since(super().numbers(raw), self.origin)

    def names_of_features(self, count: int) -> list[str]:
        """The names of the channels; their places where they have none."""
        return list(self.channel_names) or super().names_of_features(count)

    def arrays(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as a model takes them; `static` and `inputs` standardised too."""
        arrays = super().arrays(raw)
        real = _real_inputs(arrays)
        if real is not None:
            arrays["inputs"] = last_repeated(arrays["inputs"], real[..., 0])
        for name, scale in (("static", self.static_scale), ("inputs", self.inputs_scale)):
            if name in arrays and scale is not None:
                arrays[name] = scale.apply(arrays[name])
        if "dx" in arrays:
            unit = 1.0 if self.x_scale is None else self.x_scale.std
            arrays["dx"] = np.asarray(arrays["dx"]) * (self.time_unit / unit)
        return arrays

    def prepared(self, raw: RawArrays) -> dict[str, np.ndarray]:
        """Raw arrays by name as a model takes them, in the types in which it computes.

        Raises `DataError` for values that are no numbers or of another number of channels, and for
        what `narrowed` refuses.
        """
        read = {**raw, "x": self.read(np.asarray(raw["x"]))}
        return {name: narrowed(name, values) for name, values in self.arrays(read).items()}

    def inputs_json(self) -> dict[str, Any]:
        """The scales, and of series their names and season, where they have some."""
        scales = {"static_scale": self.static_scale, "inputs_scale": self.inputs_scale}
        return {
            **super().inputs_json(),
            **{name: each.to_json() for name, each in scales.items() if each is not None},
            **({"channel_names": list(self.channel_names)} if self.channel_names else {}),
            **({} if self.season is None else {"season": self.season}),
            **({} if self.origin is None else {"origin": self.origin}),
            **({} if self.columns is None else {"columns": self.columns.to_json()}),
        }

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of what `inputs_json` returned."""
        season, columns = values.get("season"), values.get("columns")
        return {
            **super().inputs_from_json(values),
            "static_scale": Scale.or_none(values.get("static_scale")),
            "inputs_scale": Scale.or_none(values.get("inputs_scale")),
            "channel_names": tuple(map(str, values.get("channel_names", ()))),
            "season": None if season is None else float(season),
            "origin": values.get("origin"),
            "columns": None if columns is None else SeriesColumns.from_json(columns),
        }

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for scales or names of another size, or that are none."""
        super().check(values, in_size)
        check_series(values, in_size)


@dataclass(frozen=True)
class SeriesInputs:
    """Series that will be inputs, once it is known which of them are for training.

    `arrays` are in the user's units: `t` [N, T], `x`, `mask` and `given` [N, T, D], perhaps
    `static` [N, S] and `inputs` [N, T, U]: see `zoo.datasets.series.series_data`, which checks
    them.
    """

    arrays: RawArrays
    channel_names: tuple[str, ...] = ()
    season: float | None = None
    origin: Origin = "series"
    columns: SeriesColumns | None = None

    def __len__(self) -> int:
        return len(self.arrays["x"])

    def since(self, origin: Origin | None) -> dict[str, np.ndarray]:
        """The arrays, times since an origin."""
        return _since(self.arrays, origin)

    def learn(self, rows: np.ndarray, standardise: bool) -> SeriesPreparation:
        """What the training rows (indices) teach. Raises what `SeriesPreparation.learn` does."""
        learned = SeriesPreparation.learn(self.since(self.origin), rows, standardise)
        scale = learned.t_scale
        if scale is not None and self.origin == "series":
            scale = replace(scale, start=0)  # also where nothing was observed at the start
        return replace(
            learned,
            t_scale=scale,
            channel_names=self.channel_names,
            season=self.season,
            origin=self.origin,
            columns=self.columns,
        )


def _since(arrays: RawArrays, origin: Origin | None) -> dict[str, np.ndarray]:
    """Arrays whose times [N, length] count from each series' start, where that is the origin."""
    own = origin == "series" and "t" in arrays and arrays["t"].ndim == 2
    return {**arrays, "t": since_first(arrays["t"])} if own else dict(arrays)


def _real_inputs(arrays: RawArrays) -> np.ndarray | None:
    """Which entries of `inputs` [N, length, U] are no padding; None where nothing tells."""
    times, seen, inputs = arrays.get("t"), observed(arrays), arrays.get("inputs")
    if inputs is None or times is None or times.shape != inputs.shape[:2] or seen is None:
        return None
    real = real_places(times, seen_places(seen))
    return np.broadcast_to(real[..., None], inputs.shape)
