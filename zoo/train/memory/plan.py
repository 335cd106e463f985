"""What a run will take of the device's memory, told before anything of it runs or is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import PyTree

from ...errors import ConfigError
from ...models.memory import bytes_of, memory_of_device
from ...objectives.parameters import float_type, trainable
from ...solve import Solver
from ...solve.adjoints import ADJOINTS
from ...solve.of_model import laid_solvers
from ...solve.on_devices import check_on_devices
from ..checks import Checked
from ..chunk import CHUNK, run_chunk
from ..feed.choice import fed_shapes
from ..state import TrainState, has_shape, initial_state
from .record import step_record


@dataclass(frozen=True)
class StepMemory:
    """What XLA's own analysis says of a compiled training step, in bytes."""

    adjoint: str | None
    """How it takes the gradient of its solves; None of a model that holds no solver."""
    temporary: int
    """Beside what goes in and comes out: `record`, `gradient` and `rest`."""
    arguments: int
    """What goes in: the state of training and the data."""
    outputs: int
    """What comes out and takes no place of what went in: the new state."""
    record: int | None = None
    """Of what is temporary: what solves keep for the backward pass, see
    `zoo.solve.kept`. None where that is not told apart."""
    gradient: int | None = None
    """Of what is temporary: the gradient of the trained arrays."""

    @property
    def rest(self) -> int:
        """Of what is temporary all else: stages, activations and scratch.

        The three are one number, since XLA lays each where another one was that is done with. An
        adjoint of Diffrax has there a gradient of the trained arrays for each example too.
        """
        return self.temporary - (self.record or 0) - (self.gradient or 0)

    @property
    def total(self) -> int:
        """The most that is held at once."""
        return self.temporary + self.arguments + self.outputs


@dataclass(frozen=True)
class MemoryPlan:
    """What a run keeps on the device, in bytes, and what each adjoint takes beside it."""

    parameters: int
    optimiser: int
    """What the optimiser remembers."""
    copies: int
    """A moving average and the best weights, where these are kept."""
    data: int
    """The training split, or of rows on disk those of a chunk of steps."""
    batch_size: int
    devices: int
    """How many share a batch; the figures are of one of them."""
    steps: tuple[StepMemory, ...]
    """Of each adjoint that the model's solvers can use, the run's own first; of that alone where a
    step of training goes through no solve."""
    left_out: Mapping[str, str]
    """The adjoints that they cannot use, and why."""
    available: int | None
    """Bytes that there are; None where that is not known."""

    @property
    def own(self) -> StepMemory:
        """Of the adjoint that the run asks for."""
        return self.steps[0]

    @property
    def fits(self) -> bool | None:
        """Whether the run fits into what there is; None where that is not known."""
        return None if self.available is None else self.own.total <= self.available


def plan_memory(
    checked: Checked, *, adjoints: Sequence[str] | None = None, available: int | None = None
) -> MemoryPlan:
    """The plan of a run that was checked: its step is compiled for each adjoint, and none is run.

    Args:
        checked: what `zoo.train.check_fit` returns.
        adjoints: that are compared with the run's own; all where not given.
        available: bytes to plan for; the device's memory where not given.

    Raises `ConfigError` for an adjoint that there is not.
    """
    unknown = set(adjoints or ()) - set(ADJOINTS)
    if unknown:
        raise ConfigError(f"adjoints = {sorted(unknown)}: expected some of {', '.join(ADJOINTS)}.")
    state = _state_of(checked)
    data = _data_of(checked)
    own, wanted = _own_adjoint(checked), list(ADJOINTS if adjoints is None else adjoints)
    names = [own, *(name for name in wanted if name != own)] if own is not None else [None]
    steps, left_out = [], {}
    for name in names:
        try:
            steps.append(_step_memory(checked, state, data, name))
        except (ConfigError, NotImplementedError) as error:
            left_out[str(name)] = str(error).split(":")[0]
        if steps and steps[0].record == 0:
            break  # no step of training goes through a solve: by every adjoint it is the same
    copies = [each for each in (state.ema, state.best) if each is not None]
    parts = checked.plan.parts
    devices = 1 if parts is None else parts.devices
    return MemoryPlan(
        parameters=bytes_of(eqx.filter(checked.model, trainable(checked.model))),
        optimiser=bytes_of(state.optimiser),
        copies=sum(map(bytes_of, copies)),
        data=bytes_of(data) // (devices if parts is not None and parts.own_rows else 1),
        batch_size=checked.options.batch_size,
        devices=devices,
        steps=tuple(steps),
        left_out=left_out,
        available=memory_of_device() if available is None else available,
    )


