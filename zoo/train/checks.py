"""What `fit` is asked for, checked as a whole before anything is compiled or written."""

import math
from dataclasses import dataclass

import optax
from jaxtyping import PRNGKeyArray

from ..datasets import Dataset
from ..datasets.kept_split import count_of
from ..datasets.raw import check_taught, check_weight
from ..datasets.stream.split import StreamedSplit
from ..errors import ConfigError
from ..evaluation.batched import traced_solver
from ..models import choose_task
from ..models.base import AbstractModel
from ..nn.fast_convolutions import install
from ..objectives.losses import Loss
from ..objectives.parameters import check_parameters, float_type
from ..objectives.updates import AbstractUpdate, as_update
from ..placement import Devices
from ..regularisers import Regulariser
from ..schema import Range, options_of
from ..solve import Solver
from ..solve.of_model import laid_solvers
from ..solve.on_devices import check_on_devices
from ..tasks import Target, Task, task_named
from .augmentation.arrival import arrival_of
from .augmentation.base import AbstractAugmentation
from .chunk import Plan
from .epochs import check_batch_size
from .lbfgs import Phase, last_phase
from .loop import LoopOptions
from .options import KEEP_BEST, default_optimiser, training_options
from .parts import check_parts, parts_of
from .rehearsal import rehearse
from .tolerances import Tolerances, check_tolerances


@dataclass(frozen=True)
class Checked:
    """What a `fit` does, once its arguments are known to go together: `fit_checked` carries it out.

    Whoever holds one need not check again.
    """

    model: AbstractModel
    data: Dataset
    task: str
    loss: Loss | AbstractUpdate | None
    """What is minimised; None for the model's own."""
    plan: Plan
    options: LoopOptions
    solver: Solver | None
    """What `forward` is given, see `zoo.evaluation.batched.traced_solver`."""
    eval_every: int | None
    """Steps between evaluations as they were asked for; `options` has what they are."""
    checkpoint_every: int | None
    lbfgs: Phase | None = None
    """The steps of L-BFGS after all others."""


def check_fit(
    model: AbstractModel,
    data: Dataset,
    *,
    steps: int,
    optimiser: optax.GradientTransformation | None,
    batch_size: int | None,
    task: str | None,
    tolerance: Tolerances | None,
    loss: Loss | AbstractUpdate | None,
    regulariser: Regulariser | None,
    random_end: float | None = None,
    augmentation: AbstractAugmentation | None = None,
    ema: float | None,
    eval_every: int | None,
    patience: int | None,
    checkpoint_every: int | None,
    keep_best: bool | None = None,
    solver: Solver | None = None,
    lbfgs_steps: int | None = None,
    max_bad_steps: int = 10,
    accumulate: int | None = None,
    devices: Devices = None,
    key: PRNGKeyArray | None = None,
) -> Checked:
    """The arguments of `fit`, which says what they are, as `fit_checked` uses them.

    The step of training is traced, and that trace is the one that `fit` compiles. Raises what `fit`
    raises of its arguments.
    """
    install()
    _check_ranges(
        steps=steps,
        random_end=random_end,
        ema=ema,
        eval_every=eval_every,
        patience=patience,
        checkpoint_every=checkpoint_every,
        lbfgs_steps=lbfgs_steps,
        accumulate=accumulate,
    )
    Range(1).check("max_bad_steps", max_bad_steps)
    if keep_best is None:  # whoever brings an optimiser has settings of his own
        keep_best = KEEP_BEST and optimiser is None
    options = _loop_options(data, steps, batch_size, eval_every, patience, keep_best)
    task = choose_task(type(model).__name__, model.objectives, data, task)
    check_parameters(model)
    check_weight(data.train)
    check_taught(data.train)
    read_from_disk = isinstance(data.train, StreamedSplit)
    plan = Plan(
        update=as_update(model.objectives[task] if loss is None else loss),
        optimiser=default_optimiser(steps) if optimiser is None else optimiser,
        ema=ema,
        tolerance=tolerance,
        max_bad_steps=max_bad_steps,
        regulariser=regulariser,
        random_end=random_end,
        arrival=arrival_of(data, augmentation, float_type(model)),
        parts=parts_of(devices, accumulate, options.batch_size, own_rows=read_from_disk),
    )
    check_parts(plan.parts, plan.update, lbfgs_steps)
    traced = _check_solver(model, solver, plan)
    rehearse(model, data, plan, options, traced, key, task_named(task))
    lbfgs = None if lbfgs_steps is None else last_phase(model, data, plan, options, lbfgs_steps)
    if lbfgs is not None:
        rehearse(model, data, lbfgs.plan, lbfgs.options, traced, key, task_named(task))
    task_named(task).check_data(data.sampled)
    _check_read_whole(data, task_named(task))
    told = (traced, eval_every, checkpoint_every, lbfgs)
    return Checked(model, data, task, loss, plan, options, *told)


def _loop_options(
    data: Dataset,
    steps: int,
    batch_size: int | None,
    eval_every: int | None,
    patience: int | None,
    keep_best: bool,
) -> LoopOptions:
    """How long, in what batches and how often it is evaluated; what is not given is chosen."""
    size = check_batch_size(count_of(data.train), batch_size)
    keep_best = keep_best and data.held_out
    often = _often(steps, math.ceil(count_of(data.val) / size) if keep_best else steps)
    options = LoopOptions(
        steps=steps,
        batch_size=size,
        eval_every=often if eval_every is None else eval_every,
        patience=patience,
        keep_best=keep_best,
    )
    _check_patience(data, options)
    return options


def _often(steps: int, least: int) -> int:
    """Steps between evaluations: `least`, but no fewer than a fiftieth, nor more than a tenth."""
    return max(min(least, steps // 10), steps // 50, 1)


def _check_ranges(**numbers: float | None) -> None:
    """Raise `ConfigError` for a number out of the range that the option of its name has."""
    known = options_of(training_options)
    for name, value in numbers.items():
        known[name].check_range(value)


def _check_patience(data: Dataset, options: LoopOptions) -> None:
    if options.patience is None:
        return
    if not data.held_out:
        raise ConfigError("patience needs a validation split, and this data set has split='all'.")
    if options.eval_every >= options.steps > 1:
        raise ConfigError(
            f"patience = {options.patience} would be ignored: with eval_every = "
            f"{options.eval_every} and steps = {options.steps} there is one evaluation, and none "
            "to compare it with. Evaluate more often, or leave patience out."
        )


def _check_read_whole(data: Dataset, task: Task) -> None:
    """Raise `DataError` where metrics would read more of a test split on disk than memory holds:
    its targets, and its inputs where the task looks at no targets."""
    if isinstance(data.test, StreamedSplit):
        data.test.check_whole("x" if task.target is Target.NOTHING else "y")


def _check_solver(model: AbstractModel, solver: Solver | None, plan: Plan) -> Solver | None:
    """What `forward` is given, once every solver that will run is known to go with the plan."""
    traced = traced_solver(model, solver)
    solvers = laid_solvers(model, traced)
    check_tolerances(plan.tolerance, solvers)
    check_on_devices(solvers, plan.mesh, gradients=True)
    if plan.regulariser is not None and not solvers:
        raise ConfigError(
            f"A regulariser adds the cost of a trajectory, and {type(model).__name__} solves no "
            "ODE: leave it out."
        )
    if plan.random_end and not solvers:
        raise ConfigError(
            f"random_end = {plan.random_end} draws where a solve ends, and "
            f"{type(model).__name__} solves no ODE: leave it out."
        )
    for each in solvers:
        Solver(regulariser=plan.regulariser).over(each)  # refused where they do not go together
    return traced
