"""Classification: a class for each example."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..registry import register_task
from .base import Task
from .meaning import Output, Target
from .types import Answer, Arrays, Data, ExampleSpec, Label, Learned, Metrics


@register_task("classification")
class Classification(Task):
    """A class for each example: accuracy beside the majority class's."""

    kinds: ClassVar[Sequence[str]] = ("table", "image", "series")
    target: ClassVar[Target] = Target.LABELS
    output: ClassVar[Output] = Output.LOGITS
    output_label: ClassVar[str] = "logit"
    metric: ClassVar[str] = "accuracy"
    baseline: ClassVar[str] = "majority_accuracy"
    perfect: ClassVar[float] = 1.0

    def out_size(self, spec: ExampleSpec) -> int:
        """A logit for each class."""
        return spec.size("classes")

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """What `classification_metrics` gives."""
        return classification_metrics(data, outputs, arrays["y"], ok)

    def answer(self, outputs: np.ndarray, xs: np.ndarray, learned: Learned) -> Answer:
        """The likeliest label, and the probability of each: the softmax of the logits."""
        probability = _softmax(outputs.astype(np.float64))
        labels = np.array(learned.classes)[np.argmax(outputs, axis=1)]
        return Answer(labels, ("prediction",), learned.classes, probability)


def classification_metrics(
    data: Data, logits: np.ndarray, labels: np.ndarray, ok: np.ndarray
) -> Metrics:
    """Accuracy beside the majority class's, balanced accuracy, and recall by original class.

    An example that was not solved (`ok` [N]) counts as wrong.

    Args:
        data: whose training labels tell which class is the majority.
        logits: [N, classes].
        labels: [N], indices.
        ok: [N], which examples were solved.
    """
    classes: tuple[Label, ...] = data.preprocessing.classes
    correct = (np.argmax(logits, axis=1) == labels) & ok
    majority = np.bincount(data.train["y"], minlength=len(classes)).argmax()
    present = [i for i in range(len(classes)) if (labels == i).any()]
    recall = {str(classes[i]): float(correct[labels == i].mean()) for i in present}
    return {
        "accuracy": float(correct.mean()),
        "majority_accuracy": float((labels == majority).mean()),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "recall": {**recall},
    }


def margins(logits: np.ndarray) -> np.ndarray:
    """The probability of the likeliest class less that of the next, [N], of logits [N, classes]."""
    ordered = np.sort(_softmax(logits), axis=1)
    return ordered[:, -1] - ordered[:, -2]


def _softmax(logits: np.ndarray) -> np.ndarray:
    from scipy.special import softmax  # a tenth of the time that importing the zoo takes

    probabilities: np.ndarray = softmax(logits, axis=1)
    return probabilities
