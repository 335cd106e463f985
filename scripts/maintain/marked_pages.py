"""Tables that are made by a program, between marks in a page that is written by hand."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path


def fill_marks(page: Path, tables: Mapping[str, Sequence[str]]) -> None:
    """Put the lines of each table between `<!-- NAME -->` and `<!-- end of NAME -->` of a page."""
    text = page.read_text(encoding="utf-8")
    for mark, table in tables.items():
        start, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
        made = "\n".join([start, *table, end])
        text = re.sub(f"{start}.*?{end}", lambda _, made=made: made, text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
