"""A model on many examples: batches of one shape, one trace, results joined on the host.

A model that is replicated over several devices is evaluated by all of them (`zoo.placement`).
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from ..datasets.base import Arrays
from ..datasets.kept_split import KeptSplit, count_of, rows_of
from ..datasets.stream.split import StreamedSplit
from ..models.base import AbstractModel
from ..objectives.parameters import float_type
from ..objectives.updates import AbstractUpdate
from ..placement import mesh_of, on_host, own_places, spread, whole_shares
from ..precision import cast_floats
from ..solve import Solver, solvers_of
from ..types import AnyArray, Args, Aux, Batch, Keys, State, Stats, Tree

_Column = Float[AnyArray, " N"]


def traced_solver(model: AbstractModel, solver: Solver | None) -> Solver | None:
    """What `model.forward` is to be given as `solver`, its numbers arrays.

    Of a model with one solver that one, all of it, so that it is compiled once for any of its
    numbers. Of a model with several what was given alone, which `forward` lays over each of them;
    of one that holds none too, and None where nothing was given.
    """
    own = solvers_of(model)
    if len(own) == 1:
        return (own[0] if solver is None else solver.over(own[0])).traced()
    if solver is None:
        return Solver() if own else None
    return solver.traced_as_given()


def evaluate_arrays(
    model: AbstractModel,
    update: AbstractUpdate,
    arrays: Arrays,
    solver: Solver | None,
    batch_size: int | None = None,
    key: PRNGKeyArray | None = None,
) -> tuple[np.ndarray, Aux]:
    """The loss of every example and all of `Aux`, on the host; one trace whatever the split.

    What an example draws follows from `key`, key(0) where not given, and from its place in the
    split, whatever the batch size.
    """
    parts, reals = [], []
    dtype = float_type(model)
    key = jax.random.key(0) if key is None else key
    count = count_of(arrays)
    size = whole_shares(batch_size or min(128, count), model)
    for places, (batch, real) in zip(
        places_of(count, size), batches_of(arrays, size, dtype, mesh_of(model)), strict=True
    ):
        keys = example_keys(key, places.astype(np.uint32))
        parts.append(spread(evaluate_batch, (2, 3), model, update, batch, keys, solver))
        reals.append(real)
    parts = on_host(parts)
    stats = join_stats([aux.stats for _, aux in parts], reals)
    rest = [(values, aux.metrics, aux.prediction, aux.counts) for values, aux in parts]
    values, metrics, prediction, counts = join_parts(rest, reals)
    return np.asarray(values), Aux(stats, metrics, prediction, counts)


@jax.jit
def example_keys(key: PRNGKeyArray, places: AnyArray) -> Keys:
    """A key for each example, [B], from its place in the data."""
    return jax.vmap(lambda place: jax.random.fold_in(key, place))(places)


@eqx.filter_jit
def evaluate_batch(
    model: AbstractModel,
    update: AbstractUpdate,
    batch: Batch,
    keys: Keys,
    solver: Solver | None,
) -> tuple[Array, Aux]:
    """`update.evaluation` of a batch, compiled; `keys` are those of its examples, [B]."""
    step = jnp.zeros((), jnp.int32)
    return update.evaluation(model, batch, key=keys, step=step, solver=solver)


def forward_arrays(
    model: AbstractModel, arrays: Arrays, solver: Solver | None, batch_size: int
) -> tuple[PyTree[np.ndarray], Stats]:
    """The outputs for named arrays [N, ...] and what they cost, on the host; one trace for any N.

    `args` among them are not passed on.
    """
    size = whole_shares(min(batch_size, max(count_of(arrays), 1)), model)

    def outputs_of(batch: Batch) -> tuple[State, Stats]:
        return spread(forward_batch, (1,), model, model.inputs(batch), None, solver)

    parts, reals = over_batches(outputs_of, model, arrays, size)
    outputs = join_parts([ys for ys, _ in parts], reals)
    return outputs, join_stats([stats for _, stats in parts], reals)


@eqx.filter_jit
def forward_batch(
    model: AbstractModel, xs: PyTree[AnyArray], args: Args, solver: Solver | None
) -> tuple[State, Stats]:
    """`model.forward`, compiled."""
    return model.forward(xs, args=args, solver=solver)


def over_batches(
    call: Callable[[Batch], Tree], model: AbstractModel, arrays: Arrays, size: int
) -> tuple[list[Tree], list[int]]:
    """What `call` returns for each batch of a split, on the host, and how many examples are real.

    `call` returns what `spread` does, on whose devices the model is; see `join_parts`.
    """
    parts, reals = [], []
    for batch, real in batches_of(arrays, size, float_type(model), mesh_of(model)):
        parts.append(call(batch))
        reals.append(real)
    return on_host(parts), reals


def batches_of(
    arrays: Arrays, size: int, dtype: np.dtype | None = None, mesh: Mesh | None = None
) -> Iterator[tuple[dict[str, Any], int]]:
    """Batches of one shape, and how many of their examples are real.

    The last is filled up with its own first examples. Floats are brought to a type; None leaves
    them as they are. Rows on disk are read a batch at a time, while the device works on the batch
    before; of several processes each reads those that its devices of a mesh take, and has zeros
    for the others.
    """
    count = count_of(arrays)
    if not isinstance(arrays, KeptSplit):
        arrays = cast_floats(dict(arrays), dtype)
    for places in places_of(count, size):
        real = min(size, count - int(places[0]))
        rows = _own_rows(arrays, places, mesh) if count else dict(arrays)
        yield cast_floats(rows, dtype), real


def _own_rows(arrays: Arrays, places: np.ndarray, mesh: Mesh | None) -> dict[str, np.ndarray]:
    """The rows at `places`, zeros for those on disk that devices of other processes take."""
    own = own_places(len(places), mesh)
    if len(own) == len(places) or not isinstance(arrays, StreamedSplit):
        return rows_of(arrays, places)
    read = rows_of(arrays, places[own])
    rows = {name: np.zeros((len(places), *x.shape[1:]), x.dtype) for name, x in read.items()}
    for name, values in read.items():
        rows[name][own] = values
    return rows


def in_type_of(model: AbstractModel, arrays: Arrays) -> Arrays:
    """A split with floats of a model's type; rows on disk are brought to it when they are read."""
    if isinstance(arrays, StreamedSplit):
        return arrays
    return cast_floats(dict(arrays), float_type(model))


