"""A part of a file as a split: named arrays of which any rows are read, and all where they fit."""

import hashlib
from collections.abc import Collection, Iterator

import numpy as np

from ...checkpoint import json_text
from ...errors import DataError
from ..kept_split import KeptSplit
from .prepared_rows import RowPreparation
from .rows import SplitRows
from .source import RowSource

LARGEST = 1 << 30
"""Bytes of an array that is read as a whole; what looks at a part as a whole reads its targets."""
_LOOKED_AT = 1024
"""Rows by whose bytes a file is known again."""
_AT_A_TIME = 1 << 14


class StreamedSplit(KeptSplit):
    """The rows of a part, which stay on disk until they are asked for.

    `rows` reads and prepares any of them. `split["y"]` is an array as a whole, as a metric needs
    the targets of a part; one of more than `LARGEST` bytes is refused.

    Args:
        source: the file.
        part: which of its rows are of this part, and in which order.
        prepare: what makes of them what a model takes.
    """

    def __init__(self, source: RowSource, part: SplitRows, prepare: RowPreparation) -> None:
        self.source, self.part, self.prepare = source, part, prepare
        self.table = prepare.table

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(self.part)

    @property
    def like(self) -> dict[str, np.ndarray]:
        """The arrays without their examples, as a model takes them."""
        return self.prepare(dict(self.source.like))

    @property
    def stored_like(self) -> dict[str, np.ndarray]:
        """The arrays without their examples, `x` as bytes where it holds bytes."""
        return self.prepare.stored(dict(self.source.like))

    @property
    def row_bytes(self) -> int:
        """Bytes of an example as it is kept on a device."""
        return sum(
            values.dtype.itemsize * int(np.prod(values.shape[1:]))
            for values in self.stored_like.values()
        )

    def rows(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays of the examples at places [n], as a model takes them."""
        return self.prepare(self._read(places, self.source.like))

    def stored_rows(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays of the examples at places [n], as they are kept on a device."""
        return self.prepare.stored(self._read(places, self.source.like))

    def __getitem__(self, name: str) -> np.ndarray:
        self.check_whole(name)
        like = self.like[name]
        whole = np.empty((self.count, *like.shape[1:]), like.dtype)
        for begin in range(0, self.count, _AT_A_TIME):
            places = np.arange(begin, min(begin + _AT_A_TIME, self.count))
            whole[places[0] : places[-1] + 1] = self.prepare(self._read(places, {name}))[name]
        return whole

    def check_whole(self, name: str) -> None:
        """Raise `DataError` for an array that is too large to be read as a whole."""
        like = self.like[name]
        size = self.count * like.dtype.itemsize * int(np.prod(like.shape[1:]))
        if size > LARGEST:
            raise DataError(
                f"{name!r} of {self.count:,} examples has {size:,} bytes, and stays on disk: "
                f"expected at most {LARGEST:,} to be read as a whole. Choose a smaller part, such "
                "as --dataset.split 98/1/1, or read some rows: zoo.datasets.rows_of(split, places)."
            )

    def __iter__(self) -> Iterator[str]:
        return iter(self.source.like)

    def __len__(self) -> int:
        return len(self.source.like)

    def identity(self) -> bytes:
        """A digest by which a run that is resumed knows its data again.

        It is made of what was learned of all training rows and of `_LOOKED_AT` rows, byte by byte,
        since all bytes would be as long to read as a pass over the file.
        """
        learned = json_text(self.prepare.learned.to_json(), sort_keys=True)
        digest = hashlib.sha256(learned.encode())
        some = self.part.spread(_LOOKED_AT)
        for name, values in sorted(self.rows(some).items()):
            digest.update(f"{name} {values.dtype} {self.count} {values.shape[1:]};".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.digest()

    def _read(self, places: np.ndarray, names: Collection[str]) -> dict[str, np.ndarray]:
        return self.source.read(self.part.at(np.asarray(places)), names)
