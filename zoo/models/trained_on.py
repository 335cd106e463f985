"""What the weights of a file were trained on, and in what other data differ from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..datasets import Dataset, Preparation, preprocessing_of
from ..tasks import Target, task_named


@dataclass(frozen=True)
class TrainedOn:
    """A weight file's data set, task, and what was learned from the training rows.

    Each method gives a difference in words, and no words where there is none.
    """

    dataset: str | None
    task: str | None
    preprocessing: Preparation | None

    @classmethod
    def of(cls, config: Any) -> "TrainedOn":
        """Read from a weight file's configuration; a file that `train` did not write says nothing.

        Raises `CheckpointError` for a configuration that does not make sense.
        """
        if not isinstance(config, Mapping):
            return cls(None, None, None)
        told = preprocessing_of(config) if "preprocessing" in config else None
        return cls(config.get("dataset"), config.get("task"), told)

    def other_targets(self, data: Dataset, task: str) -> str:
        """Whether a head means something else for these data: other classes, another order of
        them, other targets, another task. Targets without names are those of their data set."""
        if self.preprocessing is None:
            return "the file does not say what its targets were"
        if self.task != task:
            return f"the task was {self.task} and is {task}"
        if task_named(task).target is Target.NOTHING:
            return ""
        kind = _kind(task)
        then, now = _names(self.preprocessing, task), _names(data.preprocessing, task)
        if then != now:
            return f"the {kind} were {listed(then)} and are {listed(now)}"
        if not now and self.dataset != data.name:
            return f"the {kind} were those of {self.dataset} and are those of {data.name}"
        return ""

    def same_targets(self, data: Dataset, task: str) -> str:
        """That a head was taken, where nothing but the names say that the targets are the same."""
        if self.dataset == data.name or task_named(task).target is Target.NOTHING:
            return ""
        return f"the {_kind(task)} are {listed(_names(data.preprocessing, task))} as they were"

    def other_units(self, data: Dataset) -> str:
        """Whether targets that are numbers are standardised otherwise."""
        then = self.preprocessing
        if then is None or then.to_json()["y_scale"] == data.preprocessing.to_json()["y_scale"]:
            return ""
        return "the targets are standardised by other rows than they were"

    def other_inputs(self, data: Dataset) -> str:
        """Whether the inputs are other features, or standardised otherwise."""
        if self.preprocessing is None:
            return "the file does not say what its inputs were"
        then, now = self.preprocessing.features, data.preprocessing.features
        if then != now:
            return f"the inputs were {listed(then)} and are {listed(now)}"
        if not now and self.dataset != data.name:
            return f"the inputs were those of {self.dataset} and are those of {data.name}"
        scales = [p.to_json().get("x_scale") for p in (self.preprocessing, data.preprocessing)]
        if scales[0] != scales[1]:
            return "the inputs are standardised by other rows than they were"
        return ""


def listed(names: Sequence[object]) -> str:
    """Names in words, of many the first three and their number."""
    if not names:
        return "without names"
    more = f", ... ({len(names)})" if len(names) > 4 else ""
    return ", ".join(map(str, names[: 3 if more else 4])) + more


def _names(preprocessing: Preparation, task: str) -> tuple[Any, ...]:
    by_target = {
        Target.LABELS: preprocessing.classes,
        Target.NUMBERS: preprocessing.target_names,
        Target.NOTHING: (),
    }
    return by_target[task_named(task).target]


def _kind(task: str) -> str:
    """What the targets of a task are called."""
    return "classes" if task_named(task).target is Target.LABELS else "targets"