def places_of(count: int, size: int) -> Iterator[np.ndarray]:
    """The examples of each batch, [size], of `count` in their order."""
    for start in range(0, max(count, 1), size):
        yield start + np.arange(size) % max(min(size, count - start), 1)


def join_parts(parts: list[Tree], reals: list[int]) -> Tree:
    """The real examples of all batches, on the host."""

    def cut(tree: Tree, real: int) -> Tree:
        return jax.tree.map(lambda x: np.asarray(x)[:real], tree)

    trees = [cut(tree, real) for tree, real in zip(parts, reals, strict=True)]
    return jax.tree.map(lambda *xs: np.concatenate(xs), *trees)


def join_stats(parts: list[Stats], reals: list[int]) -> Stats:
    """The stats of the real examples of all batches; `calls` and `work` add up, also those of
    several devices."""

    def where(stats: Stats) -> tuple[Any, Any]:
        return (stats.calls, stats.work)

    counts = [sum(int(np.sum(x)) for x in each) for each in zip(*map(where, parts), strict=True)]
    joined = join_parts([eqx.tree_at(where, stats, (None, None)) for stats in parts], reals)
    return eqx.tree_at(where, joined, tuple(map(np.asarray, counts)), is_leaf=lambda x: x is None)


def mean_of(values: _Column, counts: _Column | None, ok: np.ndarray) -> float:
    """A metric over the examples that are `ok`: their mean, or with `Aux.counts` the sum of the
    values over that of the counts; NaN where there is none."""
    values = np.asarray(values)[ok]
    total = len(values) if counts is None else float(np.sum(np.asarray(counts)[ok]))
    if not total:
        return math.nan
    return float(values.mean() if counts is None else values.sum() / total)


def mean_nfe(nfe: Int[AnyArray, " N"]) -> float | None:
    """The mean evaluations of an example; None where there are no examples, or one is unknown."""
    nfe = np.asarray(nfe)
    return float(nfe.mean()) if len(nfe) and nfe.min() >= 0 else None
