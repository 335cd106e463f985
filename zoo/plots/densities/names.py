"""What the columns of a table are called on an axis."""

import re
import textwrap

from ...datasets import Dataset


def column_names(data: Dataset) -> list[str]:
    """The names of a table's columns as a user wrote them; x with a number where they have none."""
    names = data.preprocessing.features
    if len(names) == data.in_size:
        return [name.replace("$", r"\$") for name in names]
    return [f"$x_{{{place + 1}}}$" for place in range(data.in_size)]


def wrapped(name: str, width: int = 18) -> str:
    """A long name on several lines, which break at spaces and behind underscores."""
    parts = re.sub(r"_(?=.)", "_ ", name)
    lines = textwrap.wrap(parts, width, break_long_words=False)
    return "\n".join(line.replace("_ ", "_") for line in lines)
