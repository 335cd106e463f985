"""Being told to stop: finish the chunk, leave a checkpoint, end as the signal wants."""

import os
import signal
import threading
from types import FrameType
from typing import NoReturn

SECONDS = 4.0
"""How long a signal waits for the steps that are running; then the program ends as it is."""


class Interrupts:
    """While it is entered, SIGINT and SIGTERM only set `signal`, which the loop looks at.

    So that a checkpoint is left within five seconds whatever is running: where the loop does not
    come round in four (a long compilation, a step of minutes), the program ends with the last
    checkpoint that it wrote. Does nothing where not `wanted`, and in a thread other than the main
    one, where Python does not allow it.
    """

    def __init__(self, wanted: bool = True) -> None:
        self.signal: int | None = None
        self._wanted = wanted and threading.current_thread() is threading.main_thread()
        self._before: dict[int, object] = {}
        self._reading, self._writing = -1, -1
        self._wakeup = -1
        self._answered = threading.Event()

    def __enter__(self) -> "Interrupts":
        if self._wanted:
            self._reading, self._writing = os.pipe()
            os.set_blocking(self._writing, False)
            self._wakeup = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        if self._writing >= 0:
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._writing)
        self._answered.set()

    def stop(self) -> NoReturn:
        """End as the signal that came wants: `KeyboardInterrupt`, or exit code 143."""
        if self.signal == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)
        raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is None:  # the first one says how the program ends
            self.signal = number

    def _watch(self) -> None:
        """Python runs no handler while it compiles, but the wake-up byte comes at once.

        Of two signals that came meanwhile Python handles that of the lower number first; the bytes
        say which came first.
        """
        number = os.read(self._reading, 1)
        if number:
            self.signal = number[0]
        if number and not self._answered.wait(SECONDS):
            os._exit(128 + number[0])
        # Not before no more can come: Python complains of a signal that nobody reads.
        os.close(self._reading)
