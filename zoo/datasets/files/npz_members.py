"""The arrays of an .npz file, whose headers are checked before anything is read or allocated."""

import math
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ...checkpoint.regular import size_of
from ...errors import DataError
from .input_file import check_size, open_file

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# Of real data, deflate makes a tenth or so. What shrinks much more is made to fill the memory.
MOST = 1 << 28
"""So many bytes may the arrays of a compressed file have, however small it is."""
MOST_TIMES = 100
"""So many times its size may the arrays of a larger compressed file have."""


@dataclass(frozen=True)
class Member:
    """An array as the headers of an archive declare it."""

    name: str
    """Of the array, without .npy."""
    info: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype} of shape {self.shape}, {self.size:,} bytes"


def read_arrays(path: str, only: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name, or `only` some. Nothing in it is executed.

    Before an array is allocated, its headers are compared: type and shape with the size in the
    archive, and that with what so large a file can hold.

    Raises `DataError` for another kind of file, a damaged one, and for an array of Python objects
    or of complex numbers.
    """
    with open_file(path) as file, archive_of(file, path) as archive:
        infos = _infos(path, archive, only)
        check_size(path, sum(info.file_size for info in infos.values()))
        members = [_member(path, archive, name, info) for name, info in infos.items()]
        _check_sizes(path, members, size_of(file))
        return {member.name: _values(path, archive, member) for member in members}


def members_of(path: str, archive: zipfile.ZipFile) -> list[Member]:
    """The arrays of an open archive by their headers, of any size. Raises as `read_arrays` does."""
    infos = _infos(path, archive, None)
    return [_member(path, archive, name, info) for name, info in infos.items()]


@contextmanager
def archive_of(file: BinaryIO, path: str) -> Iterator[zipfile.ZipFile]:
    """The archive in an open file. Raises `DataError` for a file that is none."""
    try:
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except Exception as error:  # of a damaged archive, zipfile raises a dozen kinds
        raise DataError(
            f"{path} is no .npz file of arrays: expected what numpy.savez writes."
        ) from error
    with archive:
        yield archive


def _infos(
    path: str, archive: zipfile.ZipFile, only: Collection[str] | None
) -> dict[str, zipfile.ZipInfo]:
    """The archive's own words on each array, by name, once they say that it can be read."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if only is not None and name not in only:
            continue
        if name in found:
            raise DataError(f"{path} holds two arrays {name!r}: expected each name once.")
        if info.flag_bits & _ENCRYPTED:
            raise DataError(
                f"{path}: the array {name!r} is encrypted: expected what numpy.savez writes."
            )
        if info.compress_type not in _METHODS:
            raise DataError(
                f"{path}: the array {name!r} is compressed by method {info.compress_type} of zip: "
                "expected 0 or 8, as numpy.savez and numpy.savez_compressed write."
            )
        found[name] = info
    return found


def _member(path: str, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Member:
    """An array by its own header. Raises `DataError` where it and the archive disagree."""
    with reading(path, name), archive.open(info) as file:
        shape, _, dtype = header_of(file)
        begin = file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{path}: the array {name!r} holds Python objects, which are never loaded: save "
            "numbers or text."
        )
    if dtype.kind == "c":
        raise DataError(
            f"{path}: the array {name!r} is complex: stack real and imaginary part as two features."
        )
    member = Member(name, info, shape, dtype)
    held = info.file_size - begin
    stored = info.compress_type == zipfile.ZIP_STORED
    unpacked = member.size if member.size or 0 in shape else -1  # of values without bytes
    if min(shape, default=0) < 0 or unpacked != held or (stored and info.compress_size < held):
        raise DataError(
            f"{path}: the array {name!r} is declared as {member}, and {held:,} are there: the file "
            "is damaged."
        )
    return member


def header_of(file: IO[bytes] | zipfile.ZipExtFile) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns lie one after another, and type of the .npy file in an open one, which
    is left where its values begin."""
    version = npy.read_magic(file)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"format {version}, of records")
    shape, fortran, dtype = readers[version](file)
    return shape, fortran, dtype


def _check_sizes(path: str, members: list[Member], size: int) -> None:
    """Raise `DataError` for an archive that unpacks to far more than data do."""
    unpacked = sum(member.size for member in members)
    largest = max(members, key=lambda member: member.size, default=None)
    if largest is not None and unpacked > max(MOST, MOST_TIMES * size):
        raise DataError(
            f"{path} has {size:,} bytes, which unpack to {unpacked:,}; the largest array is "
            f"{largest.name!r}, {largest}: expected at most {MOST_TIMES} times the file's size. "
            "If they are data, save them uncompressed, with numpy.savez."
        )


def _values(path: str, archive: zipfile.ZipFile, member: Member) -> np.ndarray:
    with reading(path, member.name), archive.open(member.info) as file:
        values = npy.read_array(file, allow_pickle=False)
    if values.dtype.kind == "U" and not _is_text(values):
        raise DataError(
            f"{path}: the array {member.name!r} holds text that is no Unicode: the file is damaged."
        )
    wide = values.dtype.kind == "f" and values.dtype.itemsize > 8  # as one machine alone has it
    return values.astype(np.float64) if wide else values


def _is_text(values: np.ndarray) -> bool:
    """Whether all letters of text are some, and can be written."""
    letters = np.ascontiguousarray(values).reshape(-1).view(values.dtype.str[0] + "u4")
    if letters.max(initial=0) < 0xD800:
        return True
    return not ((letters > 0x10FFFF) | ((letters >= 0xD800) & (letters < 0xE000))).any()


@contextmanager
def reading(path: str, name: str) -> Iterator[None]:
    """Within it `DataError` for whatever zipfile, zlib and NumPy raise of a damaged array."""
    try:
        yield
    except MemoryError as error:
        raise DataError(
            f"{path}: the array {name!r} is larger than the memory that is free."
        ) from error
    except Exception as error:
        raise DataError(f"{path}: the array {name!r} cannot be read ({error}).") from error
