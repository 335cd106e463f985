"""What `fit` does once its arguments are checked: the loop, its folder, and its result."""

import os
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from tqdm import tqdm

from ..errors import ConfigError, TrainingDivergedError, ZooWarning
from ..placement import on_one_device
from ..placement.processes import in_words, is_first
from .agreement import agreed_signal, check_agreed
from .checks import Checked
from .folder.keeper import Keeper, open_folder
from .folder.run_folder import RunFolder
from .folder.settings import decisive, settings_of
from .history import History
from .interrupts import Interrupts
from .lbfgs import Phase
from .loop import Chunk, iterate
from .state import TrainState, initial_state


@dataclass(frozen=True)
class Result:
    """What `fit` returns."""

    model: Any
    """The best on the validation split where that is kept, else the model after the last step; its
    moving average where on."""
    history: History
    state: TrainState
    task: str


def fit_checked(
    checked: Checked,
    *,
    key: PRNGKeyArray | None = None,
    progress: bool = False,
    out: str | os.PathLike[str] | RunFolder | None = None,
    resume: bool = False,
) -> Result:
    """Train as was checked, see `zoo.train.checks.check_fit`: nothing is checked again.

    The arguments are those of `fit`. Raises what `fit` raises of a folder and of training itself.
    """
    _check_used(checked, folder=resume or out is not None)
    key = jax.random.key(0) if key is None else key
    plan, task = checked.plan, checked.task
    keep_best = checked.options.keeps_best
    averaged = plan.ema is not None
    state = initial_state(
        checked.model, plan.update, plan.optimiser, ema=averaged, keep_best=keep_best
    )
    settings = settings_of(checked.data, key, _kept(checked), plan.mesh)
    with open_folder(out, resume) as folder, Interrupts(folder is not None) as interrupts:
        keeper = Keeper(folder, settings, checked.checkpoint_every)
        first, last = Phase(plan, checked.options), checked.lbfgs
        state, phases = keeper.start(state, first, last, given=checked.eval_every)
        check_agreed(int(state.step), decisive(settings))
        steps = phases[-1].options.steps
        shown = progress and is_first()
        bar = tqdm(total=steps, initial=int(state.step), disable=not shown, unit="step")
        with bar, in_words():
            for phase in phases:
                chunks = iterate(
                    state, phase.plan, checked.data, phase.options, solver=checked.solver, key=key
                )
                with closing(chunks):
                    state = _taken(chunks, state, keeper, interrupts, bar, task)
                keeper.save(state)
                if phase is not phases[-1]:
                    state = phases[-1].entered(state)
    return _result(state, keeper.history, task)


def _taken(
    chunks: Iterator[Chunk],
    state: TrainState,
    keeper: Keeper,
    interrupts: Interrupts,
    bar: Any,
    task: str,
) -> TrainState:
    """The state after all chunks, each of which is kept; `state` where there is none."""
    try:
        for chunk in chunks:
            state = chunk.state
            _show(bar, keeper.take(chunk), chunk)
            interrupts.signal = agreed_signal(interrupts.signal)
            if interrupts.signal is not None:
                keeper.save(state)
                interrupts.stop()
    except TrainingDivergedError as error:
        raise TrainingDivergedError(str(error), _result(state, keeper.history, task)) from None
    return state


def _kept(checked: Checked) -> dict[str, Any]:
    """The settings that a run that goes on must have too, as JSON values."""
    plan = checked.plan
    kept = {**asdict(checked.options), "task": checked.task, "ema": plan.ema}
    kept |= {"max_bad_steps": plan.max_bad_steps}
    kept |= {"random_end": plan.random_end} if plan.random_end else {}  # not known to earlier runs
    accumulate = 1 if plan.parts is None else plan.parts.accumulate
    kept |= {"accumulate": accumulate} if accumulate > 1 else {}  # nor this
    if checked.lbfgs is not None:  # after which the steps before cannot become more
        kept["steps_before_lbfgs"] = checked.options.steps
        kept["lbfgs_steps"] = checked.lbfgs.options.steps - checked.options.steps
    augmentation = plan.arrival and plan.arrival.augmentation
    kept |= {} if augmentation is None else {"augmentation": vars(augmentation)}
    if not checked.options.keep_best:
        del kept["keep_best"]  # nor of this
    return kept


def _check_used(checked: Checked, folder: bool) -> None:
    """Refuse an option that would do nothing, or warn of it where a run that goes on has it."""
    if checked.checkpoint_every is not None and not folder:
        raise ConfigError(
            f"checkpoint_every = {checked.checkpoint_every} would be ignored: checkpoints need "
            "out, the folder of the run."
        )
    if checked.eval_every is not None and not checked.data.held_out:
        warnings.warn(
            f"eval_every = {checked.eval_every} does nothing: with split='all' no part is held "
            "out, and nothing is evaluated in training. Leave it out, or give a split such as "
            "60/20/20.",
            ZooWarning,
            stacklevel=4,
        )


def _result(state: TrainState, history: History, task: str) -> Result:
    state = on_one_device(state)
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
