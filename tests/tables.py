"""Files of rows for tests: written, and read back by Python's own csv module."""

import csv
from pathlib import Path


def write_file(folder: Path, content: str | bytes, name: str = "data.csv") -> str:
    """Write a file into a folder and give its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def lines(*rows: str) -> str:
    """Lines of text."""
    return "".join(f"{row}\n" for row in rows)


def rows_of(path: str | Path, delimiter: str = ",") -> list[list[str]]:
    """The cells of a file."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file, delimiter=delimiter))
