"""The rows of an array in, an .npz file of predictions out."""

import io
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..datasets import Preparation
from ..tasks import Arrays
from .predictions import Predictions


@dataclass(frozen=True)
class ArrayRows:
    """The rows of an array."""

    path: str
    x: np.ndarray
    unit: ClassVar[str] = "rows"

    def inputs(self, preprocessing: Preparation) -> Arrays:
        """The array standardised. Raises `DataError` for one that is not the model's."""
        return {"x": preprocessing.array(self.path, self.x)}

    def about(self) -> str:
        """Its shape."""
        return f"{self.path}: x {self.x.shape}."

    def place(self, row: int) -> str:
        """The row, from 0."""
        return f"row {row}"

    def with_predictions(self, predictions: Predictions) -> bytes:
        """The values ([N], or [N, columns] of several) as the array `prediction`, or what the task
        calls them, what stands beside them under its own name, and of classes `probability` [N,
        classes] and `classes`. A row without a prediction is NaN, or empty text."""
        return as_arrays(predictions)

    def note(self, predictions: Predictions) -> str:
        """Nothing."""
        return ""


def as_arrays(predictions: Predictions) -> bytes:
    """The content of an .npz file of predictions, see `ArrayRows.with_predictions`."""
    values = predictions.values
    if predictions.probability is None:
        values = values[..., 0] if values.ndim > 1 and values.shape[-1] == 1 else values
    elif not predictions.ok.all():
        values = values if values.dtype.kind == "U" else values.astype(np.float64)
        values = np.where(predictions.ok, values, "" if values.dtype.kind == "U" else np.nan)
    arrays = {predictions.array: values, **predictions.more}
    if predictions.probability is not None:
        arrays["probability"] = predictions.probability
        arrays["classes"] = np.array(predictions.classes)
    if values.ndim == 3:
        arrays["columns"] = np.array(predictions.names)
    buffer = io.BytesIO()  # no spreadsheet reads it: labels stay as they are
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
