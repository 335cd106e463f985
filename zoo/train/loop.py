"""The one training loop: chunks of compiled steps, with evaluation and patience between them."""

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jaxtyping import Array, PRNGKeyArray

from ..datasets import Dataset
from ..datasets.base import Arrays
from ..evaluation.batched import evaluate_arrays, mean_nfe, mean_of
from ..objectives.parameters import float_type
from ..objectives.updates import StepReport
from ..placement import divided, replicated
from ..solve import Solver
from .agreement import slowest
from .chunk import CHUNK, Plan, run_chunk
from .feed.choice import feed_of
from .machine import Compilations, peak_memory
from .state import TrainState
from .watch.divergence import check_any_step, check_steps_in_a_row
from .watch.early_stopping import EarlyStopping, exhausted
from .watch.warned import Effort, FailingExamples, LeftOut, SilentLeaves

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
    """Of the steps, without the evaluation."""
    compilations: int
    """Programs that were compiled for the steps and the evaluation."""
    peak_memory: Mapping[str, int]
    """In bytes, see `zoo.train.machine`."""


@dataclass(frozen=True)
class LoopOptions:
    """How long, in what batches, and how often it is evaluated."""

    steps: int
    batch_size: int
    eval_every: int
    patience: int | None = None
    """Evaluations in a row without a new best after which training ends."""
    keep_best: bool = False
    """Whether the weights of the best evaluation are kept; with `patience` they always are."""

    @property
    def keeps_best(self) -> bool:
        """Whether the state of training has a place for the best weights."""
        return self.keep_best or self.patience is not None


def evaluation_size(batch_size: int) -> int:
    """How many examples are evaluated at once."""
    return min(batch_size, 128)


def iterate(
    state: TrainState,
    plan: Plan,
    data: Dataset,
    options: LoopOptions,
    *,
    solver: Solver | None,
    key: PRNGKeyArray,
) -> Generator[Chunk, None, None]:
    """Train from `state` up to step number `options.steps`, a chunk at a time.

    A chunk ends where an evaluation on the validation split is due, every `eval_every` steps and
    at the end; how long it is otherwise depends on the machine and changes no bit of the result.

    Raises `TrainingDivergedError` after `plan.max_bad_steps` steps in a row that could not be
    taken, where none was taken at all, and where patience ends a run that has no best; the last
    chunk, with the last good weights, was yielded before.
    """
    steps, batch_size = options.steps, options.batch_size
    order_key, step_key = jax.random.split(key)
    left, dtype = range(int(state.step), steps), float_type(state.model)
    source = feed_of(data.train, left, batch_size, order_key, dtype, plan.arrival, plan.parts)
    state, plan, solver, step_key = replicated((state, plan, solver, step_key), plan.mesh)
    silent, effort = SilentLeaves(state.model, int(state.step)), Effort()
    failing, left_out = FailingExamples(steps - int(state.step)), LeftOut()
    stopping = EarlyStopping(options.eval_every, options.patience, options.keep_best)
    length, first, report = 1, True, None
    with Compilations() as compilations, source as feed:
        while not is_over(state, options):
            check_steps_in_a_row(state, report, plan.max_bad_steps)
            start = int(state.step)
            due = min((start // options.eval_every + 1) * options.eval_every, steps)
            count = min(length, due - start, feed.room)
            began = time.perf_counter()
            fed = feed.of_steps(start, start + count)
            indices, weights = _on_devices((fed.indices, fed.weights), plan.mesh)
            length_now = replicated(jnp.asarray(count, jnp.int32), plan.mesh)
            state, report, moved = run_chunk(
                state, length_now, plan, fed.data, indices, weights, solver, step_key
            )
            done = int(state.step) - start
            seconds = slowest(time.perf_counter() - began)
            report = jax.tree.map(lambda x, n=done: np.asarray(x)[:n], report)
            silent.see(moved, report.ok)
            effort.see(report.nfe, start)
            left_out.see(report.left_out, fed.places, start)
            failing.see(report, start)
            row = None
            if data.held_out and start + done == due:
                row, result = _evaluate(state, plan, data.val, solver, evaluation_size(batch_size))
                state = replicated(stopping.see(state, row, result), plan.mesh)
            told = (row, seconds, compilations.new(), peak_memory())
            yield Chunk(state, np.arange(start, start + done), report, *told)
            length, first = _next_length(count, seconds, first), False
    check_steps_in_a_row(state, report, plan.max_bad_steps)
    check_any_step(state, report)
    stopping.check(state)


def _on_devices(rows: tuple[np.ndarray, np.ndarray], mesh: Mesh | None) -> list[Array]:
    """Indices and weights [steps, examples], of which each device has those of its examples."""
    return [jnp.asarray(x) if mesh is None else divided(x, mesh, axis=1) for x in rows]


def is_over(state: TrainState, options: LoopOptions) -> bool:
    """Whether no step is left to take: all were taken, or patience is exhausted."""
    step, best = int(state.step), int(state.best_step)
    return step >= options.steps or exhausted(step, best, options.eval_every, options.patience)


def _next_length(count: int, seconds: float, first: bool) -> int:
    """Twice as long while it is quick; the first chunk's time is compilation and says nothing."""
    if first:
        return 2
    return max(1, min(CHUNK, 2 * count, int(count * _SECONDS / max(seconds, 1e-6))))


def _evaluate(
    state: TrainState, plan: Plan, val: Arrays, solver: Solver | None, size: int
) -> tuple[dict[str, float], np.ndarray]:
    """A row of validation means, and how the solve of each example ended."""
    values, aux = evaluate_arrays(state.evaluated, plan.update, val, solver, size)
    ok = np.asarray(aux.stats.ok)
    row = {"loss": mean_of(values, None, ok)}
    row |= {n: mean_of(each, aux.counts.get(n), ok) for n, each in aux.metrics.items()}
    costs = {"nfe": aux.stats.nfe}
    costs |= {f"nfe_by_block.{place}": each for place, each in aux.stats.blocks.items()}
    means = {name: mean_nfe(each) for name, each in costs.items()}
    row |= {name: float("nan") if mean is None else mean for name, mean in means.items()}
    row |= {"failed": float((~ok).sum())}
    return row, np.asarray(aux.stats.result)
