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
from ..datasets.base import Arrays
from ..errors import TrainingDivergedError
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


def iterate(
    state: TrainState,
    plan: Plan,
    train: Arrays,
    val: Arrays | None,
    *,
    batch_size: int,
    steps: int,
    solver: Solver | None,
    key: PRNGKeyArray,
    eval_every: int,
    patience: int | None = None,
) -> Iterator[Chunk]:
    """Train from `state` up to step number `steps`, a chunk at a time.

    A chunk ends where an evaluation on `val` is due, every `eval_every` steps and at the end; how
    long it is otherwise depends on the machine and changes no bit of the result. `patience` is the
    number of evaluations in a row without a new best after which training ends.

    Raises `TrainingDivergedError` after `plan.max_bad_steps` steps in a row that could not be
    taken; the last chunk, with the last good weights, was yielded before.
    """
    data = {name: jnp.asarray(values) for name, values in train.items()}
    order_key, step_key = jax.random.split(key)
    batches = Batches(len(train["x"]), batch_size, order_key)
    silent, effort = SilentLeaves(state.model), Effort()
    length, fruitless = 1, 0
    while int(state.step) < steps:
        start = int(state.step)
        due = min(start // eval_every * eval_every + eval_every, steps)
        count = min(length, due - start, CHUNK)
        began = time.perf_counter()
        indices, weights = map(jnp.asarray, batches.of_steps(start, start + count, CHUNK))
        length_now = jnp.asarray(count, jnp.int32)
        state, report, moved = run_chunk(
            state, length_now, plan, data, indices, weights, solver, step_key
        )
        done = int(state.step) - start
        seconds = time.perf_counter() - began
        report = jax.tree.map(lambda x, n=done: np.asarray(x)[:n], report)
        silent.see(moved, start + done)
        effort.see(report.nfe, start)
        row = None
        if val is not None and start + done == due:
            state, row = _evaluate(state, plan, val, solver, min(batch_size, 128))
            fruitless = 0 if int(state.best_step) == start + done else fruitless + 1
        yield Chunk(state, np.arange(start, start + done), report, row, seconds)
        if int(state.bad_steps) >= plan.max_bad_steps:
            raise TrainingDivergedError(_why(state, report))
        if patience is not None and fruitless >= patience:
            return
        length = _next_length(count, seconds, first=length == 1 and start == 0)


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
