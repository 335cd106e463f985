"""Interleaved rounds: every competitor in turn, again and again, so that all share the weather."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def rounds(competitors: Mapping[str, Callable[[], Any]], count: int) -> dict[str, list[float]]:
    """Milliseconds of one call, `count` measurements of each, in alternating order.

    A measurement repeats a quick call until it has lasted some ten milliseconds.
    """
    repeats = {name: _repeats(run) for name, run in competitors.items()}
    times: dict[str, list[float]] = {name: [] for name in competitors}
    for number in range(count):
        names = list(competitors) if number % 2 == 0 else list(reversed(competitors))
        for name in names:
            began = time.perf_counter()
            for _ in range(repeats[name]):
                competitors[name]()
            spent = time.perf_counter() - began
            times[name].append(1e3 * spent / repeats[name])
    return times


def processor_rounds(
    competitors: Mapping[str, Callable[[], float]], count: int
) -> dict[str, list[float]]:
    """As `rounds`, the processor's milliseconds of a call, which other work changes little.

    A call returns the seconds of the processor that its process has used so far. Each is made
    twice in turn and the second one counts.
    """
    times: dict[str, list[float]] = {name: [] for name in competitors}
    for number in range(count):
        names = list(competitors) if number % 2 == 0 else list(reversed(competitors))
        for name in names:
            before = competitors[name]()
            times[name].append(1e3 * (competitors[name]() - before))
    return times


def processor(call: Callable[[], object]) -> Callable[[], float]:
    """The call, as one that returns the seconds of the processor used so far."""

    def timed() -> float:
        call()
        return time.process_time()

    return timed


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median and quartiles."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return middle, low, high


def _repeats(run: Callable[[], Any]) -> int:
    run()
    began = time.perf_counter()
    run()
    return max(1, min(50, int(0.01 / max(time.perf_counter() - began, 1e-6))))
