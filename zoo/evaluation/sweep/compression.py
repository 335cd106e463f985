"""Accuracy against the weights that are read: by tolerance, by pruning and by quantisation."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from ...datasets import Dataset
from ...errors import ZooWarning
from ...models import prune, quantise
from ...models.base import AbstractModel
from ...models.matrices import matrices_of
from ...solve import Solver, solvers_of
from ..evaluate import evaluate
from .compute import TOLERANCES
from .setting import MAX_STEPS, Row, measured
from .weight_bytes import Storage, bytes_read, dense, quantised, sparse, weight_bytes

SPARSITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
BITS = (8, 6, 5, 4, 3, 2)


def compression_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "test",
    tolerances: Sequence[float] = TOLERANCES,
    sparsities: Sequence[float] = SPARSITIES,
    bits: Sequence[int] = BITS,
) -> Iterator[Row]:
    """A row for the model as it is, and one for each way to make it cheaper after training.

    `by` is `original`, `tolerance` (of `rtol` = `atol`), `pruning` (`zoo.prune` to a `sparsity`) or
    `quantisation` (`zoo.quantise` to so many `bits`), the latter two at the model's own tolerance.
    Weights are never trained again. Any model is taken; one without a solver that adapts its steps
    has no rows of `tolerance`.

    Of a row: the task's metric beside its baseline, `loss`, `nfe`, `failed`, an ODE model's
    `reconstruction_error`, and two costs. `weight_bytes` is the size of all weights: a pruned
    matrix as the entries that are not zero and a bit for each place, a quantised one as its
    integers and a step for each output channel, the rest as it is. `bytes_read` is what the
    evaluations of one example read of them, each weight once an evaluation; it is left out where
    the model does not say what is evaluated how often (`AbstractModel.repeated_parts`).

    The weights and tolerances are arguments of one compiled evaluation, which is made once for all
    rows of a model with one solver, and once for the tolerances and once for the rest of others.

    Raises `ConfigError` for a model without matrices, and as `zoo.prune` and `zoo.quantise` do.
    """
    matrices_of(model)
    solvers = solvers_of(model)
    own = Solver(max_steps=MAX_STEPS) if solvers else None

    def row(changed: AbstractModel, storage: Storage, solver: Solver | None) -> Row:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Solved forwards and back", ZooWarning)
            told = evaluate(
                changed, data, split=split, task=task, solver=solver, other_grids=False, draws=False
            )
        return _row(changed, storage, told)

    yield Row(by="original") | row(model, dense, own)
    if any(not solver.is_constant for solver in solvers):
        for rtol in tolerances:
            given = Solver(rtol=rtol, max_steps=MAX_STEPS)
            yield Row(by="tolerance", rtol=rtol) | row(model, dense, given)
    for sparsity in sparsities:
        pruned = prune(model, sparsity)
        yield Row(by="pruning", sparsity=sparsity) | row(pruned, sparse, own)
    for count in bits:
        rounded = quantise(model, count)
        yield Row(by="quantisation", bits=count) | row(rounded, quantised(count), own)


def _row(model: AbstractModel, storage: Storage, told: dict[str, Any]) -> Row:
    blocks = told.get("nfe_by_block", {"0": told["nfe"]})
    nfe = [each for each in blocks.values() if each is not None]
    row = measured(told) | {"weight_bytes": weight_bytes(model, storage)}
    read = bytes_read(model, storage, nfe) if len(nfe) == len(blocks) else None
    return row if read is None else row | {"bytes_read": read}
