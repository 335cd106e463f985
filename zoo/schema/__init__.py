"""A builder's signature, read as the one schema of its options.

The command line, `config.json`, `--help` and the errors all come from here. An option is a
keyword-only parameter with a default; its range and nesting are said with `Annotated`:

    def builder(size: int, *, width: PositiveInt = 64, dynamics: Annotated[str, Selects(...)] = ...)
"""

from .annotations import (
    type_name,
)
from .marked import (
    file_options,
    least_layers,
    required_options,
    selected,
)
from .markers import (
    Depth,
    File,
    FromData,
    Layers,
    Nested,
    Required,
    Selects,
)
from .options import (
    Option,
    options_of,
    shown,
)
from .ranges import (
    INT32_MAX,
    SEED,
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    Padding,
    PositiveFloat,
    PositiveInt,
    Range,
    Seed,
    Size,
)
from .resolving import (
    check_fields,
    resolve,
)
from .sizes import (
    SizeParameter,
    SizeValue,
    build,
    check_sizes,
    missing_sizes,
    same_size,
    sizes_of,
)

__all__ = [
    "INT32_MAX",
    "SEED",
    "Depth",
    "File",
    "Fraction",
    "FromData",
    "Layers",
    "Nested",
    "NonNegativeFloat",
    "NonNegativeInt",
    "Option",
    "Padding",
    "PositiveFloat",
    "PositiveInt",
    "Range",
    "Required",
    "Seed",
    "Selects",
    "Size",
    "SizeParameter",
    "SizeValue",
    "build",
    "check_fields",
    "check_sizes",
    "file_options",
    "least_layers",
    "missing_sizes",
    "options_of",
    "required_options",
    "resolve",
    "same_size",
    "selected",
    "shown",
    "sizes_of",
    "type_name",
]
