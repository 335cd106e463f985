"""Which examples step n sees: a pure function of the run's key and n, with no cursor to save."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from ..epochs import steps_per_epoch
from .order import Order, order_of


class Batches:
    """The batches of a run, made on the host: in the compiled step a shuffle would cost more.

    Args:
        count: training examples.
        batch_size: examples of a batch.
        key: decides the order of every epoch.
        groups: how many examples each group of rows has that is read as one; None without groups.
            A batch then has its examples by groups, so that of its shares each is of a few.
        window: groups that are shuffled with each other.
        places: of a batch, with those that fill it up, S; its size where not given.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        key: PRNGKeyArray,
        groups: np.ndarray | None = None,
        window: int = 1,
        places: int | None = None,
    ) -> None:
        self._count, self._size, self.places = count, batch_size, places or batch_size
        self._groups, self._window = groups, window
        self._seed = [int(word) for word in np.ravel(jax.random.key_data(key))]
        self._epoch = -1
        self._order: Order = _as_they_are

    def of_steps(self, start: int, stop: int, room: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices and weights, [room, S], of the batches of steps `start` to `stop`.

        A partial last batch is filled up with its own examples, of weight 0: a shape of its own
        would cost a trace, and other examples could fail in their stead. Rows beyond are zero.
        """
        indices = np.zeros((room, self.places), np.int32)
        weights = np.zeros((room, self.places), np.float32)
        for row, step in enumerate(range(start, stop)):
            indices[row], weights[row] = self.of_step(step)
        return indices, weights

    def of_step(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices and weights, [S], of the batch of one step."""
        batches = steps_per_epoch(self._count, self._size)
        first = (step % batches) * self._size
        real = min(self._count - first, self._size)
        slots = np.arange(self.places)
        order = self.order(step // batches) if batches > 1 else _as_they_are
        shown = order(first + np.arange(real))
        shown = shown if self._groups is None else np.sort(shown)
        return shown[slots % real], (slots < real).astype(np.float32)

    def order(self, epoch: int) -> Order:
        """The order in which an epoch shows the examples, as a function of its places."""
        if epoch != self._epoch:
            key = (*self._seed, epoch)
            self._epoch = epoch
            self._order = order_of(self._count, key, self._groups, self._window)
        return self._order


def _as_they_are(places: np.ndarray) -> np.ndarray:
    return places
