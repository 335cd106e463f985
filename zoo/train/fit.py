"""`fit`: train any model on any data set that it has a task in common with."""

from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
import optax
from jaxtyping import PRNGKeyArray
from tqdm import tqdm

from ..batched import traced_solver
from ..datasets import Dataset
from ..errors import ConfigError, TrainingDivergedError
from ..models import choose_task
from ..parameters import check_parameters
from ..solve import Solver
from ..updates import as_update
from .batches import check_batch_size
from .chunk import Plan, Tolerance
from .loop import Chunk, iterate
from .state import TrainState, initial_state


@dataclass
class History:
    """What happened: a row for each step and one for each evaluation on the validation split."""

    train: list[dict[str, float]] = field(default_factory=list)
    val: list[dict[str, float]] = field(default_factory=list)
    seconds: list[tuple[int, float]] = field(default_factory=list)
    """(steps, seconds) of each chunk; the first holds the compilation."""

    def add(self, chunk: Chunk) -> list[dict[str, float]]:
        """Take a chunk's rows in and return the new ones for the steps."""
        report = chunk.report
        columns = {"loss": report.loss, **report.metrics, "nfe": report.nfe}
        columns |= {"failed": report.failed, "skipped": ~report.ok}
        rows = [
            {"step": int(step)} | {name: float(c[i]) for name, c in columns.items()}
            for i, step in enumerate(chunk.steps)
        ]
        self.train += rows
        self.seconds.append((len(rows), chunk.seconds))
        if chunk.val is not None:
            self.val.append({"step": int(chunk.state.step)} | chunk.val)
        return rows

    @property
    def steps_per_second(self) -> float:
        """Speed without the first chunk, in which compilation hides."""
        rest = self.seconds[1:]
        return sum(n for n, _ in rest) / max(sum(s for _, s in rest), 1e-9) if rest else 0.0


@dataclass(frozen=True)
class Result:
    """What `fit` returns."""

    model: Any
    """The moving average where on, the best on the validation split where stopping early, else the
    model after the last step."""
    history: History
    state: TrainState
    task: str


def fit(
    model: Any,
    data: Dataset,
    *,
    steps: int = 1000,
    optimiser: optax.GradientTransformation | None = None,
    key: PRNGKeyArray | None = None,
    batch_size: int | None = None,
    task: str | None = None,
    solver: Solver | None = None,
    tolerance: Tolerance | None = None,
    ema: float | None = None,
    eval_every: int | None = None,
    patience: int | None = None,
    max_bad_steps: int = 10,
    progress: bool = False,
) -> Result:
    """Train a model.

    The batch and the key of a step follow from `key` and the step's number alone. A step whose
    solve fails or whose numbers overflow is skipped and counted; it never reaches the weights.

    Args:
        model: any `zoo.models.AbstractModel`.
        data: a `zoo.Dataset` with a task in common with the model.
        steps: how many updates.
        optimiser: an Optax optimiser; `optax.adam(1e-3)` where not given.
        key: decides batches and whatever a loss draws; `jax.random.key(0)` where not given.
        batch_size: min(128, N) where not given.
        task: the first in common where not given.
        solver: laid over the model's own, for training alone.
        tolerance: rtol as a function of the step (an Optax schedule will do); atol keeps its ratio.
        ema: decay of a moving average of the weights, such as 0.999; None for none.
        eval_every: steps between evaluations on the validation split; a tenth of `steps` where
            not given.
        patience: evaluations in a row without a new best after which training ends; None to
            train through.
        max_bad_steps: skipped steps in a row after which training gives up.
        progress: show a progress bar on standard error.

    Raises `ConfigError` for an option out of range or a pair without a task, before anything is
    compiled; `NumericalError` for initial weights that are not finite; `TrainingDivergedError`,
    whose `result` holds the last good weights.
    """
    if steps < 1:
        raise ConfigError(f"steps = {steps}: expected 1 or more.")
    if patience is not None and not data.held_out:
        raise ConfigError("patience needs a validation split, and this data set has split='all'.")
    task = choose_task(type(model).__name__, model.objectives, data, task)
    size = check_batch_size(len(data.train["x"]), batch_size)
    check_parameters(model)
    traced = traced_solver(model, solver)
    if tolerance is not None and (traced is None or traced.is_constant):
        raise ConfigError("A schedule of tolerances needs a solver whose steps are adaptive.")
    plan = Plan(
        update=as_update(model.objectives[task]),
        optimiser=optax.adam(1e-3) if optimiser is None else optimiser,
        ema=ema,
        tolerance=tolerance,
        max_bad_steps=max_bad_steps,
    )
    state = initial_state(
        model, plan.update, plan.optimiser, ema=ema is not None, keep_best=patience is not None
    )
    chunks = iterate(
        state,
        plan,
        data.train,
        data.val if data.held_out else None,
        batch_size=size,
        steps=steps,
        solver=traced,
        key=jax.random.key(0) if key is None else key,
        eval_every=eval_every or max(steps // 10, 1),
        patience=patience,
    )
    history = History()
    with tqdm(total=steps, disable=not progress, unit="step") as bar:
        try:
            for chunk in chunks:
                state = chunk.state
                _show(bar, history.add(chunk), chunk)
        except TrainingDivergedError as error:
            raise TrainingDivergedError(str(error), _result(state, history, task)) from None
    return _result(state, history, task)


def _result(state: TrainState, history: History, task: str) -> Result:
    model = state.evaluated
    if state.best is not None and np.isfinite(state.best_value):
        model = state.best
    return Result(model, history, state, task)


def _show(bar: Any, rows: list[dict[str, float]], chunk: Chunk) -> None:
    bar.update(len(rows))
    if rows:
        metrics = {n: rows[-1][n] for n in chunk.report.metrics}
        shown = {"loss": rows[-1]["loss"], **metrics, "nfe": rows[-1]["nfe"]}
        if int(chunk.state.skipped):
            shown["skipped"] = int(chunk.state.skipped)
        bar.set_postfix({name: f"{value:.4g}" for name, value in shown.items()})
