"""What training keeps an eye on: each of these speaks once, and changes nothing."""

import warnings
from collections import Counter

import equinox as eqx
import numpy as np

from ...errors import ZooWarning
from ...models.base import AbstractModel
from ...objectives.parameters import leaf_paths, trainable
from ...objectives.updates import StepReport
from ...solve import words_of
from ...types import AnyArray
from .growth import GrowthWatch

# A leaf whose gradient was exactly zero for so many steps is worth a word.
_SILENT_STEPS = 10
# A share of failing examples that is worth a word, and over how many steps.
_FAILING_SHARE, _FAILING_STEPS = 0.01, 20
# An update of one's own may count failures and not say how they ended.
_NO_REASON = (
    "failed, and the update does not say why (its StepReport.result is SUCCESS)",
    "have the update report the Outcome of its solves, as zoo.train.report_of does",
)


class Effort:
    """Warns once of a step whose solves needed ten times the evaluations of the median so far.

    Such growth is how dynamics become stiff in training; what caps it is the solver's `max_steps`.
    """

    def __init__(self) -> None:
        self._growth = GrowthWatch()

    def see(self, nfe: np.ndarray, start: int) -> None:
        """Take in the mean NFE of each step of a chunk that began at step `start`."""
        grown = self._growth.see(nfe, start)
        if grown is not None:
            warnings.warn(
                f"Step {grown.step} needed {grown.nfe:.0f} evaluations of the dynamics, where the "
                f"median was {grown.usual:.0f}: the dynamics are becoming stiff. solver.max_steps "
                "cuts a solve off. Way out: a smaller learning rate, weight decay or looser "
                "tolerances.",
                ZooWarning,
                stacklevel=3,
            )


class FailingExamples:
    """Warns once where a share of the training examples keeps failing: nothing is learned of them.

    Args:
        steps: of the run; one that is shorter than the usual window is judged at its end.
    """

    def __init__(self, steps: int) -> None:
        self._window = min(_FAILING_STEPS, steps)
        self._seen = np.zeros((0, 4), int)
        """Of the steps that are still to be counted: failed, examples, outcome, whether taken."""
        self._spoken = False

    def see(self, report: StepReport, start: int) -> None:
        """Take in a chunk that began at step `start`."""
        if self._spoken:
            return
        first = start - len(self._seen)
        assert report.examples is not None, "the compiled step fills it in"
        counts = report.failed, report.examples, report.result, report.ok
        new = np.stack([np.asarray(each) for each in counts], axis=1).astype(int)
        rows = np.concatenate([self._seen, new])
        self._seen = rows[max(len(rows) - self._window + 1, 0) :]
        if len(rows) < self._window:
            return
        windows = np.lib.stride_tricks.sliding_window_view(rows[:, :2], self._window, axis=0)
        failed, seen = windows.sum(axis=-1).T
        many = np.flatnonzero(failed > _FAILING_SHARE * seen)
        if len(many):
            at = int(many[0])
            self._speak(rows[at : at + self._window], first + at, failed[at] / seen[at])

    def _speak(self, rows: np.ndarray, first: int, share: float) -> None:
        self._spoken = True
        bad = rows[rows[:, 0] > 0]
        reasons = Counter(bad[bad[:, 2] > 0, 2].tolist()).most_common(1)
        what, remedy = words_of(reasons[0][0]) if reasons else _NO_REASON
        skipped = int((bad[:, 3] == 0).sum())
        more = f", and {skipped} steps were skipped as a whole" if skipped else ""
        warnings.warn(
            f"{100 * share:.3g} % of the training examples of steps {first} to "
            f"{first + len(rows) - 1} could not be solved: their solves {what}. They are left out "
            f"of the gradient, so that nothing is learned of them{more}. Way out: {remedy}.",
            ZooWarning,
            stacklevel=4,
        )


class LeftOut:
    """Warns once of examples whose own gradient is not finite, by their rows in the data."""

    def __init__(self) -> None:
        self._spoken = False

    def see(self, left_out: np.ndarray | None, indices: np.ndarray, start: int) -> None:
        """Take in a chunk that began at step `start`, and the rows of each step's batch."""
        if self._spoken or left_out is None or not left_out[:, 0].any():
            return
        self._spoken = True
        step = int(np.flatnonzero(left_out[:, 0])[0])
        count, place = left_out[step]
        warnings.warn(
            f"In step {start + step} the gradient of {count} examples is not finite, though their "
            f"solution is; the first is row {indices[step, place]} of the training data. They are "
            "left out of the gradient, so that nothing is learned of them. It is the dynamics' "
            "derivative that is not finite there: of a root, a norm or a power at zero, say. Way "
            "out: keep it from zero, as in sqrt(x**2 + 1e-12).",
            ZooWarning,
            stacklevel=4,
        )


class SilentLeaves:
    """Warns once of trained leaves that never got a gradient, in the first steps that were taken.

    A step that was skipped says nothing of them.
    """

    def __init__(self, model: AbstractModel, start: int = 0) -> None:
        self._paths = leaf_paths(eqx.filter(model, trainable(model)))
        unseen = np.zeros(len(self._paths), bool)
        self._moved: np.ndarray | None = unseen if start < _SILENT_STEPS else None
        self._taken = start

    def see(self, moved: AnyArray | None, ok: np.ndarray) -> None:
        """Take in a chunk and which of its steps were taken; speak once enough were."""
        if moved is None or self._moved is None:
            return
        self._moved |= np.asarray(moved)[: len(self._moved)]
        self._taken += int(np.sum(ok))
        if self._taken < _SILENT_STEPS:
            return
        silent = [p for p, m in zip(self._paths, self._moved, strict=True) if not m]
        self._moved = None
        if silent:
            warnings.warn(
                f"The gradient of {', '.join(silent)} was exactly zero for the first {self._taken} "
                "steps: nothing that the loss sees depends on it.",
                ZooWarning,
                stacklevel=3,
            )
