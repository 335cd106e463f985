"""What is asked of a search for events, and what it answers."""

from typing import NamedTuple

from jaxtyping import Array, Bool, Float

from ...types import Args, State
from ..engine.carry import Fields, Report
from ..engine.landing import Landing
from ..engine.watch import Condition


class Question(NamedTuple):
    """What a gradient may be wanted of."""

    fields: Fields
    condition: Condition
    """Of one example; the plan's watch has the same, as a constant."""
    args: Args
    y0: State
    t0: Array
    """The start of all, [], or of each example, [B]."""
    end: Array
    """The end of the interval, []."""


class Answer(NamedTuple):
    """Where each lane ended: at its event, or where there was none at the end of the interval."""

    t: Float[Array, " B"]
    y: State
    happened: Bool[Array, " B"]


class EventReport(NamedTuple):
    """What happened on the way."""

    report: Report
    """Its accepted steps include the last one, up to the event."""
    landing: Landing
