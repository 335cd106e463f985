"""Training: `fit`, and the pieces that it is made of."""

from ..objectives.updates import AbstractUpdate, GradientUpdate, StepReport, report_of
from .augmentation import Augmentation
from .fit import Result, fit
from .history import History
from .loop import Chunk, LoopOptions, iterate
from .metrics_log import read_log
from .run_folder import RunFolder
from .state import TrainState

__all__ = [
    "AbstractUpdate",
    "Augmentation",
    "Chunk",
    "GradientUpdate",
    "History",
    "LoopOptions",
    "Result",
    "RunFolder",
    "StepReport",
    "TrainState",
    "fit",
    "iterate",
    "read_log",
    "report_of",
]
