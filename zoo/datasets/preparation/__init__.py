"""What is learned from training rows, one class a kind of data: from raw values to a model's."""

from .array_inputs import ArrayInputs
from .base import Preparation
from .image import ImagePreparation
from .inputs import Inputs, SplittingInputs
from .saved import preprocessing_of, same_as_saved
from .series import Origin, SeriesInputs, SeriesPreparation
from .standardised import Standardised
from .table import TableInputs, TablePreparation
from .times import TimeScale

__all__ = [
    "ArrayInputs",
    "ImagePreparation",
    "Inputs",
    "Origin",
    "Preparation",
    "SeriesInputs",
    "SeriesPreparation",
    "SplittingInputs",
    "Standardised",
    "TableInputs",
    "TablePreparation",
    "TimeScale",
    "preprocessing_of",
    "same_as_saved",
]
