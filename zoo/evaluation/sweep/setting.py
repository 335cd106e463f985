"""What every sweep needs: one batch, a solver whose numbers are arrays, float64, and a clock."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ...solve import Solver, solvers_of
from ...tasks import task_named
from ...types import AnyArray, Tree
from ..batched import traced_solver

MAX_STEPS = 2048
"""Attempts that a solve of a sweep may take: at a tight tolerance many are no illness."""
REFERENCE = 1e-10
"""The tolerance, in float64, of what is taken for the truth."""

Row: TypeAlias = dict[str, float | int | str | bool | None]
"""One measurement of a sweep by the names of its columns, None where nothing was measured."""


def one_batch(data: Dataset, split: str, limit: int) -> dict[str, AnyArray]:
    """The first examples of a split, at most `limit`: all are solved together, as one batch."""
    return {name: values[:limit] for name, values in data.sampled.split(split).items()}


def solver_of(model: AbstractModel, given: Solver) -> Solver:
    """The solver that `forward` is given: numbers as arrays, and room for many steps.

    Raises `ConfigError` for a model that solves nothing.
    """
    if not solvers_of(model):
        raise ConfigError(
            f"{type(model).__name__} solves no ODE: there is no tolerance, solver or adjoint to "
            "sweep over. Choose a run of an ODE model, such as odenet, or the sweep `compression` "
            "(--kinds), which takes any model."
        )
    return traced_solver(model, Solver(max_steps=given.max_steps or MAX_STEPS).over(given))  # type: ignore[return-value]


@contextmanager
def precision(dtype: str) -> Iterator[Callable[[Tree], Tree]]:
    """Within it JAX has the 64 bits that `float64` needs; gives what casts a pytree's floats."""

    def cast(tree: Tree) -> Tree:
        return jax.tree.map(lambda x: jnp.asarray(x, dtype) if eqx.is_inexact_array(x) else x, tree)

    with jax.enable_x64(dtype == "float64"):
        yield cast


def seconds(function: Callable[[], Tree], rounds: int = 3) -> tuple[float, Tree]:
    """The median time of a compiled call, and what it returns."""
    result = jax.block_until_ready(function())
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        jax.block_until_ready(function())
        times.append(time.perf_counter() - began)
    return statistics.median(times), result


def measured(told: dict[str, Any]) -> Row:
    """What a row takes of `zoo.evaluate`: cost, loss, the task's metric and what it is beside."""
    task = task_named(told["task"])
    names = ("nfe", "loss", task.metric, task.baseline, "reconstruction_error")
    found = {name: as_number(told.get(name)) for name in names if name is not None}
    known = {name: value for name, value in found.items() if value is not None}
    return {**known, "failed": told["failed"]}


def as_number(value: Any) -> float | None:
    """A metric; one that has a value for each class or target as the mean of those that are known.

    None where nothing is.
    """
    known = [v for v in value.values() if v is not None] if isinstance(value, dict) else value
    return float(np.mean(known)) if np.size(known) and known is not None else None


def finite_or_none(value: float | np.floating | AnyArray) -> float | None:
    """A number as JSON holds it."""
    number = float(value)
    return number if np.isfinite(number) else None
