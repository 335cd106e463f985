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

__all__ = [
    "INT32_MAX",
    "SEED",
    "Depth",
    "File",
    "Fraction",
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
    "check_fields",
    "file_options",
    "least_layers",
    "options_of",
    "required_options",
    "resolve",
    "selected",
    "shown",
    "type_name",
]
