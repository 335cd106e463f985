"""Files that are there whole or not at all, whatever ends the program."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..errors import OutputError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]+\.tmp")
"""As `tempfile.mkstemp` names what stands beside a file while that is written."""


def write_atomically(
    path: Path, data: bytes, verify: Callable[[Path], object] | None = None
) -> None:
    """Replace a file in one move: written beside it, synced, verified, renamed, the folder synced.

    A reader, or a run that goes on after a power cut, meets the old file or the new one.

    Args:
        path: the file; its folder is made where there is none.
        data: what it is to hold.
        verify: reads the temporary file back before it takes the place, and raises if it is bad.

    Raises `OutputError` where it cannot be written, with what is needed and what is free if the
    disk is full; the file that was there stays and nothing is left beside it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            if verify is not None:
                verify(temporary)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(_words(path, len(data), error)) from error


def remove_leftovers(folder: Path, mine: Callable[[str], bool]) -> None:
    """Remove what `write_atomically` left in a folder when it was killed.

    Only of files whose name is `mine`: a folder may hold temporary files of other programs.
    """
    for path in folder.glob(".*.tmp"):
        named = _TEMPORARY.fullmatch(path.name)
        if named is not None and mine(named[1]) and path.is_file():
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and the rename is durable
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _words(path: Path, size: int, error: OSError) -> str:
    if error.errno not in _FULL:
        return f"{path} cannot be written: {error.strerror or error}."
    folder = next(p for p in path.absolute().parents if p.exists())
    free = shutil.disk_usage(folder).free
    return (
        f"{path} cannot be written, the disk is full: {size:,} bytes are needed and {free:,} are "
        f"free in {folder}. Make room; what was saved before is unharmed, and --resume goes on."
    )
