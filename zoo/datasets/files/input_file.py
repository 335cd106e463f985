"""A user's own file as bytes or as text, or words on why it cannot be read."""

import codecs
import difflib
import os
from pathlib import Path
from typing import BinaryIO

from ...checkpoint.regular import NotRegularError, open_regular, size_of, words_of
from ...errors import ConfigError, DataError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


LARGEST = 4 * 2**30
"""Bytes; a file with more, or one that unpacks to more, is not read into memory."""


def open_file(path: str, largest: int | None = LARGEST) -> BinaryIO:
    """A file of data, open for reading; with `largest` None one of any size.

    A path may come from a weight file, which anybody can have written: a device or a pipe, which
    might never end, is not opened.

    Raises `DataError` for what is no regular file, for one that is not there, is empty, holds more
    than `largest` bytes or cannot be opened.
    """
    try:
        file = open_regular(path)
    except NotRegularError as error:
        folder = Path(path).is_dir()
        inside = f"a file in it. {_inside(Path(path))}" if folder else "a file. Save it as one."
        raise DataError(f"{path} is {error}: expected {inside}") from None
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"There is no file {path}. {_similar(Path(path))}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {words_of(error)}.") from error
    try:
        if not size_of(file):
            raise DataError(f"{path} is empty: expected rows of data.")
        if largest is not None:
            check_size(path, size_of(file))
    except DataError:
        file.close()
        raise
    return file


def check_size(path: str, size: int) -> None:
    """Raise `DataError` for more bytes than are read into memory."""
    if size > LARGEST:
        raise DataError(
            f"{path} holds {size:,} bytes: expected at most {LARGEST:,}, since all of it is held "
            "in memory. Take a part of the rows, or leave arrays on disk: --dataset npz "
            "--dataset.stream True, or --dataset parquet."
        )


def read_bytes(path: str) -> bytes:
    """What a file holds. Raises what `open_file` does."""
    with open_file(path) as file:
        try:
            return file.read(size_of(file))
        except OSError as error:
            raise DataError(f"{path} cannot be read: {words_of(error)}.") from error


def decode(path: str, data: bytes, encoding: str, option: str) -> tuple[str, str]:
    """Text without a byte-order mark, and the encoding that would write the same bytes again.

    Args:
        path: of the file, for the words of an error.
        data: its bytes.
        encoding: its name in Python.
        option: how the user says another, such as `--dataset.encoding`.

    Raises `DataError` with the first byte that the encoding does not know, and `ConfigError` for an
    encoding that does not exist.
    """
    try:
        is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        marked = is_utf8 and data.startswith(codecs.BOM_UTF8)
        text = data.decode("utf-8" if is_utf8 else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        way_out = "utf-16" if data.startswith(_UTF16) else "latin-1 (or cp1252, of Windows)"
        raise DataError(
            f"{path} is not {encoding}: byte {error.start} (line {line}) is "
            f"0x{data[error.start]:02x}. Say how it is encoded, such as {option} {way_out}."
        ) from None
    except UnicodeError as error:
        raise DataError(f"{path} is not {encoding} ({error}): {option} says another.") from None
    except (LookupError, ValueError):  # some of Python's encodings are made for other things
        raise ConfigError(
            f"{option} {encoding}: there is no such text encoding: expected utf-8, latin-1, "
            "cp1252, utf-16 or another that Python knows."
        ) from None
    if marked:
        return text.removeprefix("\ufeff"), "utf-8-sig"
    return text, "utf-8" if is_utf8 else encoding


def _similar(file: Path) -> str:
    names = _names_in(file.parent)
    if names is None:
        return f"There is no folder {file.parent} either."
    close = difflib.get_close_matches(file.name, names, n=3, cutoff=0.5)
    where = file.parent.resolve()
    if close:
        return f"Did you mean {', '.join(close)} in {where}?"
    return f"Nothing in {where} has a name like it."


def _inside(folder: Path) -> str:
    names = [n for n in _names_in(folder) or [] if n.endswith((".csv", ".tsv", ".txt", ".npz"))]
    return f"It holds {', '.join(names[:10])}." if names else "It holds no .csv or .npz."


def _names_in(folder: Path) -> list[str] | None:
    """What lies in a folder; None where that cannot be seen."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return None
