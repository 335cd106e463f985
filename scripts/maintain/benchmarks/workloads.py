"""What is timed: dynamics, batch, tolerance and loss as NumPy arrays, the same for every peer."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Workload:
    """dy/dt = MLP([y, t]), tanh between its layers, from t = 0 to 1, by Dopri5.

    The loss is the mean square of the final state or of all outputs; with `classes` it is the
    cross-entropy of a linear head on the final state.
    """

    name: str
    batch: int
    size: int
    width: int
    depth: int
    tolerance: float
    gain: float
    """Factor on the weights, which makes the dynamics as restless as trained ones."""
    times: int = 0
    """Output times, evenly over the interval; 0 for the end alone."""
    classes: int = 0
    slow: frozenset[str] = field(default=frozenset())
    """Competitors that are left out, since one step takes minutes."""

    def layers(self) -> Layers:
        """(weight [inputs, outputs], bias) of each layer."""
        rng = np.random.RandomState(0)
        sizes = [self.size + 1, *[self.width] * self.depth, self.size]
        pairs = list(pairwise(sizes))
        return [
            (
                (self.gain * rng.randn(i, o) / np.sqrt(i)).astype(np.float32),
                (0.1 * rng.randn(o)).astype(np.float32),
            )
            for i, o in pairs
        ]

    def head(self) -> np.ndarray:
        """The weight of the head, [size, classes]."""
        rng = np.random.RandomState(1)
        return (rng.randn(self.size, self.classes) / np.sqrt(self.size)).astype(np.float32)

    def inputs(self) -> np.ndarray:
        """Initial states, [batch, size]."""
        if self.classes:
            from sklearn.datasets import load_digits

            return (load_digits().data[: self.batch] / 16).astype(np.float32)
        return np.random.RandomState(2).randn(self.batch, self.size).astype(np.float32)

    def labels(self) -> np.ndarray:
        """Classes, [batch]."""
        from sklearn.datasets import load_digits

        return load_digits().target[: self.batch].astype(np.int32)

    def output_times(self) -> np.ndarray | None:
        """The times at which states are wanted."""
        return np.linspace(0, 1, self.times).astype(np.float32) if self.times else None


_SLOW = frozenset({"jax odeint"})
WORKLOADS = {
    w.name: w
    for w in (
        Workload("a", 10, 1, 20, 1, 1e-6, 3.6),
        Workload("b", 256, 2, 64, 2, 1e-5, 2.0),
        Workload("c", 1024, 64, 512, 2, 1e-3, 3.0, slow=_SLOW),
        Workload("spiral B=1 T=2", 1, 2, 50, 1, 1e-5, 3.0, times=2),
        Workload("spiral B=1 T=100", 1, 2, 50, 1, 1e-5, 3.0, times=100),
        Workload("spiral B=20 T=2", 20, 2, 50, 1, 1e-5, 3.0, times=2),
        Workload("spiral B=20 T=100", 20, 2, 50, 1, 1e-5, 3.0, times=100),
        Workload("spiral B=256 T=2", 256, 2, 50, 1, 1e-5, 3.0, times=2),
        Workload("spiral B=256 T=100", 256, 2, 50, 1, 1e-5, 3.0, times=100),
        Workload("digits", 128, 64, 64, 2, 1e-2, 2.0, classes=10),
    )
}
