"""What to change of a run that does not fit into memory, each tried on the compiled step."""

from collections.abc import Iterator

from ...datasets.stream.split import StreamedSplit
from ...schema import options_of
from ..checks import Checked
from ..options import training_options
from .plan import MemoryPlan, plan_memory, smaller

_TRIES = 4
_ROOM = 0.95
"""Share of the memory that a smaller batch is to take, since not all of it grows with the batch."""


def levers(checked: Checked, plan: MemoryPlan) -> Iterator[str]:
    """Words on each change by which a run fits that does not, the mildest first; none if it fits.

    Data that stay on disk, another adjoint, a batch in smaller pieces, a smaller batch; fewer
    numbers in all where none of these is enough.
    """
    if plan.available is None or plan.fits:
        return
    needed, there = plan.own.total, plan.available
    streamed = isinstance(checked.data.train, StreamedSplit)
    if not streamed and needed - plan.data <= there:
        yield (
            "leave the data on disk: --dataset npz --dataset.stream True, or --dataset parquet, "
            f"takes {needed - plan.data:,} bytes and a few megabytes of rows"
        )
    for step in plan.steps[1:]:
        if step.total <= there:
            yield f"--solver.adjoint {step.adjoint} takes {step.total:,} bytes"
    size = fitting_batch(checked, plan)
    if size is not None:
        pieces = -(-plan.batch_size // size)
        if "accumulate" in options_of(training_options) and pieces > 1:
            yield f"--accumulate {pieces} has the same gradient, {size} examples at a time"
        yield f"--batch-size {size} fits"
    else:
        yield "a smaller model, fewer solver.max_steps or a larger machine: one example is too much"


def fitting_batch(checked: Checked, plan: MemoryPlan) -> int | None:
    """A batch size with which the run fits, found by compiling its step; None where none is."""
    assert plan.available is not None, "there is something to fit into"
    size, needed = plan.batch_size, plan.own
    adjoint = [] if needed.adjoint is None else [needed.adjoint]
    for _ in range(_TRIES):
        left = plan.available * _ROOM - (needed.total - needed.temporary)
        # What is temporary grows with the batch, but for a part that does not.
        size = min(size // 2, int(size * left / max(needed.temporary, 1)))
        if size < 1:
            return None
        tried = plan_memory(smaller(checked, size), adjoints=adjoint, available=plan.available)
        if tried.fits:
            return size
        needed = tried.own
    return None
