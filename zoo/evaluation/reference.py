"""What a weight file keeps of a model's outputs for its training rows."""

import numpy as np

from ..datasets import Dataset
from ..datasets.kept_split import count_of, rows_of
from ..models.base import AbstractModel
from ..objectives.updates import as_update
from ..tasks import Reference, task_named
from .batched import evaluate_arrays, traced_solver

MOST_ROWS = 10_000
"""Training rows that are looked at; of more, as many at equal distances."""


def reference_of(
    model: AbstractModel, data: Dataset, task: str, *, batch_size: int = 128
) -> Reference:
    """What a task keeps of the outputs for training rows, by name; {} for one that keeps nothing.

    `zoo.save(path, model, config, reference=...)` puts it into the weight file, from which `zoo
    predict` compares new rows with the training rows, as runs do by themselves. Rows that cannot be
    solved, or whose output is no number, are left out.

    Args:
        model: trained for the task.
        data: what it was trained on.
        task: by its name.
        batch_size: examples of one compiled evaluation, at most.
    """
    named = task_named(task)
    if not named.compares:
        return {}
    count = count_of(data.train)
    rows = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(int))
    arrays = rows_of(data.train, rows)
    update = as_update(model.objectives[task])
    _, aux = evaluate_arrays(model, update, arrays, traced_solver(model, None), batch_size)
    if aux.prediction is None:
        return {}
    outputs = np.asarray(aux.prediction)
    ok = np.asarray(aux.stats.ok) & np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
    if not ok.any():
        return {}
    return named.reference(outputs[ok], arrays["x"][ok], data.preprocessing)
