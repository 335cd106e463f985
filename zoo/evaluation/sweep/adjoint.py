"""How right a gradient is, what it keeps in memory and how long it takes, by adjoint."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ...datasets import Dataset
from ...models import choose_task
from ...models.base import AbstractModel
from ...objectives.losses import weighted_mean
from ...objectives.parameters import trainable
from ...objectives.updates import AbstractUpdate, as_update
from ...solve import Solver
from ...solve.adjoints import ADJOINTS
from ...solve.of_model import laid_solvers
from .setting import REFERENCE, Row, finite_or_none, one_batch, precision, seconds, solver_of


def adjoint_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "train",
    adjoints: Sequence[str] | None = None,
    batching: str = "joint",
    limit: int = 64,
) -> Iterator[Row]:
    """A row for each adjoint, at the model's own tolerance: the gradient of the mean loss.

    `rtol` is None where the model's solvers differ in it; `gradient_error` is |g - g*| / |g*| over
    all trained arrays, where g* is the gradient at 1e-10 in float64 by `replay`; `bytes` what the
    compiled program needs beside its inputs and outputs; `seconds` of a compiled gradient of a
    batch of at most `limit` examples.
    """
    task = choose_task(type(model).__name__, model.objectives, data, task)
    update = as_update(model.objectives[task])
    batch = one_batch(data, split, limit)
    with precision("float64") as cast:
        exact = Solver(rtol=REFERENCE, adjoint="replay", batching=batching)  # type: ignore[arg-type]
        program = _Program(cast(model), update, cast(batch), solver_of(model, exact))
        truth = _flat(program())
    for adjoint in adjoints or tuple(ADJOINTS):
        given = Solver(adjoint=adjoint, batching=batching)  # type: ignore[arg-type]
        solver = solver_of(model, given)
        common = Solver.common(laid_solvers(model, solver))
        program = _Program(model, update, batch, solver)
        time, gradient = seconds(program)
        got = _flat(gradient)
        yield {
            "adjoint": adjoint,
            "batching": batching,
            "rtol": None if common.rtol is None else finite_or_none(common.rtol),
            "gradient_error": finite_or_none(np.linalg.norm(got - truth) / np.linalg.norm(truth)),
            "bytes": program.bytes,
            "seconds": time,
        }


@eqx.filter_jit
def _gradient(
    model: AbstractModel, update: AbstractUpdate, batch: Mapping[str, Array], solver: Solver
) -> PyTree:
    params, static = eqx.partition(model, trainable(model))

    def loss(params: PyTree) -> Array:
        whole = eqx.combine(params, static)
        step = jnp.zeros((), jnp.int32)
        values, _ = update.loss(whole, batch, key=None, step=step, solver=solver)
        return weighted_mean(values, jnp.ones_like(values))

    return jax.grad(loss)(params)


def _flat(gradient: PyTree) -> np.ndarray:
    leaves = [np.asarray(g, np.float64).ravel() for g in jax.tree.leaves(gradient)]
    return np.concatenate(leaves)


class _Program:
    """A gradient, compiled once for its value, its time and its memory."""

    def __init__(self, *inputs: Any) -> None:
        self._inputs = inputs
        self._compiled = _gradient.lower(*inputs).compile()  # type: ignore[attr-defined]

    @property
    def bytes(self) -> int:
        """What it needs beside its inputs and outputs."""
        return int(self._compiled.compiled.memory_analysis().temp_size_in_bytes)

    def __call__(self) -> PyTree:
        """The gradient."""
        return self._compiled(*self._inputs)
