"""Sizes of series that a model's builder may ask for, each an optional keyword of this type."""

from typing import Annotated, TypeAlias

from ...schema import FromData

Statics: TypeAlias = Annotated[int, FromData("static")]
"""Numbers that a series has but once; 0 without."""
Inputs: TypeAlias = Annotated[int, FromData("inputs")]
"""Numbers of a known input u(t); 0 without."""
PathSize: TypeAlias = Annotated[int, FromData("path_size")]
"""Channels that are asked for at every time; 0 of a task that asks for one output a series."""
Period: TypeAlias = Annotated[float, FromData("period")]
"""How long a season lasts, in the unit of prepared times; 0 without."""
