"""When a step costs ten times what steps usually cost: how dynamics become stiff in training."""

from collections import deque
from typing import NamedTuple

import numpy as np

TIMES = 10
"""How many times the usual evaluations of a step is worth a word."""
_USUAL_STEPS = 20
_LATEST_STEPS = 1000


class Growth(NamedTuple):
    """The first step that grew: its place, its evaluations, and the median of those before it."""

    step: int
    nfe: float
    usual: float


class GrowthWatch:
    """Finds the first step whose evaluations are more than ten times the median so far.

    The median is that of the latest 1,000 steps, and is known from the twentieth on.
    """

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=_LATEST_STEPS)
        self._least = np.inf
        self._found = False

    def see(self, nfe: np.ndarray, start: int) -> Growth | None:
        """Take in the mean NFE of each of some steps, the first of them step `start`.

        The step that grew where it is among them; None where there is none, and ever after one.
        """
        for step, cost in enumerate(np.asarray(nfe, float).tolist(), start=start):
            if self._found:
                break
            # The median is made only where it can matter: it takes as long as a small step.
            known = len(self._seen) >= _USUAL_STEPS and cost > TIMES * self._least
            usual = float(np.median(self._seen)) if known else np.inf
            if cost > TIMES * usual:
                self._found = True
                return Growth(step, cost, usual)
            if np.isfinite(cost):
                self._seen.append(cost)
                self._least = min(self._least, cost)
        return None
