"""A process that JAX's distributed runtime aborts ends with a word and an exit code all the same.

Where another process dies or does not come, that runtime calls abort(), which no handler of Python
sees. So the command goes on in a child, and this process says how the child ended.
"""

import os
import signal
import sys
import threading
import warnings
from types import FrameType

from ..errors import ProcessError

_FORWARDED = (signal.SIGINT, signal.SIGTERM)


def go_on_in_child() -> None:
    """Return in a child of this process, which waits for it and ends as it did.

    An abort becomes `ProcessError`, in words on standard error. The child ends with this process,
    also where that is killed. Call it before JAX computes anything.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX warns of every fork, and has no threads yet
        child = os.fork()
    if child:
        os.close(reading)
        os._exit(_exit_code(child))
    os.close(writing)
    os.setpgid(0, 0)  # so that a signal of the terminal comes once, from the parent
    threading.Thread(target=_end_with_parent, args=(reading,), daemon=True).start()


def _exit_code(child: int) -> int:
    """Wait for the child, to which signals are passed on."""

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in _FORWARDED:
        signal.signal(number, forward)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        check_end(code)
    except ProcessError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    return code if code >= 0 else 128 - code


def check_end(code: int) -> None:
    """Raise `ProcessError` for the code of a process that was aborted."""
    if code == -signal.SIGABRT:
        raise ProcessError(
            "JAX's distributed runtime has ended this process, since another one died, fell silent "
            "or did not come; its own words are above. A run stands at its last checkpoint: start "
            "all processes again, with --resume where there is one."
        )


def _end_with_parent(reading: int) -> None:
    os.read(reading, 1)  # returns when the parent is gone, which writes nothing
    os._exit(128 + signal.SIGKILL)
