"""Reads the batches of the next steps in a thread, while those before are trained on."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Read = TypeVar("_Read")
_WAIT = 0.1  # seconds after which the thread asks whether it is still wanted


class ReadingAhead(Generic[_Read]):
    """What `read(step)` returns for each step of a range, in order, read before it is asked for.

    Args:
        read: called in the thread, once a step.
        steps: for which it is called.
        most: how many results wait at a time.
    """

    def __init__(self, read: Callable[[int], _Read], steps: range, most: int) -> None:
        self._read, self._steps = read, steps
        self._queue: queue.Queue[_Read | BaseException] = queue.Queue(max(1, most))
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading ahead", daemon=True)
        self._thread.start()

    def take(self) -> _Read:
        """The next result. Raises what `read` raised for it."""
        found = self._queue.get()
        if isinstance(found, BaseException):
            raise found
        return found

    def close(self) -> None:
        """End the thread; what it has read is dropped."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        for step in self._steps:
            try:
                found: _Read | BaseException = self._read(step)
            except BaseException as error:  # told where the result is asked for
                found = error
            if not self._put(found) or isinstance(found, BaseException):
                return

    def _put(self, found: _Read | BaseException) -> bool:
        """Whether a result was taken in; not if nobody wants it any more."""
        while not self._closed.is_set():
            try:
                self._queue.put(found, timeout=_WAIT)
                return True
            except queue.Full:
                continue
        return False
