"""What stands between the cells of a text."""

import csv
import io
from collections import Counter
from typing import Literal, TypeAlias

Delimiter: TypeAlias = Literal["auto", ",", ";", "tab", "|"]

# The comma last: in files separated by another it often stands in numbers.
_DELIMITERS = ("\t", ";", "|", ",")
_SAMPLE = 1 << 16


def likely_delimiter(text: str) -> str:
    """The one that gives all rows of the beginning the same number of cells, more than one."""
    sample = text[:_SAMPLE]
    shares = {}
    for delimiter in _DELIMITERS:
        sampled = io.StringIO(sample, newline="")
        reader = csv.reader(sampled, delimiter=delimiter, skipinitialspace=True)
        widths = [len(cells) for cells in reader if cells]
        if len(text) > _SAMPLE and len(widths) > 1:
            widths.pop()  # a record cut in two
        width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
        shares[delimiter] = count / len(widths) if width > 1 else 0.0
    best = max(_DELIMITERS, key=lambda delimiter: shares[delimiter])
    return best if shares[best] > 0 else ","
