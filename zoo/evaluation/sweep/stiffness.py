"""One knob from easy to stiff, against explicit and implicit solvers."""

from collections.abc import Iterator, Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ...solve import Outcome, Solver, solve
from ...solve.methods import method_by_name
from ...types import Stats
from .setting import Row, precision

METHODS = ("Heun", "Tsit5", "Dopri5", "Kvaerno5")
_MAX_STEPS = 16384
KNOB = (1.0, 10.0, 100.0, 1000.0, 10_000.0)


def stiffness_rows(
    methods: Sequence[str] = METHODS, knob: Sequence[float] = KNOB, rtol: float = 1e-4
) -> Iterator[Row]:
    """A row for each solver and each value of λ in dy/dt = λ (cos t - y), y(0) = 0, to t = 3.

    The solution soon follows cos t, and is as smooth, for any λ: the larger it is, the more a step
    of an explicit solver is bounded by stability and not by accuracy (Prothero and Robinson 1974).
    In float64. `steps` are attempts; `error` is that of the end against the closed form.
    """
    for method in methods:
        for value in knob:
            with precision("float64"):
                given = Solver(method_by_name(method), rtol=rtol, t1=3.0, max_steps=_MAX_STEPS)
                y, stats = _solve(jnp.asarray([value]), given.traced())
            steps = int(stats.accepted[0] + stats.rejected[0])
            ok = bool(stats.ok[0])
            error = abs(float(y[0]) - _exact(value, 3.0)) if ok else None
            outcome = Outcome(int(stats.result[0])).name.lower()
            yield {
                "method": method,
                "knob": value,
                "steps": steps,
                "error": error,
                "outcome": outcome,
            }


@eqx.filter_jit
def _solve(value: Float[Array, " B"], solver: Solver) -> tuple[Array, Stats]:
    def field(t: Array, y: Array, knob: Array) -> Array:
        return knob * (jnp.cos(t) - y)

    return solve(field, jnp.zeros_like(value), args=value, solver=solver)


def _exact(knob: float, t: float) -> float:
    scale = knob / (1 + knob**2)
    return scale * (knob * np.cos(t) + np.sin(t) - knob * np.exp(-knob * t))
