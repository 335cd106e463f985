"""What changes over a run by the step, and how it goes on where a run is resumed with more."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import optax

from .tolerances import Tolerance

Resumed: TypeAlias = Sequence[Mapping[str, Any]]
"""For each time that a run was resumed with other steps or another learning rate: `step` and
`update` at which, and from then on `steps`, `lr` and the choice `schedule`."""

ByCount = TypeVar("ByCount", bound=Callable[..., object])
"""A function of a number of steps, such as a learning rate or a tolerance."""


def learning_rate(lr: float, schedule: str, warmup: int, steps: int) -> optax.Schedule:
    """The Optax schedule: linear warm-up, then constant or a cosine down to zero."""
    after = (
        optax.constant_schedule(lr)
        if schedule == "constant"
        else optax.cosine_decay_schedule(lr, max(steps - warmup, 1))
    )
    if not warmup:
        return after
    return optax.join_schedules([optax.linear_schedule(0.0, lr, warmup), after], [warmup])


def geometric(start: float, end: float, steps: int) -> Tolerance:
    """A tolerance that goes from `start` to `end` over a run by a constant factor a step, and stays
    there."""
    return optax.exponential_decay(start, max(steps - 1, 1), end / start, end_value=end)


def continued(
    make: Callable[[float, int], ByCount], lr: float, steps: int, resumed: Resumed, counter: str
) -> ByCount:
    """A schedule of a run that was resumed with other steps or another rate.

    `make(lr, steps)` is the schedule of a run that is never stopped. What becomes of it is the
    choice that was made each time: `keep` leaves it as it was, at its end value beyond its end;
    `stretch` takes the schedule of the new total, so that the value jumps now and ends with the
    run; `restart` begins a new one, over the steps that are left.

    `counter` names what the schedule is a function of: `step`, or `update` for the optimiser's own
    count, which skipped steps do not advance.
    """
    schedule = make(lr, steps)
    for change in resumed:
        if change["schedule"] == "stretch":
            schedule = make(change["lr"], change["steps"])
        elif change["schedule"] == "restart":
            start = change[counter]
            fresh = make(change["lr"], change["steps"] - change["step"])
            schedule = _from(fresh, start)
    return schedule


def _from(schedule: Any, start: int) -> Any:
    return lambda count: schedule(count - start)
