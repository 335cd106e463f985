"""What a run costs the machine that it runs on: memory, and programs that were compiled."""

import resource
import sys

import jax

_COMPILED = "/jax/core/compile/backend_compile_duration"


class Compilations:
    """While it is entered, counts the programs that JAX compiles or takes from its cache on disk.

    A program that is compiled anew for every step, which is what makes training slow, shows here.
    """

    def __init__(self) -> None:
        self._count = 0

    def __enter__(self) -> "Compilations":
        jax.monitoring.register_event_duration_secs_listener(self._listen)
        return self

    def __exit__(self, *error: object) -> None:
        jax.monitoring.unregister_event_duration_listener(self._listen)

    def new(self) -> int:
        """How many there were since this was asked last."""
        count, self._count = self._count, 0
        return count

    def _listen(self, event: str, duration_secs: float, **about: str | int) -> None:
        self._count += event == _COMPILED


def peak_memory() -> dict[str, int]:
    """The most bytes that were in use so far: `process`, and `device` where JAX tells."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = {"process": unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    on_device = (jax.local_devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    return peak if on_device is None else {**peak, "device": int(on_device)}
