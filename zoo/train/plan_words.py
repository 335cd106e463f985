"""A memory plan as a page of text."""

from collections.abc import Iterable, Iterator

from .memory_plan import MemoryPlan

_UNITS = ("B", "kB", "MB", "GB", "TB")


def plan_words(plan: MemoryPlan, levers: Iterable[str]) -> str:
    """The plan of a run in lines, and what to do where it does not fit."""
    return "\n".join([*_kept(plan), "", *_by_adjoint(plan), "", *_verdict(plan, levers)])


def size_words(size: int) -> str:
    """A number of bytes with three digits, such as `12.3 MB`."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {_UNITS[unit]}"


def _kept(plan: MemoryPlan) -> Iterator[str]:
    rows = {
        "parameters": plan.parameters,
        "optimiser": plan.optimiser,
        "average and best weights": plan.copies,
        "data on the device": plan.data,
    }
    yield "kept while training"
    yield from (f"  {name:<26}{size_words(size):>10}" for name, size in rows.items())


def _by_adjoint(plan: MemoryPlan) -> Iterator[str]:
    yield f"a step of {plan.batch_size} examples: record of steps, stages, activations, gradient"
    yield f"  {'adjoint':<26}{'in a step':>10}{'in all':>10}"
    for place, step in enumerate(plan.steps):
        own = "  (this run's)" if place == 0 else ""
        sizes = f"{size_words(step.temporary):>10}{size_words(step.total):>10}"
        yield f"  {step.adjoint or 'none: nothing is solved':<26}{sizes}{own}"
    yield from (f"  {name:<26}{why}" for name, why in plan.left_out.items())


def _verdict(plan: MemoryPlan, levers: Iterable[str]) -> Iterator[str]:
    if plan.available is None:
        yield "The memory of this device is not known: say it with --memory, in gigabytes."
        return
    there = f"{size_words(plan.own.total)} of {size_words(plan.available)}"
    if plan.fits:
        yield f"It fits: {there}."
        return
    yield f"It does not fit: {there}. What makes it fit:"
    yield from (f"  {lever}" for lever in levers)
