"""The best evaluation: which it is, when patience is exhausted, and what if there is none."""

import warnings
from collections import Counter
from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ...errors import TrainingDivergedError, ZooWarning
from ...solve import words_of
from ..state import TrainState

_UNSEEN = (
    "validation examples could not be solved, or the loss was not finite, as metrics.jsonl tells",
    "look at the column failed of its validation rows",
)


def exhausted(step: int, best_step: int, eval_every: int, patience: int | None) -> bool:
    """Whether as many evaluations as `patience` allows have passed since the best one.

    It follows from the state alone, so that a run which is resumed ends where it would have.
    """
    return patience is not None and step // eval_every - best_step // eval_every >= patience


class EarlyStopping:
    """Keeps the best of a run's evaluations, and with patience ends it where none was better.

    An evaluation with a failed solve is not compared, since its mean is over other examples; nor is
    one whose loss is not finite. It is said once, and counts as one without a new best. Where
    patience ends a run that never had a best, that is an error and no result.

    Args:
        every: steps between evaluations.
        patience: evaluations in a row without a new best after which training ends; None to keep
            account of the best alone.
        keep_best: whether the best weights are the result also without patience.
    """

    def __init__(self, every: int, patience: int | None, keep_best: bool = False) -> None:
        self._every, self._patience = every, patience
        self._chooses = keep_best or patience is not None
        self._why = _UNSEEN
        self._spoken = False

    def see(self, state: TrainState, row: Mapping[str, float], result: np.ndarray) -> TrainState:
        """The state with the best kept, after an evaluation.

        `row` holds its means, `result` [N] how the solve of each example ended (`Outcome`).
        """
        why = _not_comparable(row["loss"], np.asarray(result))
        if why is not None:
            self._why = why
            self._tell(int(state.step))
            return state
        if not row["loss"] < float(state.best_value):
            return state
        value = jnp.asarray(row["loss"], state.best_value.dtype)
        state = eqx.tree_at(lambda s: (s.best_value, s.best_step), state, (value, state.step))
        if state.best is not None:
            state = eqx.tree_at(lambda s: s.best, state, state.evaluated)
        return state

    def check(self, state: TrainState) -> None:
        """Say so where a run is over and no evaluation could be compared.

        Raises `TrainingDivergedError` where patience ended it; warns where all steps were taken.
        """
        if not self._chooses or np.isfinite(state.best_value):
            return
        step, (cause, remedy) = int(state.step), self._why
        if exhausted(step, int(state.best_step), self._every, self._patience):
            raise TrainingDivergedError(
                f"Early stopping ended at step {step} without a best: none of "
                f"{step // self._every} evaluations could be compared, since {cause}. The weights "
                f"are those of step {step}. Way out: {remedy}; or train without patience."
            )
        warnings.warn(
            f"Keeping the best weights had nothing to choose from in {step} steps: no evaluation "
            f"could be compared, since {cause}. The model is that of the last step. Way out: "
            f"{remedy}.",
            ZooWarning,
            stacklevel=4,
        )

    def _tell(self, step: int) -> None:
        if not self._chooses or self._spoken:
            return
        self._spoken = True
        cause, remedy = self._why
        patience = self._patience
        against = "" if patience is None else f"counts against patience = {patience} and "
        warnings.warn(
            f"The evaluation at step {step} is not compared with others, since {cause}: it "
            f"{against}cannot be the best. Way out: {remedy}.",
            ZooWarning,
            stacklevel=4,
        )


def _not_comparable(loss: float, result: np.ndarray) -> tuple[str, str] | None:
    """What keeps an evaluation from being compared, and the way out; None for a sound one."""
    failed = result[result != 0].tolist()
    if failed:
        what, remedy = words_of(Counter(failed).most_common(1)[0][0])
        cause = f"{len(failed)} of {len(result)} validation examples could not be solved: they"
        return f"{cause} {what}", remedy
    if not np.isfinite(loss):
        remedy = "lower the learning rate, or look for outliers in the validation split"
        return f"the validation loss is {loss:g}", remedy
    return None
