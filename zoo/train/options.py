"""Training settings as JSON values: the schema of `--steps`, `--lr` and the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

import jax
import optax
from jaxtyping import PyTree

from ..errors import ConfigError
from ..objectives.losses import Loss
from ..objectives.updates import AbstractUpdate
from ..registry import LOSSES, REGULARISERS
from ..schema import (
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Range,
    Selects,
    options_of,
)
from ..solve import Solver
from ..solve.checks import TOLERANCE
from .augmentation.base import AbstractAugmentation, Augmentation
from .augmentation.series import SeriesAugmentation
from .rates import RatedOptimiser
from .schedules import Resumed, continued, geometric, learning_rate
from .tolerances import Tolerance, Tolerances

OptimiserName: TypeAlias = Literal["sgd", "adam", "adamw", "adabelief"]
_WEIGHT_DECAY = {"matrices": 0.1, "all": 1e-4}


@dataclass(frozen=True)
class TrainingOptions:
    """Settings of one run, of which `fit_arguments` makes what `zoo.fit` takes."""

    values: Mapping[str, Any]

    def fit_arguments(
        self, solvers: Sequence[Solver] | None, resumed: Resumed = ()
    ) -> dict[str, Any]:
        """Keyword arguments for `zoo.fit`; `solvers` are those of the model, if any.

        Raises `ConfigError` for a schedule of tolerances where no tolerance is used.
        """
        values = self.values
        same = (
            "batch_size",
            "ema",
            "eval_every",
            "patience",
            "keep_best",
            "checkpoint_every",
            "random_end",
            "lbfgs_steps",
            "accumulate",
        )
        regulariser, options = values["regulariser"], values["regulariser_options"] or {}
        return {
            "augmentation": self._augmentation(),
            **{name: values[name] for name in same},
            "steps": resumed[-1]["steps"] if resumed else values["steps"],
            "optimiser": self._optimiser(resumed),
            "tolerance": self._tolerance(solvers or (), resumed),
            "loss": named_loss(values["loss"], values["loss_options"]),
            "regulariser": regulariser and REGULARISERS[regulariser].builder(**options),
        }

    def _augmentation(self) -> AbstractAugmentation | None:
        """What training draws of an example. Raises `ConfigError` for what is of unlike data."""
        values = self.values
        images = Augmentation(values["shift"] or 0, values["crop"] or 0, bool(values["flip"]))
        thin, jitter, redraw = map(values.get, ("thin", "jitter", "redraw"))
        series = SeriesAugmentation(thin or 0.0, jitter or 0.0, bool(redraw))
        found = [each for each in (images, series) if any(vars(each).values())]
        if len(found) > 1:
            raise ConfigError(
                "shift, crop and flip change images, thin, jitter and redraw series: expected "
                "those of one kind of data. Leave the others out."
            )
        return found[0] if found else None

    def _optimiser(self, resumed: Resumed) -> optax.GradientTransformation:
        values = self.values

        def make(lr: float, steps: int) -> optax.Schedule:
            return learning_rate(lr, values["schedule"], values["warmup"], steps)

        rate = continued(make, values["lr"], values["steps"], resumed, "update")
        decay, decayed = values["weight_decay"], values["decayed"]
        decay = _WEIGHT_DECAY[decayed or "matrices"] if decay is None else decay
        mask = None if decayed == "all" else _matrices
        makers: dict[str, Callable[[], optax.GradientTransformation]] = {
            "sgd": lambda: optax.sgd(rate),
            "adam": lambda: optax.adam(rate),
            "adamw": lambda: optax.adamw(rate, weight_decay=decay, mask=mask),
            "adabelief": lambda: optax.adabelief(rate),
        }
        clip = values["clip"]
        chain = [] if clip is None else [optax.clip_by_global_norm(clip)]
        made = optax.chain(*chain, makers[values["optimiser"]]())
        return RatedOptimiser.of(made, rate)

    def _tolerance(self, solvers: Sequence[Solver], resumed: Resumed) -> Tolerances | None:
        """The schedule of the tolerances, each solver's to its own where these differ."""
        start = self.values["rtol_start"]
        if start is None:
            return None
        resolved = [solver.resolve() for solver in solvers]
        adaptive = [solver for solver in resolved if solver.rtol is not None]
        if not adaptive:
            raise ConfigError(
                f"rtol_start = {start} starts a schedule of tolerances, and this model has no "
                "solver with adaptive steps: leave it out."
            )
        for solver in adaptive:
            Solver(rtol=start).over(solver)  # it must be above the rounding error, too
        ends = [None if solver.rtol is None else float(solver.rtol) for solver in resolved]
        made = {end: self._to(end, resumed) for end in dict.fromkeys(ends) if end is not None}
        if len(made) == 1:
            return next(iter(made.values()))
        return tuple(None if end is None else made[end] for end in ends)

    def _to(self, end: float, resumed: Resumed) -> Tolerance:
        """The schedule of a tolerance that ends at `end`."""
        start = self.values["rtol_start"]

        def make(lr: float, steps: int) -> Tolerance:
            return geometric(start, end, steps)

        schedule: Tolerance = continued(
            make, self.values["lr"], self.values["steps"], resumed, "step"
        )
        return schedule


