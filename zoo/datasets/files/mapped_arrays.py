"""Arrays that stay on disk: .npy files, or the uncompressed members of an .npz, memory-mapped."""

import math
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ...checkpoint.regular import size_of
from ...errors import DataError
from ..stream.source import RowSource
from .input_file import open_file
from .npz_members import archive_of, header_of, members_of, reading

_LOCAL = 30
"""Bytes of a member's own header in an archive, before its name; its last four hold the lengths of
the name and of what follows that."""

Header: TypeAlias = tuple[tuple[int, ...], bool, np.dtype]
"""Shape of an array, whether its columns lie one after another, and its type."""
Conversion: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""What becomes of some rows [n, ...] of an array."""


class MappedRows(RowSource):
    """Rows of memory-mapped arrays of the same length, by name.

    The system keeps what was read in memory that it takes back at will: none of it is counted as
    the program's own.
    """

    def __init__(
        self, arrays: dict[str, np.ndarray], convert: Mapping[str, Conversion] | None = None
    ) -> None:
        """`arrays` by the names that a data set has for them, `x` among them; `convert` says what
        becomes of rows of some of them once they are read.

        Raises `DataError` for arrays of unlike lengths.
        """
        for name, values in arrays.items():
            if len(values) != len(arrays["x"]):
                raise DataError(
                    f"{name} has shape {values.shape}, x has {len(arrays['x'])} rows: expected a "
                    "row of each array for every example."
                )
        self._arrays, self._convert = arrays, dict(convert or {})

    @property
    def like(self) -> dict[str, np.ndarray]:
        """The arrays without their rows, as `read` gives them."""
        return self.read(np.zeros(0, np.int64), self._arrays)

    def __len__(self) -> int:
        return len(self._arrays["x"])

    def read(self, rows: np.ndarray, names: Collection[str]) -> dict[str, np.ndarray]:
        """Some arrays at `rows`; consecutive ones are read as one piece."""
        begin = int(rows[0]) if len(rows) else 0
        piece = len(rows) > 0 and np.array_equal(rows, np.arange(begin, begin + len(rows)))
        at = slice(begin, begin + len(rows)) if piece else rows
        found = {name: np.array(self._arrays[name][at]) for name in self._arrays if name in names}
        convert = self._convert
        return {n: convert[n](rows) if n in convert else rows for n, rows in found.items()}


def mapped_arrays(path: str) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, of a folder of .npy files, or of one .npy file as `x`.

    Raises `DataError` for a file that is none of these or is damaged, for arrays that are
    compressed or hold Python objects, and for one whose first axis is not the rows of the file.
    """
    if Path(path).is_dir():
        files = sorted(Path(path).glob("*.npy"))
        if not files:
            raise DataError(
                f"{path} holds no .npy file: expected x.npy, y.npy and what else the rows have, "
                "an array each, as numpy.save writes them."
            )
        return {file.stem: _mapped_file(str(file)) for file in files}
    return {"x": _mapped_file(path)} if path.endswith(".npy") else _mapped_members(path)


def _mapped_file(path: str) -> np.ndarray:
    with open_file(path, largest=None) as file:
        with reading(path, Path(path).stem):
            header, begin = header_of(file), file.tell()
        _check_held(path, Path(path).stem, header, size_of(file) - begin)
        return _mapped(path, Path(path).stem, header, begin)


def _mapped_members(path: str) -> dict[str, np.ndarray]:
    arrays = {}
    with open_file(path, largest=None) as file, archive_of(file, path) as archive:
        for member in members_of(path, archive):
            if member.info.compress_type != zipfile.ZIP_STORED:
                raise DataError(
                    f"{path}: the array {member.name!r} is compressed, so that no row can be read "
                    "without all before it: expected what numpy.savez writes. Load it once, write "
                    "it anew with numpy.savez, or leave stream off."
                )
            with reading(path, member.name):
                file.seek(member.info.header_offset + _LOCAL - 4)
                lengths = np.frombuffer(file.read(4), "<u2")
                file.seek(member.info.header_offset + _LOCAL + int(lengths.sum()))
                header, begin = header_of(file), file.tell()
            arrays[member.name] = _mapped(path, member.name, header, begin)
    return arrays


def _check_held(path: str, name: str, header: Header, held: int) -> None:
    """Raise `DataError` for an .npy file that has fewer bytes than its header says."""
    shape, _, dtype = header
    declared = math.prod(shape) * dtype.itemsize
    if declared > held:
        raise DataError(
            f"{path}: the array {name!r} is declared as {dtype} of shape {shape}, {declared:,} "
            f"bytes, and {held:,} are there: the file is damaged."
        )


def _mapped(path: str, name: str, header: Header, begin: int) -> np.ndarray:
    """An array whose values begin at a byte of a file.

    Raises `DataError` for one of which no row can be read alone.
    """
    shape, fortran, dtype = header
    if dtype.hasobject or fortran or not shape:
        what = "Python objects" if dtype.hasobject else "its columns one after another"
        raise DataError(
            f"{path}: the array {name!r} holds {what if shape else 'a single number'}, of which no "
            "row can be read alone: expected rows of numbers or text. Save "
            "numpy.ascontiguousarray(array)."
        )
    if 0 in shape:
        return np.zeros(shape, dtype)  # nothing can be mapped of no bytes
    return np.memmap(path, dtype, "r", begin, shape)
