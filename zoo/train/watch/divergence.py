"""Steps that could not be taken: when they end a run, and what is said of it."""

import numpy as np

from ...errors import TrainingDivergedError
from ...objectives.updates import StepReport
from ...solve import words_of
from ..state import TrainState


def check_steps_in_a_row(state: TrainState, report: StepReport | None, most: int) -> None:
    """Raise `TrainingDivergedError` where the last `most` steps could not be taken.

    `report` is that of the last steps, leaves [steps]; None where none ran since the program
    started.
    """
    bad = int(state.bad_steps)
    if bad >= most:
        cause, remedy = _cause(report)
        raise TrainingDivergedError(
            f"{bad} steps in a row, up to step {int(state.step)}, could not be taken: {cause}. The "
            f"weights are those of the last good step. Way out: {remedy}."
        )


def check_any_step(state: TrainState, report: StepReport | None) -> None:
    """Raise `TrainingDivergedError` for a run that is over and of which every step was skipped."""
    steps = int(state.step)
    if not 0 < steps == int(state.skipped):
        return
    cause, remedy = _cause(report)
    if int(state.bad_steps) == 0:
        cause = "the weights of the examples in their batches are all zero"
        remedy = "take more steps or larger batches, or drop the examples of weight zero"
    raise TrainingDivergedError(
        f"Nothing was learned: every one of {steps} steps was skipped, since {cause}. The weights "
        f"are the initial ones. Way out: {remedy}."
    )


def _cause(report: StepReport | None) -> tuple[str, str]:
    """Why the last step could not be taken, and the way out."""
    if report is None:
        cause = "solves failed or numbers overflowed, as metrics.jsonl tells by step"
        return cause, "start anew with a lower learning rate, looser tolerances or more max_steps"
    failed = int(report.failed[-1])
    if failed:
        what, remedy = words_of(int(report.result[-1]))
        cause = f"{failed} solves of the last batch failed (they {what})"
        return cause, f"{remedy}; or lower the learning rate"
    if np.isfinite(report.loss[-1]):
        cause = (
            f"the gradient of the loss ({float(report.loss[-1]):g}), or the new weights, were not "
            "finite"
        )
        return cause, (
            "look for a root, a norm or a power of what may be zero in the model or the loss; or "
            "lower the learning rate, clip the gradient, or start smaller (init_scale)"
        )
    cause = f"the loss ({float(report.loss[-1]):g}), its gradient or the new weights overflowed"
    return cause, "lower the learning rate, clip the gradient, or start smaller (init_scale)"
