"""Training: `fit`, and the pieces that it is made of."""

from ..objectives.part import Part
from ..objectives.report import report_from, tally_of
from ..objectives.updates import (
    AbstractUpdate,
    AdditiveUpdate,
    GradientUpdate,
    StepReport,
    report_of,
)
from .augmentation import AbstractAugmentation, Augmentation
from .checks import Checked, check_fit
from .fit import fit
from .fit_checked import Result, fit_checked
from .history import History
from .loop import Chunk, LoopOptions, iterate
from .metrics_log import read_log
from .run_folder import RunFolder
from .series_augmentation import SeriesAugmentation
from .state import TrainState

__all__ = [
    "AbstractAugmentation",
    "AbstractUpdate",
    "AdditiveUpdate",
    "Augmentation",
    "Checked",
    "Chunk",
    "GradientUpdate",
    "History",
    "LoopOptions",
    "Part",
    "Result",
    "RunFolder",
    "SeriesAugmentation",
    "StepReport",
    "TrainState",
    "check_fit",
    "fit",
    "fit_checked",
    "iterate",
    "read_log",
    "report_from",
    "report_of",
    "tally_of",
]
