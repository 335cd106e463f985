"""Solutions of ODEs that have no closed form, to nine digits."""

from collections.abc import Callable

import numpy as np

Field = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""`f(t [N], y [N, D]) -> dy/dt [N, D]`, of N series at times of their own."""
ACCURACY = 1e-9
"""The error of a step, absolute and relative to the state, where not told."""


def solution(field: Field, y0: np.ndarray, t: np.ndarray, accuracy: float = ACCURACY) -> np.ndarray:
    """The solutions [N, T, D] of dy/dt = field(t, y) at times t [N, T], from y0 [N, D] at t[:, 0].

    Dormand and Prince's method of order 8 goes from each time to the next, all series at once: in s
    from 0 to 1 with t = t_k + s (t_{k+1} - t_k), so that no value is interpolated. `accuracy` is
    the error of a step, absolute and relative to the state.
    """
    from scipy.integrate import solve_ivp  # takes a third of a second to import

    # SciPy's norm is a mean over all N D numbers: by this no one of them is off by more.
    tolerance = accuracy / np.sqrt(y0.size)
    values, state = [y0], y0
    for start, step in zip(t[:, :-1].T, np.diff(t, axis=1).T, strict=True):

        def scaled(
            s: float, flat: np.ndarray, start: np.ndarray = start, step: np.ndarray = step
        ) -> np.ndarray:
            return (step[:, None] * field(start + s * step, flat.reshape(y0.shape))).ravel()

        solved = solve_ivp(
            scaled, (0, 1), state.ravel(), method="DOP853", rtol=tolerance, atol=tolerance
        )
        state = solved.y[:, -1].reshape(y0.shape)
        values.append(state)
    return np.stack(values, axis=1)
