"""Why a solve ended: codes that pass through jit, and the words that a person reads."""

import enum
from typing import NamedTuple

import numpy as np

from ..types import Stats


class Outcome(enum.IntEnum):
    """How one example's solve ended; the codes in `Stats.result`."""

    SUCCESS = 0
    MAX_STEPS = 1
    NON_FINITE = 2
    GREW = 3
    IMPLICIT_FAILED = 4
    OTHER = 5
    STEP_UNDERFLOW = 6
    STIFF = 7
    STOPPED = 8
    INVALID = 9
    MAX_STEPS_IMPLICIT = 10
    NOT_CONVERGED = 11


class Words(NamedTuple):
    """An outcome for a person: what happened, the way out, of what size max_steps would do, and how
    far the first of the examples came."""

    what: str
    remedy: str
    estimate: str = ""
    place: str = (
        "at t≈{time:.4g} after {accepted} accepted and {rejected} rejected steps, {percent:.3g} % "
        "of the interval"
    )


# The share of an interval from which on the pace of its steps is taken for that of the rest.
_SHARE = 1e-3

_WORDS = {
    Outcome.MAX_STEPS: Words(
        "used up max_steps",
        "the solve needs many steps: raise max_steps{estimate}, loosen rtol and atol, or take a "
        "method of higher order (method=diffrax.Dopri8()); where the dynamics jump at known times, "
        "give these (solve(..., jumps=))",
        " (about {steps:.0f} would do at this pace)",
    ),
    Outcome.NON_FINITE: Words(
        "met a value that is not finite",
        "look at the dynamics there: a division by zero, a logarithm or root of a negative number, "
        "an overflow (also of a component smaller than atol, whose error grows unseen: a smaller "
        "atol); a smaller dt0 keeps an adaptive solver from stepping into such a region",
    ),
    Outcome.GREW: Words(
        "grew past any bound",
        "either the solution itself blows up there (shorten the interval, bound the dynamics by "
        "tanh, make their weights smaller by init_scale), or atol is larger than a component that "
        "matters, whose error then grows unseen (atol well below the smallest such component)",
    ),
    Outcome.IMPLICIT_FAILED: Words(
        "could not solve the implicit equation of a step",
        "give smaller steps, steps that adapt (rtol) where they are equal, looser tolerances, or "
        "an explicit method",
    ),
    Outcome.STEP_UNDERFLOW: Words(
        "would have needed a step too small to change t",
        "the problem is stiff or not smooth there: try an implicit solver "
        "(method=diffrax.Kvaerno5()); where the dynamics jump at known times give these "
        "(solve(..., jumps=)); or use 64 bits (JAX_ENABLE_X64=1)",
    ),
    Outcome.STIFF: Words(
        "used up max_steps on a stiff problem, whose steps stability limits and not accuracy",
        "an implicit solver (method=diffrax.Kvaerno5()) takes steps as long as accuracy allows"
        "{estimate}",
        "; this method would need max_steps of about {steps:.0f}",
    ),
    Outcome.MAX_STEPS_IMPLICIT: Words(
        "used up max_steps with an implicit method",
        "raise max_steps{estimate}, or loosen rtol and atol where they ask for more than the "
        "smallest component of the state that matters",
        " (about {steps:.0f} would do at this pace)",
    ),
    Outcome.INVALID: Words(
        "were given numbers that make no sense, which could not be refused while they were traced",
        "times run one way from t0 and are finite; rtol and atol lie between 0 and 1; dt0, dtmax "
        "and stretch are positive: run the solve outside of jit, vmap and grad, where the one that "
        "is wrong is named",
    ),
    Outcome.STOPPED: Words(
        "used up max_steps in Diffrax's loop, which does not tell why",
        "raise max_steps{estimate}, loosen rtol and atol, or, if the problem is stiff, use an "
        "implicit solver (method=diffrax.Kvaerno5()); adjoint='replay' tells many steps from a "
        "stiff problem",
        " (about {steps:.0f} would do at this pace)",
    ),
    Outcome.NOT_CONVERGED: Words(
        "came to no fixed point",
        "raise max_steps, loosen rtol, or bound the weights by which the state acts on itself, as "
        "zoo.models.EquilibriumCell does: with large ones the equation may have no stable fixed "
        "point",
        place="after {accepted} iterations, its residual {ratio:.3g} times what rtol allows",
    ),
    Outcome.OTHER: Words(
        "stopped with an error of Diffrax's own",
        "run the solve with diffrax.diffeqsolve to see its message",
    ),
}


def words_of(code: int, steps: float | None = None) -> tuple[str, str]:
    """What solves that ended with a code of `Outcome` did, and the way out.

    `steps` is how many attempts the whole interval would take; None where that is not known.
    """
    words = _WORDS[Outcome(code)]
    estimate = "" if steps is None else words.estimate.format(steps=steps)
    return words.what, words.remedy.format(estimate=estimate)


def explain(stats: Stats, t0: float | None = None, t1: float | None = None) -> str:
    """What failed in a batch of solves, and what to do; empty if nothing did.

    One line a kind of failure: how many, which examples, where, the remedies. Runs on the host.

    Args:
        stats: of the solves.
        t0: not needed, and not read: `stats.time` holds the times. Taken since callers gave it.
        t1: the same.
    """
    del t0, t1
    result, times = np.asarray(stats.result), np.asarray(stats.time)
    reached, accepted = np.asarray(stats.reached), np.asarray(stats.accepted)
    rejected = np.asarray(stats.rejected)
    lines = []
    for code in sorted(set(result.tolist()) - {0}):
        which = np.flatnonzero(result == code)
        first = int(which[0])
        steps = accepted[first] + rejected[first]
        share = float(reached[first])
        # Of next to nothing there is no pace: steps may grow by orders of magnitude behind it.
        what, remedy = words_of(code, 1.2 * steps / share if share > _SHARE else None)
        place = _WORDS[Outcome(code)].place.format(
            time=float(times[first]),
            accepted=accepted[first],
            rejected=rejected[first],
            percent=100 * share,
            ratio=1 / share if share else np.inf,
        )
        examples = ", ".join(map(str, which[:5])) + (", ..." if len(which) > 5 else "")
        lines.append(
            f"{len(which)} of {len(result)} solves {what} (examples {examples}; the first "
            f"{place}). Way out: {remedy}."
        )
    return "\n".join(lines)
