"""Files from their public origin, by a known hash, into a folder of this machine."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from ...errors import ConfigError, DownloadError, NetworkError

DATA_DIR = "ZOO_DATA_DIR"
"""The variable of the environment that names a folder of data."""
_SECONDS = 30  # without an answer
_WAIT = 600  # for another process that downloads the same


@dataclass(frozen=True)
class Known:
    """A file at its origin: its name, its SHA-256 and its size in bytes."""

    name: str
    sha256: str
    size: int


def downloaded(files: Sequence[Known], origin: str, folder: Path, by_hand: str) -> list[Path]:
    """The files in a folder, those that are not there downloaded.

    Whatever lies there is compared with its SHA-256, so that a file that was altered is downloaded
    anew. A file is written under another name and moved when its hash is right; of two processes
    one downloads, and the other waits.

    Args:
        files: what to download.
        origin: the address of the folder that they are in, with a slash at its end.
        folder: where they are kept.
        by_hand: what to do without a network, in words.

    Raises `ConfigError` for a file without a known hash, `NetworkError` where there is no answer,
    and `DownloadError` for a file that is not the known one, or is larger.
    """
    for file in files:
        if not re.fullmatch("[0-9a-f]{64}", file.sha256):
            raise ConfigError(
                f"{file.name} has the hash {file.sha256!r}: expected the 64 hexadecimal digits of "
                "its SHA-256. Nothing is downloaded that cannot be compared."
            )
    _make(folder)
    try:
        with FileLock(folder / ".lock", timeout=_WAIT):
            return [_one(file, origin, folder, by_hand) for file in files]
    except Timeout:
        raise DownloadError(
            f"Another process has been downloading to {folder} for {_WAIT} seconds: wait for it, "
            f"or end it and remove {folder / '.lock'}."
        ) from None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(
            f"{folder}, where downloaded data are kept, cannot be made "
            f"({error.strerror or error}): name another folder in the variable {DATA_DIR}."
        ) from error


def _one(file: Known, origin: str, folder: Path, by_hand: str) -> Path:
    import pooch  # only for who downloads
    import requests

    def capped(url: str, output: str, asked: Any) -> None:
        with open(output, "wb") as target:
            download = pooch.HTTPDownloader(timeout=_SECONDS)
            download(url, _Capped(target, file), asked)

    pooch.get_logger().setLevel("WARNING")
    try:
        got = pooch.retrieve(
            origin + file.name, f"sha256:{file.sha256}", file.name, folder, downloader=capped
        )
    except ValueError as error:  # pooch's word for a hash; it has removed what it wrote
        raise DownloadError(
            f"{origin}{file.name} is not the file with the SHA-256 {file.sha256}: the transfer was "
            f"cut, or the file was changed. Nothing was kept. Try again; or {by_hand}"
        ) from error
    except (requests.RequestException, OSError) as error:
        raise NetworkError(
            f"{origin}{file.name} cannot be downloaded to {folder} ({type(error).__name__}). "
            f"Without a network, {by_hand}"
        ) from error
    return Path(os.fspath(got))


class _Capped:
    """A file that takes no more bytes than a known one has."""

    def __init__(self, target: IO[bytes], file: Known) -> None:
        self._target, self._file, self._written = target, file, 0

    def write(self, data: bytes) -> int:
        """Write to the file. Raises `DownloadError` for more bytes than expected."""
        self._written += len(data)
        if self._written > self._file.size:
            raise DownloadError(
                f"{self._file.name} is larger than the {self._file.size:,} bytes that are expected "
                "of it: it is another file, and nothing was kept. Try again, or give a copy of "
                "your own with --dataset.path."
            )
        return self._target.write(data)

    def flush(self) -> None:
        """Hand what was written to the disk."""
        self._target.flush()
