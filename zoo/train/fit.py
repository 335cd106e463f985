"""`fit`: train any model on any data set that it has a task in common with."""

import os

import optax
from jaxtyping import PRNGKeyArray

from ..datasets import Dataset
from ..models.base import AbstractModel
from ..objectives.losses import Loss
from ..objectives.updates import AbstractUpdate
from ..placement import Devices
from ..regularisers import Regulariser
from ..solve import Solver
from .augmentation.base import AbstractAugmentation
from .checks import check_fit
from .fit_checked import Result, fit_checked
from .folder.keeper import check_out
from .folder.run_folder import RunFolder
from .tolerances import Tolerances


def fit(
    model: AbstractModel,
    data: Dataset,
    *,
    steps: int = 1000,
    optimiser: optax.GradientTransformation | None = None,
    key: PRNGKeyArray | None = None,
    batch_size: int | None = None,
    task: str | None = None,
    solver: Solver | None = None,
    tolerance: Tolerances | None = None,
    loss: Loss | AbstractUpdate | None = None,
    regulariser: Regulariser | None = None,
    random_end: float | None = None,
    lbfgs_steps: int | None = None,
    augmentation: AbstractAugmentation | None = None,
    ema: float | None = None,
    eval_every: int | None = None,
    patience: int | None = None,
    keep_best: bool | None = None,
    max_bad_steps: int = 10,
    accumulate: int | None = None,
    devices: Devices = None,
    progress: bool = False,
    out: str | os.PathLike[str] | RunFolder | None = None,
    resume: bool = False,
    checkpoint_every: int | None = None,
) -> Result:
    """Train a model; with nothing else given, as `zoo train` does: same weights, same result.

    The batch and the key of a step follow from `key` and the step's number alone. A step whose
    solve fails or whose numbers overflow is skipped and counted; it never reaches the weights.

    Args:
        model: any `zoo.models.AbstractModel`.
        data: a `zoo.Dataset` with a task in common with the model.
        steps: how many updates.
        optimiser: an Optax optimiser. Where not given, the command's: AdamW, which decays matrices
            alone, at a rate that goes from 1e-2 to zero by a cosine over `steps`.
        key: decides batches and whatever a loss draws; `jax.random.key(0)` where not given.
        batch_size: min(128, N) where not given.
        task: the first in common where not given.
        solver: laid over the model's own, over each where it has several, for training alone.
        tolerance: rtol as a function of the step (an Optax schedule will do); atol keeps its ratio.
            Of a model with several solves it is that of all whose steps adapt; a tuple has one for
            each, in the order of `zoo.solve.solvers_of`, and None for one that keeps its own.
        loss: what is minimised, see `zoo.losses.Loss`; the model's own for the task where not
            given.
        regulariser: a cost of the trajectory, added to the loss, see `zoo.regularisers`; for models
            that solve an ODE. In training alone, not in evaluation.
        random_end: half the width of a uniform distribution around 1, in [0, 1), from which each
            step draws a factor on the length of the solver's interval (Ghosh et al. 2020, "STEER"),
            for models that solve an ODE. In training alone; None for none.
        lbfgs_steps: steps of L-BFGS after all others, each on all training examples at once, see
            `zoo.train.lbfgs`; for few parameters and exact data, which no rate of a first-order
            method fits as closely. None for none.
        augmentation: what training draws of images, `zoo.train.Augmentation`, or of series,
            `zoo.train.SeriesAugmentation`; None for none.
        ema: decay of a moving average of the weights, such as 0.999; None for none.
        eval_every: steps between evaluations on the validation split, which also come at the end;
            where not given, a tenth of `steps`, or with `keep_best` down to a fiftieth, while an
            evaluation takes no more examples than the steps before it.
        patience: evaluations in a row without a new best after which training ends; None to
            train through. One with a failed solve is not compared, and never the best.
        keep_best: whether the result has the weights of the best evaluation, as it always has with
            `patience`, also where all steps are taken. Without a held-out part, the last weights.
            Where not given, the best as with the command, and the last with an `optimiser`.
        max_bad_steps: skipped steps in a row after which training gives up.
        accumulate: take each batch in so many parts, one after another, and step once with the sum
            of their gradients: the same step up to rounding, in less memory. An example draws
            the same in any part. Solves that share their steps (`batching="joint"`) and couplings
            of flow matching are of a part alone.
        devices: which devices share each batch: "all" that JAX sees, the first so many, or a list
            of them; None for one. Each solves its own share to its own end, and tells the others
            once a step, for the gradient; weights and draws are as on one, up to rounding, with
            the exceptions of `accumulate`. The data lie on each. The result is on one device.
        progress: show a progress bar on standard error.
        out: a folder for checkpoints and the metrics log, see `zoo.train.RunFolder`; a new one, or
            with `resume` that of a run of the same settings. None to write nothing.
        resume: go on from the newest checkpoint in `out`, to the same bits as if never stopped;
            more `steps` go on further, without an `optimiser` at the rates of the new number.
            SIGINT and SIGTERM leave a checkpoint.
        checkpoint_every: steps between checkpoints; about ten seconds where not given.

    Raises `ConfigError` for an option out of range or a pair without a task, and `DataError` where
    model, loss and data do not go together, before anything is compiled: the step is traced on
    shapes alone, and that trace is compiled afterwards. `NumericalError` for initial weights that
    are not finite; `TrainingDivergedError`, whose `result` holds the last good weights, where steps
    in a row or all of them could not be taken, or patience ended a run that has no best;
    `OutputError` for a folder that is taken or cannot be written; `CheckpointError` for one that
    cannot be resumed.
    """
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
        lbfgs_steps=lbfgs_steps,
        augmentation=augmentation,
        ema=ema,
        eval_every=eval_every,
        patience=patience,
        keep_best=keep_best,
        max_bad_steps=max_bad_steps,
        checkpoint_every=checkpoint_every,
        accumulate=accumulate,
        devices=devices,
    )
    return fit_checked(checked, key=key, progress=progress, out=out, resume=resume)
