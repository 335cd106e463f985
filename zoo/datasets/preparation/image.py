"""The preparation of images."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...errors import ConfigError, DataError
from ...registry import register_preparation
from ..files.table import Table
from .standardised import Standardised


@register_preparation("image")
@dataclass(frozen=True, kw_only=True)
class ImagePreparation(Standardised):
    """Images [N, height, width, channels]: each channel over all places."""

    kind: ClassVar[str] = "image"
    in_shape: tuple[int, ...]
    """Height, width and channels."""

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The shape of an image, and the numbers in it."""
        shape = tuple(map(int, x.shape[1:]))
        return {"in_size": math.prod(shape), "in_shape": shape}

    def array(self, path: str, x: np.ndarray) -> np.ndarray:
        """The images of a file. Raises `DataError` for images of another shape."""
        wanted = ", ".join(map(str, self.in_shape))
        return self.finite_inputs(path, x, x.shape[1:] == self.in_shape, wanted)

    def rows(self, table: Table) -> np.ndarray:
        """Raises `DataError`: a table holds no images."""
        shape = "×".join(map(str, self.in_shape))
        raise DataError(
            f"{table.path} is a table, and the model takes images of {shape}: give an .npz "
            f"file with an array x of shape (examples, {', '.join(map(str, self.in_shape))})."
        )

    def inputs_json(self) -> dict[str, Any]:
        """The scale and the shape."""
        return {**super().inputs_json(), "in_shape": list(self.in_shape)}

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The scale and the shape of what `inputs_json` returned."""
        return {
            **super().inputs_from_json(values),
            "in_shape": tuple(map(int, values["in_shape"])),
        }

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for a shape of other numbers, or a scale of other channels."""
        shape = values.get("in_shape") or [in_size]
        if min(shape, default=0) < 1 or math.prod(shape) != in_size:
            raise ConfigError(f"in_shape = {shape}: expected the {in_size} numbers of an input.")
        super().check(values, shape[-1])
