"""What a builder's options are marked as."""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ..registry import Entry
from .markers import File, Layers, Required, Selects
from .options import options_of
from .sizes import SizeValue, sizes_of


def file_options(builder: Callable[..., object]) -> list[str]:
    """The options that are paths of files to read."""
    return [name for name, option in options_of(builder).items() if option.marker(File)]


def least_layers(
    builder: Callable[..., object],
    options: Mapping[str, Any],
    sizes: Mapping[str, SizeValue] = MappingProxyType({}),
) -> int:
    """How many layers, each with arrays, a builder makes at least of resolved options and `sizes`.

    As far as `Layers` says: one where neither an option nor a size counts any. Nothing is built.
    """
    count, inner = _layers_of_sizes(builder, sizes), 0
    for name, option in options_of(builder).items():
        layers, selects = option.marker(Layers), option.marker(Selects)
        if layers is not None:
            alone = layers.shared is not None and options[layers.shared]
            count *= 1 if alone else options[name] + layers.more
        if selects is not None and options[name] is not None:
            entry = selects.registry[options[name]]
            inner += least_layers(entry.builder, options[f"{name}_options"])
    return max(count, inner)


def _layers_of_sizes(builder: Callable[..., object], sizes: Mapping[str, SizeValue]) -> int:
    counts = (
        value + each.layers.more
        for each in (sizes_of(builder) if sizes else ())
        if each.layers is not None and isinstance(value := sizes.get(each.size), int)
    )
    return math.prod(counts)


def required_options(builder: Callable[..., object]) -> list[str]:
    """The options without which nothing can be built, such as the path of a file."""
    return [name for name, option in options_of(builder).items() if option.marker(Required)]


def selected(builder: Callable[..., object], options: Mapping[str, Any]) -> Iterator[Entry]:
    """The entries of registries that resolved `options` of a builder name, nested ones too."""
    for name, option in options_of(builder).items():
        selects, value = option.marker(Selects), options.get(name)
        if selects is not None and value is not None:
            entry = selects.registry[value]
            yield entry
            yield from selected(entry.builder, options.get(f"{name}_options") or {})
