"""Inputs with mean 0 and deviation 1 in each feature or channel, over observed training rows."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ...precision import constant
from ..files.enumeration import some
from ..mask import hidden_filled, observed, seen_times
from ..moments import Moments
from ..scale import Scale
from .base import Preparation
from .checked import check_scales
from .inputs import Inputs, RawArrays
from .times import TimeScale, with_hidden_times

_Made = TypeVar("_Made", bound="Standardised")


@dataclass(frozen=True, kw_only=True)
class Standardised(Preparation):
    """Base of preparations that standardise `x`, hide what is masked, and scale times.

    - `x` [..., channels]: mean 0 and deviation 1 in each channel of the training rows.
    - `mask`: 1 where `x` is observed. Nothing is learned of the rest, and it becomes 0.
    - `t` [N] or [N, length]: from 0 to 1 in the training rows, see `TimeScale`.

    To make one, say what an input's `numbers` are, and what else JSON values hold.
    """

    t_scale: TimeScale | None = None
    """The scale of `t`; None without times, or where they stay as they are."""

    @property
    def feature_word(self) -> str:
        """What an entry of the last axis of `x` is called."""
        return "channel"

    @classmethod
    @abstractmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The fields of this class that follow from `x` [N, ...] alone: `in_size` and others."""

    @classmethod
    def learn(cls: type[_Made], raw: RawArrays, rows: np.ndarray, standardise: bool) -> _Made:
        """What the training rows (indices) of arrays teach.

        Raises `DataError` for numbers whose deviation overflows and for a mask that does not fit.
        """
        x, times, seen = raw["x"], raw.get("t"), observed(raw)
        scale = t_scale = None
        if standardise:
            scale = Scale.of(x[rows], None if seen is None else seen[rows])
        if standardise and times is not None:
            shown = seen_times(times, seen)
            t_scale = TimeScale.of(times[rows], None if shown is None else shown[rows])
        return cls(x_scale=scale, t_scale=t_scale, **cls.sizes_of(x))

    @classmethod
    def of_moments(
        cls: type[_Made], like: np.ndarray, moments: Moments, standardise: bool
    ) -> _Made:
        """What training rows teach that were seen some at a time, as `learn` has it.

        Args:
            like: `x` without its rows, [0, ..., channels].
            moments: of the channels of the training rows.
            standardise: whether they get mean 0 and deviation 1.

        Raises `DataError` for numbers whose deviation overflows.
        """
        scale = Scale.of_moments(moments, like.dtype) if standardise else None
        return cls(x_scale=scale, **cls.sizes_of(like))

    def numbers(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as named arrays of numbers, in the user's units."""
        assert isinstance(raw, Mapping), "a kind with inputs of its own says what their numbers are"
        return dict(raw)

    def arrays(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """Raw values as a model takes them: `x` standardised and hidden, `t` scaled."""
        arrays = self.numbers(raw)
        seen = observed(arrays)
        x = arrays["x"] if self.x_scale is None else self.x_scale.apply(arrays["x"])
        arrays["x"] = x if seen is None else np.where(seen, x, np.zeros((), x.dtype))
        if "t" in arrays:
            times = with_hidden_times(arrays["t"], seen_times(arrays["t"], seen))
            arrays["t"] = times if self.t_scale is None else self.t_scale.apply(times)
        return arrays

    def raw(self, x: np.ndarray) -> np.ndarray:
        """Standardised inputs in the user's units."""
        return x if self.x_scale is None else self.x_scale.invert(x)

    def log_volume(self, shape: tuple[int, ...]) -> float:
        """log |det| of the standardisation of one input of a shape."""
        return 0.0 if self.x_scale is None else self.x_scale.log_volume(shape)

    def notes(self, raw: RawArrays | Inputs, rows: np.ndarray) -> Iterator[str]:
        """Which features are the same in all training rows, so that nothing is learned of them."""
        arrays = self.numbers(raw)
        seen = observed(arrays)
        x = hidden_filled(arrays["x"][rows], None if seen is None else seen[rows])
        names = self.names_of_features(x.shape[-1])
        return constant_notes(self.feature_word, names, x)

    def names_of_features(self, count: int) -> list[str]:
        """What each of the features is called, of which several may have one name."""
        return [str(place) for place in range(count)]

    def inputs_json(self) -> dict[str, Any]:
        """The scales; that of times where there is one."""
        times = {} if self.t_scale is None else {"t_scale": self.t_scale.to_json()}
        return {"x_scale": None if self.x_scale is None else self.x_scale.to_json(), **times}

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The scales of what `inputs_json` returned."""
        times = values.get("t_scale")
        t_scale = None if times is None else TimeScale.from_json(times)
        return {"x_scale": Scale.or_none(values["x_scale"]), "t_scale": t_scale}

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for scales of another size, or that hold no scale."""
        check_scales(values, in_size)


def constant_notes(kind: str, names: list[str], values: np.ndarray) -> Iterator[str]:
    """Which features [..., features] hold one value alone; several may have one of the `names`."""
    same = constant(values)
    varied = {name for name, each in zip(names, same, strict=True) if not each}
    found = [name for name in dict.fromkeys(names) if name not in varied]
    if found:
        kinds = kind if len(found) == 1 else f"{len(found):,} {kind}s"
        yield (
            f"Constant in the training rows, so that nothing is learned of it: {kinds} "
            f"{some(found)}."
        )
