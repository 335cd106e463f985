"""What training keeps an eye on: each of these speaks once, and changes nothing."""

import warnings
from typing import Any

import equinox as eqx
import numpy as np

from ..errors import ZooWarning
from ..parameters import leaf_paths, trainable

# A leaf whose gradient was exactly zero for so many steps is worth a word.
_SILENT_STEPS = 10
# The steps that say what a solve usually costs, and how many times as much is worth a word.
_USUAL_STEPS, _TIMES = 20, 10


class Effort:
    """Warns once of a step whose solves needed ten times the evaluations of the median so far.

    Such growth is how dynamics become stiff in training; what caps it is the solver's `max_steps`.
    """

    def __init__(self) -> None:
        self._seen: list[float] = []
        self._spoken = False

    def see(self, nfe: np.ndarray, start: int) -> None:
        """Take in the mean NFE of each step of a chunk that began at step `start`."""
        if self._spoken:
            return
        for step, cost in enumerate(np.asarray(nfe, float).tolist(), start=start):
            usual = float(np.median(self._seen)) if len(self._seen) >= _USUAL_STEPS else np.inf
            if cost > _TIMES * usual:
                self._speak(step, cost, usual)
                return
            if np.isfinite(cost):
                self._seen.append(cost)
        del self._seen[:-1000]

    def _speak(self, step: int, cost: float, usual: float) -> None:
        self._spoken = True
        warnings.warn(
            f"Step {step} needed {cost:.0f} evaluations of the dynamics, where the median was "
            f"{usual:.0f}: the dynamics are becoming stiff. solver.max_steps cuts a solve off. "
            "Way out: a smaller learning rate, weight decay or looser tolerances.",
            ZooWarning,
            stacklevel=4,
        )


class SilentLeaves:
    """Warns once of trained leaves that never got a gradient."""

    def __init__(self, model: Any, start: int = 0) -> None:
        self._paths = leaf_paths(eqx.filter(model, trainable(model)))
        unseen = np.zeros(len(self._paths), bool)
        self._moved: np.ndarray | None = unseen if start < _SILENT_STEPS else None

    def see(self, moved: Any, step: int) -> None:
        """Take in a chunk; speak once enough steps were seen."""
        if moved is None or self._moved is None:
            return
        self._moved |= np.asarray(moved)[: len(self._moved)]
        if step < _SILENT_STEPS:
            return
        silent = [p for p, m in zip(self._paths, self._moved, strict=True) if not m]
        self._moved = None
        if silent:
            warnings.warn(
                f"The gradient of {', '.join(silent)} was exactly zero for the first {step} steps: "
                "nothing that the loss sees depends on it.",
                ZooWarning,
                stacklevel=3,
            )
