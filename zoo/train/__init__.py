"""Training: `fit`, and the pieces that it is made of."""

from ..updates import AbstractUpdate, GradientUpdate, StepReport, report_of
from .fit import History, Result, fit
from .loop import Chunk, iterate
from .state import TrainState

__all__ = [
    "AbstractUpdate",
    "Chunk",
    "GradientUpdate",
    "History",
    "Result",
    "StepReport",
    "TrainState",
    "fit",
    "iterate",
    "report_of",
]
