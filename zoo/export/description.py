"""What a reader of an exported program has to know: its arguments, results, labels and outcomes."""

from collections.abc import Mapping

import jax

from ..datasets import Preparation
from ..solve import Outcome
from ..solve.outcomes import words_of
from ..tasks import Output, Task
from .inputs import ProgramInputs
from .program import BATCH, Lowered

FORMAT = 1
_AXES: Mapping[Output, tuple[str, ...]] = {
    Output.LOGITS: ("classes",),
    Output.NUMBERS: ("targets",),
    Output.PATH: ("times", "channels", "mean and standard deviation"),
    Output.LOG_DENSITY: (),
}
"""What the axes of the prediction for a row are called; those of other outputs nobody knows."""
_PREDICTION = "as zoo.predict returns it, in the user's units; NaN where the solve failed"
_OUTCOME = "a code of outcomes; 0 where the row was solved"
_EVALUATIONS = "evaluations of the dynamics that the row took; -1 where they are not known"


def describe(
    lowered: Lowered,
    inputs: ProgramInputs,
    task: Task,
    preparation: Preparation,
    tolerance: Mapping[str, float],
) -> dict[str, object]:
    """JSON values: arguments in order, results in order, and what each of them holds."""
    return {
        "format": FORMAT,
        "task": task.name,
        "arguments": [
            {"name": name, "dtype": str(array.dtype), "shape": [BATCH, *array.shape]}
            | {"axes": ["rows", *inputs.axes[name]]}
            for name, array in inputs.arrays.items()
        ],
        "tolerance": dict(tolerance),
        "results": [
            {"name": "prediction", "dtype": "float64", "shape": [BATCH, *lowered.prediction]}
            | _axes(task, lowered.prediction)
            | {"unit": task.output_label, "about": _PREDICTION},
            {"name": "outcome", "dtype": "int32", "shape": [BATCH], "about": _OUTCOME},
            {"name": "evaluations", "dtype": "int32", "shape": [BATCH], "about": _EVALUATIONS},
        ],
        "columns": list(preparation.features),
        "channels": list(preparation.channels),
        "classes": list(preparation.classes),
        "targets": list(preparation.target_names),
        "range": None if inputs.range is None else list(inputs.range),
        "outcomes": {str(int(code)): _words(code) for code in Outcome},
        "platforms": list(lowered.exported.platforms),
        "calling_convention": lowered.exported.calling_convention_version,
        "jax": jax.__version__,
    }


def _axes(task: Task, shape: tuple[int, ...]) -> dict[str, list[str]]:
    """The axes of a prediction by name, where they have names; of a path the last may be absent."""
    if task.output not in _AXES:
        return {}
    return {"axes": ["rows", *_AXES[task.output][: len(shape)]]}


def _words(code: Outcome) -> dict[str, str]:
    """An outcome by its name, what happened, and the way out."""
    if code is Outcome.SUCCESS:
        return {"name": "success"}
    what, way_out = words_of(code)
    return {"name": code.name.lower(), "what": what, "way_out": way_out}
