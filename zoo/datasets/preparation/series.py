"""The preparation of series, of paths, and of arrays of other axes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from ...registry import register_preparation
from ..mask import observed, seen_times
from ..scale import Scale
from ..spec import SERIES_ARRAYS
from .checked import check_series
from .inputs import Inputs, RawArrays
from .narrow import narrowed
from .standardised import Standardised
from .times import TimeScale

_Made = TypeVar("_Made", bound="SeriesPreparation")


@register_preparation("series")
@dataclass(frozen=True, kw_only=True)
class SeriesPreparation(Standardised):
    """Series, paths and arrays of other axes: each channel, the last axis, over all times.

    Of series with times [N, length] the longest of the training rows lasts 1. `static` and `inputs`
    are standardised as `x` is.
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

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The channels of an input."""
        return {"in_size": int(x.shape[-1])}

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels are called; () where they have no names."""
        return self.channel_names

    @property
    def period(self) -> float | None:
        """How long a season lasts, in the unit of prepared times; None without."""
        if self.season is None or self.t_scale is None:
            return self.season
        return self.season / self.t_scale.length

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
        static, inputs = (
            Scale.of(raw[name][rows]) if name in raw else None for name in SERIES_ARRAYS
        )
        return replace(made, t_scale=t_scale, static_scale=static, inputs_scale=inputs)

    def arrays(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as a model takes them; `static` and `inputs` standardised too."""
        arrays = super().arrays(raw)
        for name, scale in (("static", self.static_scale), ("inputs", self.inputs_scale)):
            if name in arrays and scale is not None:
                arrays[name] = scale.apply(arrays[name])
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
        }

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of what `inputs_json` returned."""
        season = values.get("season")
        return {
            **super().inputs_from_json(values),
            "static_scale": Scale.or_none(values.get("static_scale")),
            "inputs_scale": Scale.or_none(values.get("inputs_scale")),
            "channel_names": tuple(map(str, values.get("channel_names", ()))),
            "season": None if season is None else float(season),
        }

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for scales or names of another size, or that are none."""
        super().check(values, in_size)
        check_series(values, in_size)
