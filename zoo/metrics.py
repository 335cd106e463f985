"""Metrics of a whole split, in the data's own terms, each beside its baseline."""

from typing import Any

import numpy as np

from .datasets import Dataset
from .datasets.scale import constant


def task_metrics(
    task: str, data: Dataset, prediction: np.ndarray, y: np.ndarray, ok: np.ndarray
) -> dict[str, Any]:
    """The metrics of a task from all predictions and targets of a split; {} for other tasks.

    `ok` [N] tells which examples were solved: one that was not counts as wrong, and is left out
    of a regression's error, beside which `failed` is reported.
    """
    if task == "classification":
        return classification_metrics(data, prediction, y, ok)
    if task == "regression":
        return regression_metrics(data, prediction, y, ok)
    return {}


def classification_metrics(
    data: Dataset, logits: np.ndarray, labels: np.ndarray, ok: np.ndarray
) -> dict[str, Any]:
    """Accuracy beside the majority class's, balanced accuracy, and recall by original class."""
    correct = (np.argmax(logits, axis=1) == labels) & ok
    majority = np.bincount(data.train["y"], minlength=len(data.classes)).argmax()
    present = [i for i in range(len(data.classes)) if (labels == i).any()]
    recall = {str(data.classes[i]): float(correct[labels == i].mean()) for i in present}
    return {
        "accuracy": float(correct.mean()),
        "majority_accuracy": float((labels == majority).mean()),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "recall": recall,
    }


def regression_metrics(
    data: Dataset, prediction: np.ndarray, targets: np.ndarray, ok: np.ndarray
) -> dict[str, Any]:
    """Root mean squared error and R² by target, in original units, beside the training mean's."""
    names = data.target_names or tuple(f"y{i}" for i in range(targets.shape[-1]))
    predicted, true = data.targets(prediction[ok]), data.targets(targets[ok])
    mean = data.targets(data.train["y"]).mean(axis=0)
    if not len(true):
        return {"rmse": dict.fromkeys(names), "mean_rmse": dict.fromkeys(names)}
    errors = ((predicted - true) ** 2).mean(axis=0)
    baseline = ((true - mean) ** 2).mean(axis=0)
    spread = ((true - true.mean(axis=0)) ** 2).mean(axis=0)
    by_name = lambda values: {n: float(v) for n, v in zip(names, values, strict=True)}  # noqa: E731
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(constant(true) | (spread == 0), np.nan, 1 - errors / spread)
    return {
        "rmse": by_name(np.sqrt(errors)),
        "mean_rmse": by_name(np.sqrt(baseline)),
        "r2": by_name(r2),
    }