def training_options(
    *,
    steps: PositiveInt = 1000,
    lbfgs_steps: PositiveInt | None = None,
    batch_size: PositiveInt | None = None,
    accumulate: PositiveInt | None = None,
    optimiser: OptimiserName = "adamw",
    lr: PositiveFloat = 1e-2,
    schedule: Literal["constant", "cosine"] = "cosine",
    warmup: NonNegativeInt = 0,
    weight_decay: NonNegativeFloat | None = None,
    decayed: Literal["matrices", "all"] | None = None,
    clip: PositiveFloat | None = 1.0,
    ema: Annotated[float, Range(0, 1, open_low=True, open_high=True)] | None = None,
    eval_every: PositiveInt | None = None,
    checkpoint_every: PositiveInt | None = None,
    patience: PositiveInt | None = None,
    keep_best: bool = True,
    rtol_start: Annotated[float, TOLERANCE] | None = None,
    loss: Annotated[str | None, Selects(LOSSES)] = None,
    loss_options: Mapping[str, object] | None = None,
    regulariser: Annotated[str | None, Selects(REGULARISERS)] = None,
    regulariser_options: Mapping[str, object] | None = None,
    random_end: Annotated[float, Range(0, 1, open_high=True)] | None = None,
    shift: NonNegativeInt | None = None,
    crop: NonNegativeInt | None = None,
    flip: bool | None = None,
    thin: Annotated[float, Range(0, 1, open_high=True)] | None = None,
    jitter: NonNegativeFloat | None = None,
    redraw: bool | None = None,
) -> TrainingOptions:
    """Training settings from JSON values; the defaults are chosen in scripts/maintain/defaults.

    Raises `ConfigError` for options that do not go together.

    Args:
        steps: number of updates
        lbfgs_steps: steps of L-BFGS after these, each on all training examples at once
        batch_size: examples of one update; min(128, N) when not given
        accumulate: parts in which a batch is taken, one after another, for less memory
        optimiser: of Optax, with its default settings beside those given here
        lr: learning rate, its peak where there is a schedule
        schedule: constant, or cosine down to zero over all steps
        warmup: steps over which the learning rate first rises from zero
        weight_decay: of adamw; when not given, 0.1 of matrices, 1e-4 of all
        decayed: what it draws to zero: weight matrices, also when not given, or all weights, a
            field's constants too
        clip: largest global norm of a gradient; None for any
        ema: decay of a moving average of the weights, which is then what is evaluated and saved
        eval_every: steps between evaluations on the validation split; when not given, a fiftieth
            of all steps, fewer times where an evaluation takes long, and a tenth without keep_best
        checkpoint_every: steps between checkpoints; about ten seconds when not given
        patience: evaluations without a new best after which training ends, with the best weights
        keep_best: whether the result is the best weights on the validation split, not the last
        rtol_start: relative tolerance of the first step, which goes geometrically to the solver's
        loss: what is minimised; the model's own for the task when not given
        loss_options: its options
        regulariser: a cost of the trajectory, added to the loss
        regulariser_options: its options
        random_end: half the width of the factors around 1 that the length of the solver's interval
            is multiplied by, one for each update, in training alone (STEER)
        shift: pixels by which training images are moved at most, the background moving in
        crop: pixels that are cut off training images at most, the rest enlarged to their size
        flip: whether every second training image is mirrored, left to right
        thin: probability with which training does not show a time of a series, drawn anew each
            epoch
        jitter: deviation of noise on the values of series in training, in standardised units
        redraw: whether training draws anew each epoch which times of a series are shown, as many
            as the data show, and which are to be found (interpolation)
    """
    given = dict(locals())
    for name, value in {"weight_decay": weight_decay, "decayed": decayed}.items():
        if value is not None and optimiser != "adamw":
            raise ConfigError(
                f"{name} = {value} would be ignored by {optimiser}: use optimiser adamw."
            )
    if warmup >= steps:
        raise ConfigError(f"warmup = {warmup}: expected less than steps = {steps}.")
    return TrainingOptions(given)


@lru_cache(maxsize=16)  # one optimiser for all runs of as many steps: the step is compiled once
def default_optimiser(steps: int) -> optax.GradientTransformation:
    """The optimiser of a run of so many steps whose options are all at their defaults."""
    made: optax.GradientTransformation = training_options(steps=steps).fit_arguments(None)[
        "optimiser"
    ]
    return made


KEEP_BEST = bool(options_of(training_options)["keep_best"].default)
"""Whether a run whose options are all at their defaults has the best weights."""


def _matrices(weights: PyTree) -> PyTree:
    """Which weights are matrices: not the biases, nor the constants of a field."""
    return jax.tree.map(lambda weight: weight.ndim >= 2, weights)


def named_loss(
    name: str | None, options: Mapping[str, object] | None = None
) -> Loss | AbstractUpdate | None:
    """A registered loss; None for no name, which stands for the model's own."""
    return None if name is None else LOSSES[name].builder(**(options or {}))
