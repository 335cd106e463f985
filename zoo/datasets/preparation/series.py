"""The preparation of series, of paths, and of arrays of other axes."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...registry import register_preparation
from .standardised import Standardised


@register_preparation("series")
@dataclass(frozen=True, kw_only=True)
class SeriesPreparation(Standardised):
    """Series, paths and arrays of other axes: each channel, the last axis, over all times."""

    kind: ClassVar[str] = "series"

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The channels of an input."""
        return {"in_size": int(x.shape[-1])}
