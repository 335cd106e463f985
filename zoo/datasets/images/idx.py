"""IDX files, in which MNIST and its kin come: bytes with a header of their shape."""

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np

from ...errors import DataError
from ..files.input_file import check_size, open_file

_UNSIGNED_BYTES = 8
_GZIP = b"\x1f\x8b"


def read_idx(path: Path, axes: int) -> np.ndarray:
    """The array of bytes in an IDX file, compressed by gzip or not, uint8 of as many `axes`.

    The header is compared with the length before more than that is unpacked.

    Raises `DataError` for a file that is not there, another kind of file, and a damaged one.
    """
    with open_file(str(path)) as file, _unpacked(path, file) as content:
        magic = content.read(4)
        if len(magic) < 4 or magic[:3] != bytes([0, 0, _UNSIGNED_BYTES]) or magic[3] != axes:
            raise DataError(
                f"{path} begins with the bytes {magic.hex(' ')}: expected 00 00 08 {axes:02x}, an "
                f"IDX file of bytes with {axes} axes."
            )
        header = content.read(4 * axes)
        if len(header) < 4 * axes:
            raise DataError(f"{path} ends within its header: take another copy.")
        shape = struct.unpack(f">{axes}I", header)
        size = math.prod(shape)
        check_size(str(path), size)
        values = content.read(size + 1)
    if len(values) != size or not size:
        got = f"more than {size:,}" if len(values) > size else f"{len(values):,}"
        raise DataError(
            f"{path} declares an array of shape {shape}, {size:,} bytes, and holds {got}: the file "
            "is damaged. Take another copy."
        )
    return np.frombuffer(values, np.uint8).reshape(shape)


@contextmanager
def _unpacked(path: Path, file: BinaryIO) -> Iterator[IO[bytes]]:
    """What a file holds, unpacked where it is compressed; `DataError` for damage."""
    packed = file.read(2) == _GZIP
    file.seek(0)
    try:
        yield cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be unpacked ({error}): the file is damaged. Take another copy."
        ) from error
