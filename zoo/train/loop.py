"""The one training loop: chunks of compiled steps, with evaluation and patience between them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from ..batched import evaluate_arrays
from ..datasets import Dataset
from ..datasets.base import Arrays
from ..errors import TrainingDivergedError
from ..parameters import float_type
from ..precision import cast_floats
from ..solve import Outcome, Solver
from ..updates import StepReport
from .batches import Batches
from .chunk import CHUNK, Plan, run_chunk
from .state import TrainState
from .watch import Effort, SilentLeaves

# A chunk is at most this long, so that an interrupt is answered and a progress bar moves.
_SECONDS = 0.5


@dataclass(frozen=True)
class Chunk:
    """What the loop yields: the state after some steps, what each was, and an evaluation's row."""

    state: TrainState
    steps: np.ndarray
    report: StepReport
    """Leaves [steps]."""
    val: dict[str, float] | None
    seconds: float


@dataclass(frozen=True)
class LoopOptions:
    """How long, in what batches, and how often it is evaluated."""

    steps: int
    batch_size: int
    eval_every: int
    patience: int | None = None
    """Evaluations in a row without a new best after which training ends."""


def iterate(
    state: TrainState,
    plan: Plan,
    data: Dataset,
    options: LoopOptions,
    *,
    solver: Solver | None,
    key: PRNGKeyArray,
) -> Iterator[Chunk]:
    """Train from `state` up to step number `options.steps`, a chunk at a time.

    A chunk ends where an evaluation on the validation split is due, every `eval_every` steps and
    at the end; how long it is otherwise depends on the machine and changes no bit of the result.
    That patience is exhausted follows from the state, so that a run which is resumed ends where
    it would have.

    Raises `TrainingDivergedError` after `plan.max_bad_steps` steps in a row that could not be
    taken; the last chunk, with the last good weights, was yielded before.
    """
    steps, batch_size = options.steps, options.batch_size
    arrays = cast_floats(dict(data.train), float_type(state.model))
    train = {name: jnp.asarray(values) for name, values in arrays.items()}
    order_key, step_key = jax.random.split(key)
    batches = Batches(len(data.train["x"]), batch_size, order_key)
    silent, effort = SilentLeaves(state.model, int(state.step)), Effort()
    length, first = 1, True
    while not is_over(state, options):
        start = int(state.step)
        due = min((start // options.eval_every + 1) * options.eval_every, steps)
        count = min(length, due - start, CHUNK)
        began = time.perf_counter()
        indices, weights = map(jnp.asarray, batches.of_steps(start, start + count, CHUNK))
        length_now = jnp.asarray(count, jnp.int32)
        state, report, moved = run_chunk(
            state, length_now, plan, train, indices, weights, solver, step_key
        )
        done = int(state.step) - start
        seconds = time.perf_counter() - began
        report = jax.tree.map(lambda x, n=done: np.asarray(x)[:n], report)
        silent.see(moved, start + done)
        effort.see(report.nfe, start)
        row = None
        if data.held_out and start + done == due:
            state, row = _evaluate(state, plan, data.val, solver, min(batch_size, 128))
        yield Chunk(state, np.arange(start, start + done), report, row, seconds)
        if int(state.bad_steps) >= plan.max_bad_steps:
            raise TrainingDivergedError(_why(state, report))
        length, first = _next_length(count, seconds, first), False


def is_over(state: TrainState, options: LoopOptions) -> bool:
    """Whether no step is left to take: all were taken, or patience is exhausted."""
    step, best = int(state.step), int(state.best_step)
    return step >= options.steps or exhausted(step, best, options.eval_every, options.patience)


def exhausted(step: int, best_step: int, eval_every: int, patience: int | None) -> bool:
    """Whether as many evaluations as `patience` allows have passed since the best one."""
    return patience is not None and step // eval_every - best_step // eval_every >= patience


def _next_length(count: int, seconds: float, first: bool) -> int:
    """Twice as long while it is quick; the first chunk's time is compilation and says nothing."""
    if first:
        return 2
    return max(1, min(CHUNK, 2 * count, int(count * _SECONDS / max(seconds, 1e-6))))


def _evaluate(
    state: TrainState, plan: Plan, val: Arrays, solver: Solver | None, size: int
) -> tuple[TrainState, dict[str, float]]:
    """A row of validation means, and the state with the best kept."""
    values, aux = evaluate_arrays(state.evaluated, plan.update, val, solver, size)
    ok = np.asarray(aux.stats.ok)
    mean = lambda each: float(np.mean(each[ok])) if ok.any() else float("nan")  # noqa: E731
    nfe = np.asarray(aux.stats.nfe)
    row = {"loss": mean(values)} | {name: mean(each) for name, each in aux.metrics.items()}
    row |= {"nfe": float(nfe.mean()) if nfe.min() >= 0 else float("nan")}
    row |= {"failed": float((~ok).sum())}
    better = ok.all() and row["loss"] < float(state.best_value)
    if better:
        value = jnp.asarray(row["loss"], state.best_value.dtype)
        state = eqx.tree_at(lambda s: (s.best_value, s.best_step), state, (value, state.step))
        if state.best is not None:
            state = eqx.tree_at(lambda s: s.best, state, state.evaluated)
    return state, row


def _why(state: TrainState, report: StepReport) -> str:
    bad = int(state.bad_steps)
    failed, result = int(report.failed[-1]), int(report.result[-1])
    if failed:
        cause = f"{failed} solves of the last batch failed ({Outcome(result).name.lower()})"
        remedy = "raise solver.max_steps, loosen the tolerances, or lower the learning rate"
    else:
        cause = f"the loss ({float(report.loss[-1]):g}), its gradient or the new weights overflowed"
        remedy = "lower the learning rate, clip the gradient, or start smaller (init_scale)"
    return (
        f"{bad} steps in a row, up to step {int(state.step)}, could not be taken: {cause}. The "
        f"weights are those of the last good step. Way out: {remedy}."
    )
