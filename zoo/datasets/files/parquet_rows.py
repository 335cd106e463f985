"""Rows of a Parquet file, whose row groups are decoded when rows of them are asked for."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ConfigError, DataError
from ..stream.source import RowSource
from .input_file import open_file

if TYPE_CHECKING:
    from pyarrow import ChunkedArray, DataType
    from pyarrow.parquet import ParquetFile
else:  # an extra that is imported when a file is opened
    ChunkedArray = DataType = ParquetFile = Any

_WINDOW_BYTES = 128 << 20
"""Bytes of the decoded groups whose rows are shuffled with each other."""
_MOST_GROUPS = 16
LARGEST_GROUP = 1 << 30
"""Decoded bytes of a row group, which is read as a whole."""


def open_parquet(path: str) -> ParquetFile:
    """A Parquet file, of which the end alone was read.

    Raises `ConfigError` where pyarrow is not installed, and `DataError` for a file that is none.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile as Opened  # half a second to import
    except ImportError:
        raise ConfigError(
            "Reading a Parquet file needs pyarrow, which is not installed: pip install "
            "'neural-de-zoo[parquet]', or write the rows as .npy or .npz (--dataset npz "
            "--dataset.stream True)."
        ) from None
    open_file(path, largest=None).close()
    try:
        return Opened(path)
    except (ArrowException, OSError) as error:
        raise DataError(
            f"{path} is no Parquet file ({_in_short(error)}): expected what "
            "pyarrow.parquet.write_table writes."
        ) from error


class ParquetRows(RowSource):
    """Columns of a Parquet file: inputs `x` [N, features], and targets `y`.

    A column of lists of one length is as many features as a list is long. Groups that were decoded
    last are kept, twice a window of them, so that an epoch decodes each once.
    """

    def __init__(
        self, path: str, file: ParquetFile, inputs: Sequence[str], targets: Sequence[str]
    ) -> None:
        """`inputs` and `targets` are names of columns; () for rows without targets."""
        self._path, self._file = path, file
        self._columns = {"x": tuple(inputs), **({"y": tuple(targets)} if targets else {})}
        metadata = file.metadata
        sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        self._bounds = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._held: OrderedDict[tuple[int, str], np.ndarray] = OrderedDict()
        self._lock = threading.Lock()
        first = int(np.argmax(np.diff(self._bounds) > 0))
        self._like = {name: self._decoded(first, name)[:0] for name in self._columns}
        self._check_groups()

    @property
    def like(self) -> dict[str, np.ndarray]:
        """The arrays without their rows."""
        return self._like

    def __len__(self) -> int:
        return int(self._bounds[-1])

    @property
    def groups(self) -> np.ndarray:
        """Where each row group begins, and the last one ends."""
        return self._bounds

    @property
    def window(self) -> int:
        """Groups that are shuffled with each other: as many as `_WINDOW_BYTES` hold."""
        return int(np.clip(_WINDOW_BYTES // max(1, self._largest()), 1, _MOST_GROUPS))

    def read(self, rows: np.ndarray, names: Collection[str]) -> dict[str, np.ndarray]:
        """Some arrays at `rows`, of groups that are decoded or held already."""
        of_group = np.searchsorted(self._bounds, rows, side="right") - 1
        found = {}
        for name in (each for each in self._columns if each in names):
            like = self._like[name]
            found[name] = np.empty((len(rows), *like.shape[1:]), like.dtype)
            for group in np.unique(of_group):
                mine = of_group == group
                values = self._group(int(group), name)
                found[name][mine] = values[rows[mine] - self._bounds[group]]
        return found

    def _group(self, group: int, name: str) -> np.ndarray:
        """An array of a group: decoded, or as it is held."""
        with self._lock:  # one decodes at a time: the other may want the same
            key = (group, name)
            if key not in self._held:
                self._held[key] = self._decoded(group, name)
            self._held.move_to_end(key)
            while len(self._held) > 2 * len(self._columns) * self.window:
                self._held.popitem(last=False)
            return self._held[key]

    def _decoded(self, group: int, name: str) -> np.ndarray:
        names = self._columns[name]
        try:
            table = self._file.read_row_group(group, columns=list(names))
        except OSError as error:
            raise DataError(
                f"{self._path}: row group {group} cannot be read ({_in_short(error)}): the file is "
                "damaged. Take another copy."
            ) from error
        columns = [values_of(table.column(each)) for each in names]
        if name == "y" and len(columns) == 1:
            return columns[0]
        joined = np.concatenate([c if c.ndim > 1 else c[:, None] for c in columns], axis=1)
        return joined.astype(np.float64) if joined.dtype.kind in "biu" else joined

    def _largest(self) -> int:
        return int(np.diff(self._bounds).max()) * self.row_bytes()

    def _check_groups(self) -> None:
        """Raise `DataError` for row groups that are too large to be decoded."""
        if self._largest() > LARGEST_GROUP:
            raise DataError(
                f"{self._path} has a row group of {self._largest():,} bytes, which is decoded as a "
                f"whole: expected at most {LARGEST_GROUP:,}. Write it anew with smaller ones: "
                "pyarrow.parquet.write_table(table, path, row_group_size=100_000)."
            )


def _in_short(error: Exception) -> str:
    """The first sentence of what Arrow says, which goes on for lines."""
    return str(error).splitlines()[0].split(". ")[0].rstrip(".")


def values_of(column: ChunkedArray) -> np.ndarray:
    """A column as NumPy has it: numbers [n], lists of numbers [n, length], or text [n].

    A number that is missing is NaN.
    """
    from pyarrow import types

    if types.is_fixed_size_list(column.type):
        flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return np.asarray(flat).reshape(len(column), -1)
    if holds_words(column.type):
        return np.array(column.cast("string").to_pylist(), dtype=np.str_)
    if types.is_decimal(column.type):
        column = column.cast("float64")
    return np.asarray(column.to_numpy())


def holds_words(kind: DataType) -> bool:
    """Whether a type of Arrow is text, or categories of text."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind))
