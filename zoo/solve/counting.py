"""From what one solve reported to `Stats`: the true number of evaluations, and calls."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Int, Shaped

from ..types import UNKNOWN_NFE, Stats
from .engine import tableau_of
from .solver import Solver

_FIRST_STEP_NFE = 2


class Report(NamedTuple):
    """What one solve reports; with a batch axis where each example has a solve of its own."""

    accepted: Shaped[Array, "..."]
    rejected: Shaped[Array, "..."]
    first: Shaped[Array, "..."]
    """Attempts up to the first accepted one."""
    renewed: Shaped[Array, "..."]
    """Jumps that were passed, behind each of which a reused slope is evaluated anew."""
    result: Shaped[Array, "..."]
    reached: Shaped[Array, "..."]
    """The share of the interval that was solved."""
    time: Shaped[Array, "..."]
    """The time up to which it was solved."""


def joint_stats(report: Report, solver: Solver, batch_size: int) -> Stats:
    """`Stats` of one solve for the whole batch: every example paid all of it."""
    nfe = _nfe(report, solver)
    each = [jnp.broadcast_to(x, (batch_size,)) for x in (*report, nfe)]
    accepted, rejected, _, _, result, reached, time, nfes = each
    calls = jnp.maximum(nfe, 0)
    return Stats(
        accepted=accepted,
        rejected=rejected,
        nfe=nfes,
        result=result,
        reached=reached,
        time=time,
        penalty=jnp.zeros((batch_size,)),
        calls=calls,
        work=batch_size * calls,
    )


def per_sample_stats(report: Report, solver: Solver) -> Stats:
    """`Stats` of a vmapped solve, whose loop runs as long as its longest example."""
    calls = _calls(report, solver)
    return Stats(
        accepted=report.accepted,
        rejected=report.rejected,
        nfe=_nfe(report, solver),
        result=report.result,
        reached=report.reached,
        time=report.time,
        penalty=jnp.zeros(report.reached.shape),
        calls=calls,
        work=report.accepted.size * calls,
    )


def _nfe(report: Report, solver: Solver) -> Int[Array, "..."]:
    tableau = tableau_of(_method(solver))
    steps = report.accepted + report.rejected
    if tableau is None:
        return jnp.full(steps.shape, UNKNOWN_NFE, jnp.int32)
    count, reuses = tableau.stages, tableau.reuses
    nfe = steps * count
    if reuses:
        nfe = steps * (count - 1) + report.first + report.renewed
    return (nfe + _chosen(solver)).astype(jnp.int32)


def _calls(report: Report, solver: Solver) -> Int[Array, ""]:
    tableau = tableau_of(_method(solver))
    if tableau is None:
        return jnp.zeros((), jnp.int32)
    count, reuses = tableau.stages, tableau.reuses
    iterations = (report.accepted + report.rejected).max()
    if reuses:
        # As long as any example has no stage to reuse, all evaluate the first one.
        never = (report.accepted == 0).any()
        first = jnp.where(never, iterations, report.first.max())
        calls = iterations * (count - 1) + first + report.renewed.max()
    else:
        calls = iterations * count
    return (calls + _chosen(solver)).astype(jnp.int32)


def _chosen(solver: Solver) -> int:
    """Evaluations spent on choosing the first step."""
    return 0 if solver.is_constant or solver.dt0 is not None else _FIRST_STEP_NFE


def _method(solver: Solver):  # type: ignore[no-untyped-def]
    assert solver.method is not None, "counted from a resolved solver"
    return solver.method
