"""What `Annotated` says of an option beside its range: what it selects, nests, reads or counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from ..registry import Registry
from .ranges import Range


@dataclass(frozen=True)
class Selects:
    """The option names an entry of a registry; `<option>_options` holds that builder's options."""

    registry: Registry


@dataclass(frozen=True)
class Nested:
    """The option is a mapping of another builder's options (the solver's, say)."""

    builder: Callable[..., object]


@dataclass(frozen=True)
class File:
    """The option is the path of a file that is read, which a run may lie beside."""


@dataclass(frozen=True)
class Layers:
    """The option counts layers that are built one after another, each with arrays of its own.

    `more` layers come in any case. Where the option `shared` is on, one is built for all.
    """

    more: int = 0
    shared: str | None = None


@dataclass(frozen=True)
class FromData:
    """The parameter is a size of the data, of this name: `Annotated[int, FromData("classes")]`."""

    size: str


@dataclass(frozen=True)
class Required:
    """The option must be given: its default, such as an empty path, stands for nothing."""


Depth = Annotated[int, Range(0, 10_000), Layers(more=1)]
"""Hidden layers of a dense net; one without an activation comes after them."""
