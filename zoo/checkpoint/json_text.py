"""JSON that any reader takes: all that the zoo prints or writes of it is made here."""

import json
import math
from collections.abc import Mapping


def json_text(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """A value as strict JSON: `null` for a number that is not finite, which JSON cannot say.

    Args:
        value: mappings, lists and tuples of strings, numbers, booleans and None.
        indent: spaces a level; one line where not given.
        sort_keys: whether keys are sorted.
    """
    try:
        return json.dumps(value, indent=indent, sort_keys=sort_keys, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), indent=indent, sort_keys=sort_keys, allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
