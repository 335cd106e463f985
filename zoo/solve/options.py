"""A `Solver` from JSON values: the schema of `--solver.*`."""

from typing import Annotated, Any, Literal, TypeAlias

from ..schema import PositiveFloat, Size, resolve
from .checks import TOLERANCE
from .methods import method_by_name
from .solver import Adjoint, Batching, Controller, Solver

Tolerance: TypeAlias = Annotated[float, TOLERANCE]


def solver_options(
    *,
    method: str | None = None,
    rtol: Tolerance | None = None,
    atol: Tolerance | None = None,
    dt0: PositiveFloat | None = None,
    dtmax: PositiveFloat | None = None,
    t0: float | None = None,
    t1: float | None = None,
    steps: Size | None = None,
    max_steps: Size | None = None,
    controller: Controller | None = None,
    adjoint: Adjoint | None = None,
    batching: Batching | None = None,
    dtype: Literal["float32", "float64"] | None = None,
) -> Solver:
    """A `Solver` from JSON values: the schema of `--solver.*`.

    Args:
        method: class name of a Diffrax ODE solver or of a stepper (Leapfrog, ETDRK4, ...); Dopri5
            when not given
        rtol: relative tolerance of a step; 1e-3 when not given
        atol: absolute tolerance of a step; follows rtol when not given
        dt0: first step (pid) or every step (constant); chosen from the problem when not given
        dtmax: largest step (pid); no bound when not given
        t0: start of the interval; 0 when not given
        t1: end of the interval; 1 when not given
        steps: number of equal steps (controller constant)
        max_steps: attempts before a solve counts as failed; 256 when not given
        controller: pid adapts the steps to the tolerance, constant takes equal ones
        adjoint: how gradients are taken; replay, or recursive if implicit, when not given
        batching: each example its own steps, or one ODE for the batch with the error of its worst
            example or of them all (rms); per-sample when not given
        dtype: floating type of the solve; the state's, float32 at least, when not given
    """
    given = dict(locals())
    name = given.pop("method")
    return Solver(None if name is None else method_by_name(name), **given)


def solver_from_options(options: dict[str, Any] | None) -> Solver:
    """The `Solver` of a mapping of options; see `solver_options` for its keys and errors."""
    return solver_options(**resolve(solver_options, options or {}, "solver."))
