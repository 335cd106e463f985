"""Bounds of numbers, and the kinds of numbers that options are."""

import math
import numbers
from dataclasses import dataclass
from typing import Annotated

from ..errors import ConfigError

INT32_MAX = 2**31 - 1
"""The largest integer of 32 bits, in which steps and sizes are counted."""


@dataclass(frozen=True)
class Range:
    """Bounds of a number: `low <= x <= high`; `low < x` where `open_low`, `x < high` likewise.

    A number is finite, unless `finite=False`. An integer is at most `INT32_MAX` in size, unless a
    `high` of its own says otherwise.
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    finite: bool = True

    def check(self, name: str, value: float) -> None:
        """Raise `ConfigError` where `value` is outside, NaN included."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        if not (above and below):
            raise ConfigError(f"{name} = {value!r} is out of range: expected {self}.")
        whole = isinstance(value, numbers.Integral)
        if whole and math.isinf(self.high) and abs(value) > INT32_MAX:
            raise ConfigError(
                f"{name} = {value!r} is out of range: expected at most {INT32_MAX}, the largest "
                "integer of 32 bits."
            )
        if not whole and self.finite and math.isinf(value):
            raise ConfigError(f"{name} = {value!r} is out of range: expected a finite number.")

    def __str__(self) -> str:
        low = f"{'more than' if self.open_low else 'at least'} {_plainly(self.low)}"
        high = f"{'less than' if self.open_high else 'at most'} {_plainly(self.high)}"
        pairs = ((low, self.low), (high, self.high))
        return " and ".join(words for words, end in pairs if math.isfinite(end)) or "a number"


def _plainly(bound: float) -> str:
    return str(int(bound)) if math.isfinite(bound) and bound == int(bound) else f"{bound:g}"


PositiveInt = Annotated[int, Range(1)]
NonNegativeInt = Annotated[int, Range(0)]
PositiveFloat = Annotated[float, Range(0, open_low=True)]
NonNegativeFloat = Annotated[float, Range(0)]
Fraction = Annotated[float, Range(0, 1)]
SEED = Range(0, 2**32 - 1)
"""What NumPy and JAX both draw from: NumPy takes none below zero, JAX drops bits above 32."""
Seed = Annotated[int, SEED]
Size = Annotated[int, Range(1, 1_000_000)]
"""How many of something there are at once: units of a layer, examples made up, steps kept."""
Padding = Annotated[int, Range(0, 1_000_000)]
"""A `Size`, or 0 for none."""
