"""Tasks: what a model is trained for, by name; what its outputs mean and are worth."""

from .base import KINDS, Task
from .classification import Classification
from .density import Density
from .drawn_paths import DrawnPaths
from .dynamics import Dynamics
from .forecasting import Forecasting
from .interpolation import Interpolation
from .levels import Levels
from .meaning import Output, Target
from .named import first_with_targets, is_registered, target_of, task_named
from .path_law import PathLaw
from .path_task import PathTask
from .regression import Regression
from .trajectory import Trajectory
from .types import (
    Answer,
    Arrays,
    Data,
    Energy,
    ExampleSpec,
    Label,
    Learned,
    LogDensity,
    Metrics,
    Reference,
    Report,
    Score,
)

__all__ = [
    "KINDS",
    "Answer",
    "Arrays",
    "Classification",
    "Data",
    "Density",
    "DrawnPaths",
    "Dynamics",
    "Energy",
    "ExampleSpec",
    "Forecasting",
    "Interpolation",
    "Label",
    "Learned",
    "Levels",
    "LogDensity",
    "Metrics",
    "Output",
    "PathLaw",
    "PathTask",
    "Reference",
    "Regression",
    "Report",
    "Score",
    "Target",
    "Task",
    "Trajectory",
    "first_with_targets",
    "is_registered",
    "target_of",
    "task_named",
]
