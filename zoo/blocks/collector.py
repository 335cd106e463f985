"""What collects the `Stats` of the ODE blocks within a model while the model is traced."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

import jax
from jax.extend.core import get_opaque_trace_state
from jaxtyping import PRNGKeyArray

from ..errors import ConfigError
from ..types import Stats


class Collector:
    """The `Stats` of the solves of one example, in the order in which its blocks were called."""

    def __init__(self, key: PRNGKeyArray | None) -> None:
        self.solves: list[Stats] = []
        self._key = key
        self._trace = get_opaque_trace_state()

    def check_seen(self) -> None:
        """Raise `ConfigError` within a transformation that began after the collector did.

        The `Stats` of a block called there are values of that transformation, and cannot be used
        outside of it.
        """
        if get_opaque_trace_state() != self._trace:
            raise ConfigError(
                "An ODE block is called within a transformation inside of the model (jit, scan, "
                "checkpoint, vmap, or another block's layer), out of which its Stats do not come. "
                "Way out: call y, stats = block.solve(x) there and return both; outside of it, "
                "y = block.report(y, stats)."
            )

    def take(self, stats: Stats) -> None:
        """Add the `Stats` of a solve, their fields []. Raises `ConfigError` as `check_seen`."""
        self.check_seen()
        self.solves.append(stats)

    def next_key(self) -> PRNGKeyArray | None:
        """What the next solve draws from; None where nothing is to be drawn."""
        return None if self._key is None else jax.random.fold_in(self._key, len(self.solves))


_collector: ContextVar[Collector | None] = ContextVar("collector", default=None)


@contextlib.contextmanager
def collecting(key: PRNGKeyArray | None = None) -> Iterator[Collector]:
    """Collect the `Stats` of the ODE blocks that are called for one example.

    Args:
        key: what regularisers that draw draw from, another draw for each block.
    """
    collector = Collector(key)
    token = _collector.set(collector)
    try:
        yield collector
    finally:
        _collector.reset(token)


def current_collector() -> Collector | None:
    """The collector of the model that is being called; None where none collects."""
    return _collector.get()
