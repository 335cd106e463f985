"""`plan_fit`: what `fit` would take of the memory, with the same arguments, and nothing is run."""

import inspect
from collections.abc import Sequence

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..checks import check_fit
from ..fit import fit
from .plan import MemoryPlan, plan_memory


def plan_fit(
    model: AbstractModel,
    data: Dataset,
    *,
    adjoints: Sequence[str] | None = None,
    available: int | None = None,
    **options: object,
) -> MemoryPlan:
    """The memory that `fit(model, data, **options)` takes, from XLA's analysis of its step.

    Args:
        model: any `zoo.models.AbstractModel`.
        data: what it would be trained on.
        adjoints: that are compared with the run's own; all where not given.
        available: bytes to plan for; the device's memory where not given.
        **options: of `fit`, with the same defaults. What is only of a folder or of progress is not
            taken.

    Raises what `fit` raises of its arguments.
    """
    taken = inspect.signature(check_fit).parameters
    defaults = inspect.signature(fit).parameters
    given = {
        name: defaults[name].default
        for name, each in taken.items()
        if each.kind is each.KEYWORD_ONLY and name in defaults
    }
    checked = check_fit(model, data, **{**given, **options})
    return plan_memory(checked, adjoints=adjoints, available=available)
