"""A solver with every default filled in."""

from typing import Any, TypeVar

import diffrax

from ..errors import ConfigError
from .adjoints import default_adjoint
from .checks import check_precision
from .solver_field import unchecked

_Solver = TypeVar("_Solver", bound=Any)


def with_defaults(solver: _Solver) -> _Solver:
    """The `Solver` with every default filled in, itself where it has them all: `Solver.resolve`.

    Of the checks that it passed when it was made, a default can break that of its precision alone.
    """
    method = solver.method or diffrax.Dopri5()
    constant = solver.is_constant
    rtol, atol = solver.rtol, solver.atol
    if not constant:
        rtol = 1e-3 if rtol is None else rtol
        atol = rtol if atol is None else atol
    elif solver.steps is None and solver.dt0 is None:
        raise ConfigError(
            f"{type(method).__name__} with equal steps needs their number or size, and got "
            "neither: give steps=20 or dt0=0.05, or a method that estimates its error "
            "(diffrax.Dopri5()) with rtol and atol."
        )
    resolved = unchecked(
        solver,
        method=method,
        rtol=rtol,
        atol=atol,
        t0=0.0 if solver.t0 is None else solver.t0,
        t1=1.0 if solver.t1 is None else solver.t1,
        max_steps=solver.max_steps or max(256, 2 * (solver.steps or 0)),
        controller="constant" if constant else "pid",
        adjoint=solver.adjoint or default_adjoint(method),
        batching=solver.batching or "per-sample",
    )
    if solver.rtol is None:
        check_precision(resolved)
    return resolved
