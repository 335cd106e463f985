"""How many examples a batch has, and how many batches show all of them."""

from ..errors import ConfigError


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Batches that show every example once; the last may be partial."""
    return -(-count // batch_size)


def check_batch_size(count: int, batch_size: int | None) -> int:
    """The batch size, min(128, N) where not given.

    Raises `ConfigError` for one that is below 1 or above the number of training examples.
    """
    if batch_size is None:
        return min(128, count)
    if not 1 <= batch_size <= count:
        raise ConfigError(
            f"batch_size = {batch_size}: expected 1 to {count}, the number of training examples."
        )
    return batch_size
