"""Tasks: what a model is trained for, by name; what its outputs mean and are worth."""

from .base import KINDS, Task
from .classification import Classification
from .density import Density
from .meaning import Output, Target
from .named import first_with_targets, is_registered, target_of, task_named
from .regression import Regression
from .types import Answer, Arrays, Data, ExampleSpec, Label, Learned, Metrics, Report, Score

__all__ = [
    "KINDS",
    "Answer",
    "Arrays",
    "Classification",
    "Data",
    "Density",
    "ExampleSpec",
    "Label",
    "Learned",
    "Metrics",
    "Output",
    "Regression",
    "Report",
    "Score",
    "Target",
    "Task",
    "first_with_targets",
    "is_registered",
    "target_of",
    "task_named",
]
