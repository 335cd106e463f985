"""A memory plan as a page of text."""

from collections.abc import Iterable, Iterator

from .plan import MemoryPlan, StepMemory

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
    heads = ("record", "gradient", "rest", "in a step", "in all")
    shared = "" if plan.devices == 1 else f", on one of the {plan.devices} devices that share it"
    yield f"a step of {plan.batch_size} examples, by how its solves are differentiated{shared}"
    yield f"  {'adjoint':<26}{''.join(f'{head:>10}' for head in heads)}"
    for place, step in enumerate(plan.steps):
        own = "  (this run's)" if place == 0 else ""
        yield f"  {_adjoint(step):<26}{_row(step)}{own}"
    yield from (f"  {name:<26}{why}" for name, why in plan.left_out.items())
    yield "  record: what solves keep for the backward pass, such as states at steps"
    if plan.own.record == 0 and plan.own.adjoint is not None:
        yield "          (none in training here, so that all adjoints are the same)"
    yield "  rest: stages, activations and scratch, which take each other's place in turn"
    if any(step.adjoint not in (None, "replay") for step in plan.steps):
        yield "        (all adjoints but replay: of each example a gradient of its own, too)"
    yield "  in all: with what is kept while training, and the new state beside the old one"


def _adjoint(step: StepMemory) -> str:
    nothing = "none: nothing is solved" if step.record == 0 else "the model's own"
    return step.adjoint or nothing


def _row(step: StepMemory) -> str:
    parts = (step.record, step.gradient, step.rest, step.temporary, step.total)
    return "".join(f"{'in rest' if size is None else size_words(size):>10}" for size in parts)


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
