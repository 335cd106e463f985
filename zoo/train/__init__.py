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
from .augmentation.base import AbstractAugmentation, Augmentation
from .augmentation.series import SeriesAugmentation
from .checks import Checked, check_fit
from .fit import fit
from .fit_checked import Result, fit_checked
from .folder.event_files import EventFiles
from .folder.metrics_log import read_log
from .folder.run_folder import RunFolder
from .history import History
from .loop import Chunk, LoopOptions, iterate
from .memory.plan import MemoryPlan, StepMemory, plan_memory
from .memory.plan_fit import plan_fit
from .state import TrainState

__all__ = [
    "AbstractAugmentation",
    "AbstractUpdate",
    "AdditiveUpdate",
    "Augmentation",
    "Checked",
    "Chunk",
    "EventFiles",
    "GradientUpdate",
    "History",
    "LoopOptions",
    "MemoryPlan",
    "Part",
    "Result",
    "RunFolder",
    "SeriesAugmentation",
    "StepMemory",
    "StepReport",
    "TrainState",
    "check_fit",
    "fit",
    "fit_checked",
    "iterate",
    "plan_fit",
    "plan_memory",
    "read_log",
    "report_from",
    "report_of",
    "tally_of",
]
