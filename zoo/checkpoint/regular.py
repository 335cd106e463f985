"""Regular files: opened for reading without waiting, and what else is at a path in words."""

import os
import stat
from typing import BinaryIO

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class NotRegularError(OSError):
    """What is at a path is no regular file; as text, what it is, such as `a pipe`."""


def status_of(path: str | os.PathLike[str]) -> os.stat_result | None:
    """What is at a path, links followed; None where nothing is.

    Raises `OSError` where that cannot be told, and `ValueError` for what is no path.
    """
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def check_regular(status: os.stat_result) -> None:
    """Raise `NotRegularError` for a folder, a device, a pipe or a socket."""
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise NotRegularError(_KINDS.get(kind, "no file"))


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, opened for reading.

    Nothing else is opened: a device may do something when it is, and a pipe waits for a writer.

    Raises `NotRegularError`, `OSError` where there is nothing or it cannot be opened, and
    `ValueError` for what is no path.
    """
    name = os.fspath(path)
    check_regular(os.stat(name))
    # In between, something else may have come there: what was opened is asked again.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(name, flags)
    try:
        check_regular(os.fstat(handle))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def size_of(file: BinaryIO) -> int:
    """The bytes in an open file; those that the kernel makes up, as under /proc, have none."""
    return os.fstat(file.fileno()).st_size


def words_of(error: OSError | ValueError) -> str:
    """Why something could not be done with a path, such as `Permission denied`."""
    return str(getattr(error, "strerror", None) or error)
