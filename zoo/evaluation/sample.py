"""Draws from what a model says could be observed."""

from collections.abc import Iterator, Mapping, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray, PyTree

from ..datasets import Dataset
from ..datasets.base import Arrays
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..objectives.parameters import check_parameters, float_type
from ..placement import Devices, on_host, spread, whole_shares
from ..precision import cast_floats
from ..solve import Solver
from ..solve.on_devices import on_devices
from ..types import AnyArray, Batch, Keys, Stats
from .batched import join_parts, join_stats, traced_solver
from .predict import named_arrays, warn_of_failures


def sample(
    model: AbstractModel,
    xs: Dataset | AnyArray | Sequence[object] | Mapping[str, AnyArray] | None,
    n: int,
    *,
    key: PRNGKeyArray,
    data: Dataset | None = None,
    split: str = "test",
    solver: Solver | None = None,
    batch_size: int = 128,
    devices: Devices = None,
) -> np.ndarray:
    """`n` draws for each of N examples, [n, N, ...], of what the model says could be observed.

    Of a model of series each draw is a whole path with the noise of observations, [n, N, T, D],
    given what the series shows. Of a model that draws without inputs, `xs` is None and the draws
    are [n, ...]. They are in the user's units where `data` is given. Draw i of an example follows
    from `key`, the example's place and i, whatever the batch size and n. A failed solve gives NaN
    and a warning.

        paths = zoo.sample(model, data, 20, key=jax.random.key(0))    # of the test split
        paths = zoo.sample(model, {"t": t, "x": x}, 20, key=key, data=data)

    Args:
        model: one with a distribution, see `zoo.AbstractModel.sample`.
        xs: inputs as `zoo.predict` takes them, raw where `data` is given; a data set, for those of
            its split in its units; or None.
        n: how many draws of each example.
        key: what is drawn from.
        data: what the model was trained on.
        split: which split of a data set.
        solver: laid over the model's own.
        batch_size: draws of one compiled call, at most; with devices, the next number that they
            divide.
        devices: which share each batch, see `zoo.fit`.

    Raises `ConfigError` for a model without a distribution and for n below 1, and `predict`'s
    errors.
    """
    if n < 1:
        raise ConfigError(f"n = {n}: expected 1 draw or more of each example.")
    check_parameters(model)
    model = on_devices(model, devices, solver)
    arrays, data = _standardised(xs, data, split)
    traced = traced_solver(model, solver)
    drawn, stats = draw_many(model, arrays, n, key=key, solver=traced, batch_size=batch_size)
    warn_of_failures(stats)
    return drawn if data is None else data.preprocessing.raw(drawn)


def draw_many(
    model: AbstractModel,
    arrays: Arrays | None,
    n: int,
    *,
    key: PRNGKeyArray,
    solver: Solver | None,
    batch_size: int,
) -> tuple[np.ndarray, Stats]:
    """`n` draws for each of N examples, [n, N, ...], or [n, ...] without, and what each cost.

    They are in the model's units, `arrays` too; the draws of `Stats` are ordered by example.
    `solver` is what `traced_solver` gives.
    """
    count = 1 if arrays is None else len(arrays["x"])
    cast = None if arrays is None else cast_floats(dict(arrays), float_type(model))
    parts, reals = [], []
    for rows, draws, real in _places(count, n, batch_size, model):
        batch = None if cast is None else {name: each[rows] for name, each in cast.items()}
        keys = _keys(key, rows, draws)
        parts.append(spread(_draw, (1, 2), model, batch, keys, solver))
        reals.append(real)
    parts = on_host(parts)
    drawn = np.asarray(join_parts([each for each, _ in parts], reals))
    stats = join_stats([stats for _, stats in parts], reals)
    drawn = drawn.reshape(count, n, *drawn.shape[1:]).swapaxes(0, 1)
    return (drawn[:, 0] if arrays is None else drawn), stats


def _standardised(
    xs: Dataset | AnyArray | Sequence[object] | Mapping[str, AnyArray] | None,
    data: Dataset | None,
    split: str,
) -> tuple[Arrays | None, Dataset | None]:
    """The inputs as the model takes them, None for none, and the data whose units they have."""
    if xs is None:
        return None, data
    if isinstance(xs, Dataset):
        return xs.split(split), xs if data is None else data
    arrays = named_arrays(xs)
    return (arrays if data is None else data.preprocessing.prepared(arrays)), data


def _places(
    count: int, n: int, batch_size: int, model: AbstractModel
) -> Iterator[tuple[Int[np.ndarray, " B"], Int[np.ndarray, " B"], int]]:
    """The example and the number of each draw, in batches of one shape, and how many are real."""
    total = count * n
    size = whole_shares(min(batch_size, total), model)
    for start in range(0, max(total, 1), max(size, 1)):
        places = (start + np.arange(size)) % max(total, 1)
        yield places // n, places % n, min(size, total - start)


def keys_without_inputs(key: PRNGKeyArray, n: int) -> Keys:
    """The keys of the `n` draws that `sample` makes without inputs, [n]."""
    return _keys(key, np.zeros(n, int), np.arange(n))


@jax.jit
def _keys(key: PRNGKeyArray, rows: AnyArray, draws: AnyArray) -> Keys:
    """A key for each draw, from its example's place and its number."""

    def one(row: Array, draw: Array) -> Array:
        return jax.random.fold_in(jax.random.fold_in(key, row), draw)

    return jax.vmap(one)(jnp.asarray(rows), jnp.asarray(draws))


@eqx.filter_jit
def _draw(
    model: AbstractModel, batch: Batch | None, keys: Keys, solver: Solver | None
) -> tuple[PyTree[Array], Stats]:
    xs = None if batch is None else model.inputs(batch)
    args = None if batch is None else batch.get("args")
    return model.sample(xs, key=keys, args=args, solver=solver)
