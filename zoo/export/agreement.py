"""A program beside the model it was made of, on a few rows, before anybody relies on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.export
import jax.numpy as jnp
import numpy as np

from ..datasets import Preparation
from ..errors import NumericalError
from ..evaluation.batched import forward_arrays, traced_solver
from ..models.base import AbstractModel
from ..objectives.parameters import float_type
from ..solve import Solver
from ..tasks import Arrays, Task
from .inputs import ProgramInputs
from .program import Lowered

_EXAMPLES = 4
_AGREES = 1e-3
"""Of 1 and the value: rounding moves steps that adapt, as another batch size does."""
_ROUNDINGS = 100
"""A tight tolerance is so many rounding errors, at which rounding moves an end by little."""
_TIGHTEST = 1e-9


@dataclass(frozen=True)
class Pair:
    """A program and its model, with what the rows of both are made by."""

    lowered: Lowered
    model: AbstractModel
    inputs: ProgramInputs
    task: Task
    preparation: Preparation

    def difference(self, tolerance: Mapping[str, float]) -> tuple[float | None, tuple[str, ...]]:
        """How far the program is from the model at its tolerance, as a share of 1 and the value,
        and what a user should know of that; None where it cannot run here.

        A loose tolerance can leave outputs to rounding: where they are apart, they are compared at
        a tight one, if the program takes it.

        Raises `NumericalError` for more than rounding.
        """
        if jax.export.default_export_platform() not in self.lowered.exported.platforms:
            return None, ()
        raw = self.inputs.examples(_EXAMPLES)
        apart = _largest(*self._outputs(raw, tuple(tolerance.values()), None))
        if apart <= _AGREES:
            return apart, ()
        if tolerance and self._agrees_when_tight(raw, tolerance):
            return apart, (_of_rounding(tolerance, apart),)
        raise NumericalError(
            f"The program of {type(self.model).__name__} differs from zoo.predict by {apart:.3g} "
            f"on {_EXAMPLES} rows: expected at most {_AGREES:g} of 1 and the value. Where steps "
            "adapt, a tighter --solver.rtol leaves less to rounding; nothing was written."
        )

    def _agrees_when_tight(self, raw: Arrays, tolerance: Mapping[str, float]) -> bool:
        """Whether the two agree at a tight tolerance, and some solve reaches its end there."""
        rounding = float(jnp.finfo(float_type(self.model) or jnp.float32).eps)
        tight = max(_ROUNDINGS * rounding, _TIGHTEST)
        rtol, atol = (min(tolerance[name], tight) for name in ("rtol", "atol"))
        got, expected = self._outputs(raw, (rtol, atol), Solver(rtol=rtol, atol=atol))
        return bool(np.isfinite(expected).any()) and _largest(got, expected) <= _AGREES

    def _outputs(
        self, raw: Arrays, numbers: tuple[float, ...], solver: Solver | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the program and the model say of raw rows, in the user's units.

        `numbers` are what the program takes after the rows, `solver` is the same for the model.
        """
        arrays, traced = self.preparation.prepared(raw), traced_solver(self.model, solver)
        outputs, _ = forward_arrays(self.model, arrays, traced, _EXAMPLES)
        expected = self.task.to_units(outputs, arrays["x"], self.preparation)
        with jax.enable_x64(True):
            rows = [raw[name] for name in self.inputs.arrays]
            got = np.asarray(self.lowered.exported.call(*rows, *numbers)[0])
        return got, np.asarray(expected, np.float64)


def _largest(got: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference as a share of 1 and the value; a failure is equal to a failure."""
    apart = np.where(np.isnan(got) & np.isnan(expected), 0, np.abs(got - expected))
    largest = float(np.max(apart / (1 + np.abs(np.nan_to_num(expected))), initial=0))
    return np.inf if np.isnan(largest) else largest


def _of_rounding(tolerance: Mapping[str, float], apart: float) -> str:
    """What to say where only a tight tolerance brings the two together."""
    words = ", ".join(f"{name} {value:g}" for name, value in tolerance.items())
    return (
        f"At its tolerance ({words}) rounding alone moves an output by up to {apart:.1g} of 1 and "
        "the value, as another batch size does in zoo.predict; at a tight one the program and "
        "zoo.predict agree. Call it with a tighter one where such digits matter."
    )
