"""Training settings as JSON values: the schema of `--steps`, `--lr` and the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import optax

from ..errors import ConfigError
from ..losses import Loss
from ..registry import LOSSES, REGULARISERS
from ..schema import (
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Selects,
)
from ..solve import Solver
from .chunk import Tolerance

OptimiserName: TypeAlias = Literal["sgd", "adam", "adamw", "adabelief"]
_WEIGHT_DECAY = 1e-4


@dataclass(frozen=True)
class TrainingOptions:
    """Settings of one run, of which `fit_arguments` makes what `zoo.fit` takes."""

    fixed: dict[str, Any]
    rtol_start: float | None

    def fit_arguments(self, solver: Solver | None) -> dict[str, Any]:
        """Keyword arguments for `zoo.fit`; `solver` is the one that will run, if any.

        Raises `ConfigError` for a schedule of tolerances where no tolerance is used.
        """
        tolerance = None
        if self.rtol_start is not None:
            resolved = None if solver is None else solver.resolve()
            if resolved is None or resolved.rtol is None:
                raise ConfigError(
                    f"rtol_start = {self.rtol_start} starts a schedule of tolerances, and this "
                    "model has no solver with adaptive steps: leave it out."
                )
            tolerance = geometric(self.rtol_start, float(resolved.rtol), self.fixed["steps"])
        return {**self.fixed, "tolerance": tolerance}


def training_options(
    *,
    steps: PositiveInt = 1000,
    batch_size: PositiveInt | None = None,
    optimiser: OptimiserName = "adam",
    lr: PositiveFloat = 1e-3,
    schedule: Literal["constant", "cosine"] = "constant",
    warmup: NonNegativeInt = 0,
    weight_decay: NonNegativeFloat | None = None,
    clip: PositiveFloat | None = None,
    ema: Fraction | None = None,
    eval_every: PositiveInt | None = None,
    patience: PositiveInt | None = None,
    rtol_start: PositiveFloat | None = None,
    loss: Annotated[str | None, Selects(LOSSES)] = None,
    loss_options: Mapping[str, Any] | None = None,
    regulariser: Annotated[str | None, Selects(REGULARISERS)] = None,
    regulariser_options: Mapping[str, Any] | None = None,
) -> TrainingOptions:
    """Training settings from JSON values.

    Args:
        steps: number of updates
        batch_size: examples of one update; min(128, N) when not given
        optimiser: of Optax, with its default settings
        lr: learning rate, its peak where there is a schedule
        schedule: constant, or cosine down to zero over all steps
        warmup: steps over which the learning rate first rises from zero
        weight_decay: of adamw; 1e-4 when not given
        clip: largest global norm of a gradient
        ema: decay of a moving average of the weights, which is then what is evaluated and saved
        eval_every: steps between evaluations on the validation split; a tenth when not given
        patience: evaluations without a new best after which training ends, with the best weights
        rtol_start: relative tolerance of the first step, which goes geometrically to the solver's
        loss: what is minimised; the model's own for the task when not given
        loss_options: its options
        regulariser: what a solution's way costs beside the loss
        regulariser_options: its options
    """
    if weight_decay is not None and optimiser != "adamw":
        raise ConfigError(
            f"weight_decay = {weight_decay} would be ignored by {optimiser}: use optimiser adamw."
        )
    if warmup >= steps:
        raise ConfigError(f"warmup = {warmup}: expected less than steps = {steps}.")
    rate = learning_rate(lr, schedule, warmup, steps)
    decay = {"weight_decay": _WEIGHT_DECAY if weight_decay is None else weight_decay}
    makers: dict[str, Callable[[], optax.GradientTransformation]] = {
        "sgd": lambda: optax.sgd(rate),
        "adam": lambda: optax.adam(rate),
        "adamw": lambda: optax.adamw(rate, **decay),
        "adabelief": lambda: optax.adabelief(rate),
    }
    chain = [] if clip is None else [optax.clip_by_global_norm(clip)]
    fixed = {
        "steps": steps,
        "batch_size": batch_size,
        "optimiser": optax.chain(*chain, makers[optimiser]()),
        "ema": ema,
        "eval_every": eval_every,
        "patience": patience,
        "loss": named_loss(loss, loss_options),
        "regulariser": None
        if regulariser is None
        else REGULARISERS[regulariser].builder(**(regulariser_options or {})),
    }
    return TrainingOptions(fixed, rtol_start)


def named_loss(name: str | None, options: Mapping[str, Any] | None = None) -> Loss | None:
    """A registered loss; None for no name, which stands for the model's own."""
    return None if name is None else LOSSES[name].builder(**(options or {}))


def learning_rate(lr: float, schedule: str, warmup: int, steps: int) -> Any:
    """The Optax schedule: linear warm-up, then constant or a cosine down to zero."""
    after = (
        optax.constant_schedule(lr)
        if schedule == "constant"
        else optax.cosine_decay_schedule(lr, steps - warmup)
    )
    if not warmup:
        return after
    return optax.join_schedules([optax.linear_schedule(0.0, lr, warmup), after], [warmup])


def geometric(start: float, end: float, steps: int) -> Tolerance:
    """A tolerance that goes from `start` to `end` over a run by a constant factor a step."""
    return optax.exponential_decay(start, max(steps - 1, 1), end / start)
