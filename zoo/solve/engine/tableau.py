"""The coefficients of an explicit Runge-Kutta method, as the engine's unrolled stages use them."""

from dataclasses import dataclass
from typing import Any

import diffrax
import numpy as np

Row = tuple[float, ...]


@dataclass(frozen=True)
class Tableau:
    """k_i = f(t + c_i h, y + h Σ_j a_ij k_j);  y1 = y + h Σ_i b_i k_i;  its error h Σ_i e_i k_i."""

    a: tuple[Row, ...]
    """A row for each stage; the first is empty."""
    c: Row
    b: Row
    error: Row
    reuses: bool
    """First same as last: y1 is the last stage's state, whose slope begins the next step."""

    @property
    def stages(self) -> int:
        """Evaluations of a step on its own."""
        return len(self.a)

    @property
    def pulled_stages(self) -> int:
        """Evaluations on which y1 depends: a reused last stage is not among them."""
        return self.stages - self.reuses

    @property
    def stability(self) -> float:
        """How far the region of stability reaches along the negative real axis.

        The smallest x with |R(-x)| > 1, R being the method's stability polynomial.
        """
        matrix = np.zeros((self.stages, self.stages))
        for i, row in enumerate(self.a):
            matrix[i, : len(row)] = row
        ones, b = np.ones(self.stages), np.asarray(self.b)
        for x in np.arange(0.05, 30.0, 0.05):
            growth = 1 - x * b @ np.linalg.solve(np.eye(self.stages) + x * matrix, ones)
            if abs(growth) > 1 + 1e-9:
                return float(x)
        return 30.0


def tableau_of(method: Any) -> Tableau | None:
    """The tableau of a Diffrax solver; None where it is not an explicit Runge-Kutta method."""
    if isinstance(method, diffrax.Euler):
        return Tableau(((),), (0.0,), (1.0,), (0.0,), False)
    if not isinstance(method, diffrax.AbstractERK):
        return None
    table = method.tableau
    if not isinstance(table, diffrax.ButcherTableau):
        return None
    row = lambda values: tuple(float(v) for v in values)  # noqa: E731
    return Tableau(
        a=((), *map(row, table.a_lower)),
        c=(0.0, *row(table.c)),
        b=row(table.b_sol),
        error=row(table.b_error),
        reuses=bool(table.fsal),
    )
