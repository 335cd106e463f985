"""The preparation of images."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ...errors import ConfigError, DataError
from ...precision import default_float
from ...registry import register_preparation
from ..files.table import Table
from ..mask import observed
from ..moments import Moments
from .checked import check_bounds
from .inputs import RawArrays
from .pixel_range import check_range, is_unit
from .standardised import Standardised


@register_preparation("image")
@dataclass(frozen=True, kw_only=True)
class ImagePreparation(Standardised):
    """Images [N, height, width, channels]: each channel over all places.

    The range of the values is learned too, so that images of 0 to 255 are not taken for those of 0
    to 1. Bytes are prepared on the device, by a table.
    """

    kind: ClassVar[str] = "image"
    in_shape: tuple[int, ...]
    """Height, width and channels."""
    low: float | None = None
    """The least value of the training rows; None in version 1."""
    high: float | None = None

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The shape of an image, and the numbers in it."""
        shape = tuple(map(int, x.shape[1:]))
        return {"in_size": math.prod(shape), "in_shape": shape}

    @classmethod
    def learn(cls, raw: RawArrays, rows: np.ndarray, standardise: bool) -> "ImagePreparation":
        """What the training rows (indices) teach. Raises what `Standardised.learn` does."""
        seen = observed(raw)
        x = raw["x"][rows] if seen is None else raw["x"][rows][seen[rows]]
        low, high = (float(x.min()), float(x.max())) if x.size else (None, None)
        return replace(super().learn(raw, rows, standardise), low=low, high=high)

    @classmethod
    def of_moments(
        cls, like: np.ndarray, moments: Moments, standardise: bool
    ) -> "ImagePreparation":
        """What training images teach that were seen some at a time."""
        made = super().of_moments(like, moments, standardise)
        return replace(made, low=float(moments.low.min()), high=float(moments.high.max()))

    @property
    def background(self) -> np.ndarray | None:
        """What a model takes for the least value in each channel, [channels]; None in version 1."""
        if self.low is None:
            return None
        least = np.full((1, 1, 1, self.in_shape[-1]), self.low)
        return np.asarray(self.arrays({"x": least})["x"], default_float()).reshape(-1)

    def byte_table(self, raw: RawArrays) -> np.ndarray | None:
        """The number for each byte, [256, channels]; None where `x` is not of bytes, or masked."""
        if raw["x"].dtype != np.uint8 or observed(raw) is not None:
            return None
        values = np.repeat(np.arange(256.0)[:, None], self.in_shape[-1], axis=1)
        return np.asarray(self.arrays({"x": values})["x"], default_float())

    def read(self, x: np.ndarray) -> np.ndarray:
        """Images as the training rows had them; grey ones may lack the axis of channels.

        Raises `DataError` for images of another size, and for values of another range.
        """
        x = x[..., None] if x.shape[1:] == self.in_shape[:-1] and self.in_shape[-1] == 1 else x
        if x.shape[1:] != self.in_shape:
            wanted = "×".join(map(str, self.in_shape))
            raise DataError(
                f"x has shape {x.shape}: expected images of {wanted}, as the model was trained on, "
                f"(examples, {', '.join(map(str, self.in_shape))}). Resize them, or cut them out."
            )
        if self.low is not None and self.high is not None and x.size:
            check_range(x, self.low, self.high)
        return x

    def bytes_read(self, pixels: np.ndarray) -> tuple[np.ndarray, str]:
        """Pictures of bytes in the unit of the training rows, and words on how they were converted.

        Those of a model of numbers from 0 to 1 are divided by 255, which is said; no words where
        nothing was done.
        """
        if self.high is not None and self.low is not None and is_unit(self.low, self.high):
            return pixels / 255, "Bytes from 0 to 255 were divided by 255: the model takes 0 to 1."
        return pixels, ""

    def array(self, path: str, x: np.ndarray) -> np.ndarray:
        """The images of a file. Raises `DataError` for images of another shape or range."""
        wanted = ", ".join(map(str, self.in_shape))
        fits = self.in_shape in (x.shape[1:], (*x.shape[1:], 1))
        return self.finite_inputs(path, x, fits, wanted)

    def rows(self, table: Table) -> np.ndarray:
        """Raises `DataError`: a table holds no images."""
        shape = "×".join(map(str, self.in_shape))
        raise DataError(
            f"{table.path} is a table, and the model takes images of {shape}: give an .npz "
            f"file with an array x of shape (examples, {', '.join(map(str, self.in_shape))})."
        )

    def inputs_json(self) -> dict[str, Any]:
        """The scale, the shape and the range."""
        shape = {"in_shape": list(self.in_shape)}
        return {**super().inputs_json(), **shape, "low": self.low, "high": self.high}

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The scale, the shape and the range of what `inputs_json` returned."""
        bounds = {name: values.get(name) for name in ("low", "high")}
        shape = {"in_shape": tuple(map(int, values["in_shape"]))}
        return {**super().inputs_from_json(values), **shape, **bounds}

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for a shape of other numbers, or a scale of other channels."""
        shape = values.get("in_shape") or [in_size]
        if min(shape, default=0) < 1 or math.prod(shape) != in_size:
            raise ConfigError(f"in_shape = {shape}: expected the {in_size} numbers of an input.")
        super().check(values, shape[-1])
        check_bounds(values)
