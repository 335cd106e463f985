"""A user's own file as bytes or as text, or words on why it cannot be read."""

import codecs
import difflib
from pathlib import Path

from ..errors import ConfigError, DataError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_file(path: str) -> Path:
    """The path of a file that is there and not empty. Raises `DataError` for any other."""
    file = Path(path)
    if file.is_dir():
        raise DataError(f"{path} is a folder: expected a file in it. {_inside(file)}")
    if not file.exists():
        raise DataError(f"There is no file {path}. {_similar(file)}")
    if file.is_file() and not file.stat().st_size:
        raise DataError(f"{path} is empty: expected rows of data.")
    return file


def read_bytes(path: str) -> bytes:
    """What a file holds. Raises `DataError` where it cannot be read or has nothing in it."""
    try:
        return check_file(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


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
    except LookupError:
        raise ConfigError(
            f"{option} {encoding}: there is no such text encoding: expected utf-8, latin-1, "
            "cp1252, utf-16 or another that Python knows."
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        way_out = "utf-16" if data.startswith(_UTF16) else "latin-1 (or cp1252, of Windows)"
        raise DataError(
            f"{path} is not {encoding}: byte {error.start} (line {line}) is "
            f"0x{data[error.start]:02x}. Say how it is encoded, such as {option} {way_out}."
        ) from None
    except UnicodeError as error:
        raise DataError(f"{path} is not {encoding} ({error}): {option} says another.") from None
    if marked:
        return text.removeprefix("\ufeff"), "utf-8-sig"
    return text, "utf-8" if is_utf8 else encoding


def _similar(file: Path) -> str:
    if not file.parent.is_dir():
        return f"There is no folder {file.parent} either."
    names = sorted(p.name for p in file.parent.iterdir())
    close = difflib.get_close_matches(file.name, names, n=3, cutoff=0.5)
    where = file.parent.resolve()
    if close:
        return f"Did you mean {', '.join(close)} in {where}?"
    return f"Nothing in {where} has a name like it."


def _inside(folder: Path) -> str:
    names = sorted(p.name for p in folder.iterdir() if p.suffix in (".csv", ".tsv", ".txt", ".npz"))
    return f"It holds {', '.join(names[:10])}." if names else "It holds no .csv or .npz."
