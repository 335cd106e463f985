"""What targets hold and what outputs mean, as far as others than the task have to know."""

import enum


class Target(enum.Enum):
    """What the array `y` of a data set holds."""

    NOTHING = enum.auto()
    """The task does not look at `y`, which may be absent."""
    LABELS = enum.auto()
    """A class for each example, [N]; in a `Dataset` an index into its `classes`."""
    NUMBERS = enum.auto()
    """Numbers for each example, [N, targets]; in a `Dataset` standardised."""


class Output(enum.Enum):
    """What a model returns of an example."""

    OTHER = enum.auto()
    """What only the task itself can read."""
    LOGITS = enum.auto()
    """A logit for each class, [classes]."""
    NUMBERS = enum.auto()
    """The targets, in standardised units, [targets]."""
    PATH = enum.auto()
    """Each channel at each time, in standardised units: [T, D], or [T, D, 2], its mean and standard
    deviation."""
    LOG_DENSITY = enum.auto()
    """log p(x) of the input, in nats and standardised units, a number."""
