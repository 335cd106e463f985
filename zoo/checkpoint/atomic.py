"""Files that are there whole or not at all, whatever ends the program."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from ..errors import OutputError
from .regular import NotRegularError, check_regular, status_of, words_of

_FULL = (errno.ENOSPC, errno.EDQUOT)
_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]+\.tmp")
"""As `_written_beside` names what stands beside a file while that is written."""


def write_atomically(
    path: Path, data: bytes, verify: Callable[[Path], object] | None = None
) -> None:
    """Replace a file in one move: written beside it, synced, verified, renamed, the folder synced.

    A reader, or a run that goes on after a power cut, meets the old file or the new one. A new file
    has the permissions that the umask leaves; one that is replaced keeps its own, and its owner and
    group where that is permitted. A symbolic link stays: the file that it leads to is replaced.

    Args:
        path: the file; its folder is made where there is none.
        data: what it is to hold.
        verify: reads the temporary file back before it takes the place, and raises if it is bad.

    Raises `OutputError` for a path of what is no file, such as a device, and where it cannot be
    written, with what is needed and what is free if the disk is full; the file that was there stays
    and nothing is left beside it.
    """
    target = replaceable(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _written_beside(target, data)
        try:
            if verify is not None:
                verify(temporary)
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(_words(path, len(data), error)) from error


def replaceable(path: Path) -> Path:
    """The file that writing to a path replaces or makes: the path itself, or where a link leads.

    Raises `OutputError` where something else is there, such as a folder, a device or a pipe, which
    a file would do away with, or where that cannot be told. Writes nothing.
    """
    try:
        found = status_of(path)
        if found is not None:
            check_regular(found)
        return Path(os.path.realpath(path))
    except NotRegularError as error:
        words = f"{path} is {error}: expected a file to replace, or a name that is free."
        raise OutputError(words) from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: {words_of(error)}.") from error


def remove_leftovers(folder: Path, mine: Callable[[str], bool]) -> None:
    """Remove what `write_atomically` left in a folder when it was killed.

    Only of files whose name is `mine`: a folder may hold temporary files of other programs.
    """
    for path in folder.glob(".*.tmp"):
        named = _TEMPORARY.fullmatch(path.name)
        if named is not None and mine(named[1]) and path.is_file():
            path.unlink(missing_ok=True)


def _written_beside(target: Path, data: bytes) -> Path:
    """A synced temporary file of `data` in the folder of `target`, with the permissions to be."""
    # The beginning of the name alone: with more around it, it could be too long for a disk.
    temporary = target.with_name(f".{target.name[:32]}.{secrets.token_hex(8)}.tmp")
    replaced = status_of(target)
    # A new file's permissions are the kernel's to choose, which knows the umask and the folder's
    # defaults; what takes the place of a private file must not be readable for a moment either.
    mode = 0o666 if replaced is None else 0o600
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if replaced is not None:
                _keep_owner_and_mode(temporary, replaced)
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _keep_owner_and_mode(path: Path, replaced: os.stat_result) -> None:
    for owner in (replaced.st_uid, -1):  # who may not give a file away may still share it
        with contextlib.suppress(OSError, AttributeError):  # there are no owners on Windows
            os.chown(path, owner, replaced.st_gid)
            break
    os.chmod(path, stat.S_IMODE(replaced.st_mode))  # the last, since chown takes bits away


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
