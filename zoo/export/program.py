"""A model and what is around it, lowered to one StableHLO program for any number of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import equinox as eqx
import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax.export import Exported
from jaxtyping import Array, PyTree

from ..datasets import Preparation
from ..errors import ConfigError, ZooError
from ..models.base import AbstractModel
from ..objectives.parameters import float_type
from ..precision import default_float
from ..solve import Solver
from ..tasks import Task
from .blocks import Rows, Weights, in_blocks
from .inputs import ProgramInputs
from .units import Units, marked

Platform: TypeAlias = Literal["cpu", "cuda", "rocm", "tpu"]
BATCH = "b"
"""What the number of rows is called."""
Results: TypeAlias = tuple[PyTree[Array], Array, Array]
"""Outputs, outcomes and evaluations of rows."""


@dataclass(frozen=True)
class Lowered:
    """A program of raw arrays [b, ...], where steps adapt of rtol and atol too."""

    exported: Exported
    prediction: tuple[int, ...]
    """The shape of the prediction for one example."""


def lower(
    model: AbstractModel,
    inputs: ProgramInputs,
    task: Task,
    learned: Preparation,
    tolerant: bool,
    platforms: Sequence[Platform],
) -> Lowered:
    """The program of a model, in JAX's precision as it is now; its arguments are in 64 bits.

    Args:
        model: whose `forward` is lowered.
        inputs: the raw arrays that it takes.
        task: by which its outputs return to the user's units.
        learned: what was learned of the training rows.
        tolerant: whether rtol and atol of the model's solves are arguments.
        platforms: that it is lowered for.

    Raises `ConfigError` for a model that cannot be lowered, with what JAX says.
    """
    (size,) = jax.export.symbolic_shape(BATCH)
    raw = {n: jax.ShapeDtypeStruct((size, *x.shape), x.dtype) for n, x in inputs.arrays.items()}
    dtype = np.dtype(float_type(model) or default_float())
    scalars = 2 if tolerant else 0
    numbers = [jax.ShapeDtypeStruct((), np.dtype(np.float64))] * scalars
    with jax.enable_x64(True):
        prepared = jax.eval_shape(inputs.prepare, raw)
    prepared = {n: jax.ShapeDtypeStruct(x.shape, _narrow(x, dtype)) for n, x in prepared.items()}
    narrow = [jax.ShapeDtypeStruct((), dtype)] * scalars
    core = _exported(_forward(model), model, platforms, prepared, narrow)
    shape = _shape_of_one(core, model)
    units = Units.of(task, shape, tuple(prepared["x"].shape[1:]), learned)

    def program(*arguments: Array) -> tuple[Array, Array, Array]:
        named = dict(zip(raw, arguments[: len(raw)], strict=True))
        given = {n: x.astype(prepared[n].dtype) for n, x in inputs.prepare(named).items()}
        accuracy = [x.astype(dtype) for x in arguments[len(raw) :]]
        outputs, outcome, evaluations = core.call(given, accuracy)
        valid = jnp.ones(outcome.shape, bool) if inputs.valid is None else inputs.valid(named)
        return *marked(units.apply(outputs), outcome, valid), evaluations

    with jax.enable_x64(True):
        whole = _exported(program, model, platforms, *raw.values(), *numbers)
    return Lowered(whole, shape)


def _forward(model: AbstractModel) -> Callable[[Rows, list[Array]], Results]:
    """Outputs, outcomes and evaluations of prepared arrays [B, ...]; what follows them is nothing,
    or rtol and atol."""
    weights, rest = eqx.partition(model, eqx.is_array)

    def of_block(weights: Weights, rows: Rows, numbers: list[Array]) -> Results:
        whole = eqx.combine(weights, rest)
        solver = Solver(rtol=numbers[0], atol=numbers[1]) if numbers else None
        ys, stats = whole.forward(whole.inputs(rows), solver=solver)
        return ys, jnp.asarray(stats.result), jnp.asarray(stats.nfe)

    return partial(in_blocks(of_block), weights)


def _exported(
    function: Callable[..., object],
    model: AbstractModel,
    platforms: Sequence[Platform],
    *shapes: object,
) -> Exported:
    """A function lowered for shapes. Raises `ConfigError` with JAX's words where it cannot be.

    Products keep the digits of their factors on every platform: by JAX's default a GPU rounds them,
    which moved a log density by 3 %.
    """
    try:
        with jax.default_matmul_precision("highest"):
            return jax.export.export(jax.jit(function), platforms=platforms)(*shapes)
    except ZooError:
        raise
    except Exception as error:  # of a model of the user's own it may be any
        words = str(error).strip().split("\n")[0][:300].rstrip(".") or type(error).__name__
        raise ConfigError(
            f"{type(model).__name__} cannot be lowered for {', '.join(platforms)}: {words}. "
            "Expected a model of operations that JAX has for these platforms, without callbacks to "
            "Python, which Diffrax's implicit methods make. Way out: an explicit --solver.method, "
            "fewer --platforms, or zoo predict."
        ) from error


def _shape_of_one(core: Exported, model: AbstractModel) -> tuple[int, ...]:
    """The shape of an output, without the batch axis. Raises `ConfigError` for several arrays."""
    if len(core.out_avals) != 3:
        raise ConfigError(
            f"{type(model).__name__} returns {len(core.out_avals) - 2} arrays for an example: "
            "expected one, which an exported program returns as the prediction."
        )
    return tuple(map(int, core.out_avals[0].shape[1:]))


def _narrow(x: jax.ShapeDtypeStruct, dtype: np.dtype) -> np.dtype:
    """The type in which a model takes a prepared array."""
    return dtype if jnp.issubdtype(x.dtype, jnp.floating) else np.dtype(x.dtype)