def smaller(checked: Checked, batch_size: int) -> Checked:
    """The same run in batches of another size."""
    plan = checked.plan
    if plan.parts is not None:
        plan = replace(plan, parts=replace(plan.parts, batch_size=batch_size))
    return replace(checked, plan=plan, options=replace(checked.options, batch_size=batch_size))


def _state_of(checked: Checked) -> TrainState:
    """The state of training, as types alone where it would be made anew."""
    plan = checked.plan

    def begin(model: PyTree) -> PyTree:
        keep_best = checked.options.keeps_best
        averaged = plan.ema is not None
        return initial_state(model, plan.update, plan.optimiser, ema=averaged, keep_best=keep_best)

    made: TrainState = eqx.filter_eval_shape(begin, checked.model)
    return made


def _data_of(checked: Checked) -> dict[str, jax.ShapeDtypeStruct]:
    plan, dtype = checked.plan, float_type(checked.model)
    size = checked.options.batch_size
    return fed_shapes(checked.data.train, size, dtype, plan.arrival, plan.parts)


def _own_adjoint(checked: Checked) -> str | None:
    """The adjoint of the model's first solve under what the run lays over it."""
    laid = laid_solvers(checked.model, checked.solver)
    return str(laid[0].resolve().adjoint) if laid else None


def _step_memory(
    checked: Checked,
    state: TrainState,
    data: Mapping[str, jax.ShapeDtypeStruct],
    adjoint: str | None,
) -> StepMemory:
    """Of the training step of a run with an adjoint for all its solves."""
    solver, plan = checked.solver, checked.plan
    if adjoint is not None:
        given = Solver(adjoint=adjoint)  # type: ignore[arg-type]
        solver = given if solver is None else given.over(solver)
        laid = laid_solvers(checked.model, solver)
        for each in laid:
            each.resolve()
        check_on_devices(laid, plan.mesh, gradients=True)
    step = StepMemory(adjoint, *_sizes(checked, state, data, solver))
    at_once = checked.options.batch_size if plan.parts is None else plan.parts.each
    record = step_record(plan, state, data, at_once, solver)
    gradient = bytes_of(eqx.filter(checked.model, trainable(checked.model)))
    apart = replace(step, record=record, gradient=gradient)
    # What XLA found a way not to hold is not told apart.
    return apart if apart.rest >= 0 else replace(step, record=0 if record == 0 else None)


def _sizes(
    checked: Checked,
    state: TrainState,
    data: Mapping[str, jax.ShapeDtypeStruct],
    solver: Solver | None,
) -> tuple[int, int, int]:
    """XLA's own figures of the step, compiled: temporary, of arguments, of outputs."""
    rows = (CHUNK, checked.plan.places(checked.options.batch_size))
    shapes = {
        "length": jax.ShapeDtypeStruct((), np.int32),
        "indices": jax.ShapeDtypeStruct(rows, np.int32),
        "weights": jax.ShapeDtypeStruct(rows, np.float32),
        "key": jax.eval_shape(lambda: jax.random.key(0)),
    }
    dynamic, static = eqx.partition((state, checked.plan, solver), has_shape)

    def steps(dynamic: PyTree, data: Any, given: Mapping[str, Any]) -> PyTree:
        state, plan, solver = eqx.combine(dynamic, static)
        rows = given["indices"], given["weights"]
        returned = run_chunk(state, given["length"], plan, data, *rows, solver, given["key"])
        return eqx.filter(returned, eqx.is_array)

    compiled = jax.jit(steps).lower(dynamic, dict(data), shapes).compile()
    told: Any = compiled.memory_analysis()
    outputs = told.output_size_in_bytes - told.alias_size_in_bytes
    return int(told.temp_size_in_bytes), int(told.argument_size_in_bytes), int(outputs)
