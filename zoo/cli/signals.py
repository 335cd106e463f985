"""SIGINT and SIGTERM while a command runs: they end it once, and without a traceback."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


@contextmanager
def ends_on_signals() -> Iterator[None]:
    """Within it SIGINT and SIGTERM end the command once, with 130 or 143, wherever it is.

    Those that follow are for what is ending already: they are ignored from then on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread handle signals
        return
    both = (signal.SIGINT, signal.SIGTERM)
    # Whoever began it in the background has SIGINT ignored, and that stays so.
    numbers = [number for number in both if signal.getsignal(number) != signal.SIG_IGN]

    def ignore() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    def end(number: int, frame: FrameType | None) -> NoReturn:
        ignore()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in numbers}
    ended_by_signal = False
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        codes = [128 + number for number in numbers]
        ended_by_signal = isinstance(error, KeyboardInterrupt) or error.code in codes
        if ended_by_signal:
            ignore()
        raise
    finally:
        if not ended_by_signal:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
