"""`fit`: train any model on any data set that it has a task in common with."""

import os
import warnings
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import jax
import numpy as np
import optax
from jaxtyping import PRNGKeyArray
from tqdm import tqdm

from ..datasets import Dataset
from ..errors import ConfigError, TrainingDivergedError, ZooWarning
from ..nn.fast_convolutions import install
from ..objectives.losses import Loss
from ..regularisers import Regulariser
from ..solve import Solver
from .checks import check_fit
from .history import History
from .interrupts import Interrupts
from .keeper import Keeper, check_out, open_folder
from .loop import Chunk, iterate
from .run_folder import RunFolder
from .settings import settings_of
from .state import TrainState, initial_state
from .tolerances import Tolerances


@dataclass(frozen=True)
class Result:
    """What `fit` returns."""

    model: Any
    """The best on the validation split where that is kept, else the model after the last step; its
    moving average where on."""
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
    tolerance: Tolerances | None = None,
    loss: Loss | None = None,
    regulariser: Regulariser | None = None,
    random_end: float | None = None,
    ema: float | None = None,
    eval_every: int | None = None,
    patience: int | None = None,
    keep_best: bool = False,
    max_bad_steps: int = 10,
    progress: bool = False,
    out: str | os.PathLike[str] | RunFolder | None = None,
    resume: bool = False,
    checkpoint_every: int | None = None,
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
        solver: laid over the model's own, over each where it has several, for training alone.
        tolerance: rtol as a function of the step (an Optax schedule will do); atol keeps its ratio.
            Of a model with several solves it is that of all whose steps adapt; a tuple has one for
            each, in the order of `zoo.solve.solvers_of`, and None for one that keeps its own.
        loss: what is minimised, see `zoo.losses.Loss`; the model's own for the task where not
            given.
        regulariser: what a solution's way costs beside the loss, see `zoo.regularisers`; for models
            that solve an ODE. In training alone, not in evaluation.
        random_end: half the width of a uniform distribution around 1, in [0, 1), from which each
            step draws a factor on the length of the solver's interval (Ghosh et al. 2020, "STEER"),
            for models that solve an ODE. In training alone; None for none.
        ema: decay of a moving average of the weights, such as 0.999; None for none.
        eval_every: steps between evaluations on the validation split, which also come at the end;
            where not given, a tenth of `steps`, or with `keep_best` down to a fiftieth, while an
            evaluation takes no more examples than the steps before it.
        patience: evaluations in a row without a new best after which training ends; None to
            train through. One with a failed solve is not compared, and never the best.
        keep_best: whether the result has the weights of the best evaluation, as it always has with
            `patience`, also where all steps are taken. Without a held-out part, the last weights.
        max_bad_steps: skipped steps in a row after which training gives up.
        progress: show a progress bar on standard error.
        out: a folder for checkpoints and the metrics log, see `zoo.train.RunFolder`; a new one, or
            with `resume` that of a run of the same settings. None to write nothing.
        resume: go on from the newest checkpoint in `out`, to the same bits as if never stopped;
            more `steps` go on further. SIGINT and SIGTERM leave a checkpoint.
        checkpoint_every: steps between checkpoints; about ten seconds where not given.

    Raises `ConfigError` for an option out of range or a pair without a task, and `DataError` where
    model, loss and data do not go together, before anything is compiled: the step is traced on
    shapes alone, and that trace is compiled afterwards. `NumericalError` for initial weights that
    are not finite; `TrainingDivergedError`, whose `result` holds the last good weights, where steps
    in a row or all of them could not be taken, or patience ended a run that has no best;
    `OutputError` for a folder that is taken or cannot be written; `CheckpointError` for one that
    cannot be resumed.
    """
    install()
    check_out(out, resume)
    checked = check_fit(
        model,
        data,
        steps=steps,
        optimiser=optimiser,
        key=key,
        batch_size=batch_size,
        task=task,
        solver=solver,
        tolerance=tolerance,
        loss=loss,
        regulariser=regulariser,
        random_end=random_end,
        ema=ema,
        eval_every=eval_every,
        patience=patience,
        keep_best=keep_best,
        max_bad_steps=max_bad_steps,
        checkpoint_every=checkpoint_every,
    )
    _check_used(data, eval_every, checkpoint_every, folder=resume or out is not None)
    key = jax.random.key(0) if key is None else key
    task, plan, options = checked.task, checked.plan, checked.options
    state = initial_state(
        model, plan.update, plan.optimiser, ema=ema is not None, keep_best=options.keeps_best
    )
    kept = {**asdict(options), "task": task, "ema": ema, "max_bad_steps": max_bad_steps}
    kept |= {"random_end": random_end} if random_end else {}  # runs of before know nothing of it
    if not options.keep_best:
        del kept["keep_best"]  # nor of this
    settings = settings_of(data, key, kept)
    with open_folder(out, resume) as folder, Interrupts(folder is not None) as interrupts:
        keeper = Keeper(folder, settings, checkpoint_every)
        state, options = keeper.start(state, options, given=eval_every)
        chunks = iterate(state, plan, data, options, solver=checked.solver, key=key)
        with (
            closing(chunks),
            tqdm(
                total=options.steps, initial=int(state.step), disable=not progress, unit="step"
            ) as bar,
        ):
            try:
                for chunk in chunks:
                    state = chunk.state
                    _show(bar, keeper.take(chunk), chunk)
                    if interrupts.signal is not None:
                        keeper.save(state)
                        interrupts.stop()
            except TrainingDivergedError as error:
                raise TrainingDivergedError(
                    str(error), _result(state, keeper.history, task)
                ) from None
        keeper.save(state)
    return _result(state, keeper.history, task)


def _check_used(
    data: Dataset, eval_every: int | None, checkpoint_every: int | None, folder: bool
) -> None:
    """Refuse an option that would do nothing, or warn of it where a run that goes on has it."""
    if checkpoint_every is not None and not folder:
        raise ConfigError(
            f"checkpoint_every = {checkpoint_every} would be ignored: checkpoints need out, the "
            "folder of the run."
        )
    if eval_every is not None and not data.held_out:
        warnings.warn(
            f"eval_every = {eval_every} does nothing: with split='all' no part is held out, and "
            "nothing is evaluated in training. Leave it out, or give a split such as 60/20/20.",
            ZooWarning,
            stacklevel=3,
        )


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
