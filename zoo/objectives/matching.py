"""Flow matching: a regression on velocities, without a solve."""

from typing import Protocol, runtime_checkable

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..errors import ConfigError, DataError
from ..solve import Solver
from ..types import AnyArray, AnyKey, Aux, Batch, Keys, Stats
from .likelihood import reported_likelihood
from .model import Model
from .reported import ReportedUpdate

_REAL = "real rows of the batch"


@runtime_checkable
class MatchesVelocities(Model, Protocol):
    """A model that learns the velocities of a probability path, such as `flow_matching`."""

    @property
    def has_likelihood(self) -> bool:
        """Whether `log_prob` is known: the density of the base is."""

    @property
    def classes(self) -> int:
        """How many classes it is told; 0 for none."""

    def velocity_errors(
        self,
        xs: AnyArray,
        *,
        key: AnyKey,
        labels: Int[AnyArray, " B"] | None = None,
        real: Bool[Array, " B"] | None = None,
        solver: Solver | None = None,
    ) -> Float[Array, " B"]:
        """The squared error of each example's velocity at a point of its path, a mean over numbers.

        `real` marks the examples that count, all where not given.
        """


def velocity_matching(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """(v(t, x_t) - dx_t/dt)² of each example, a mean over its numbers, at a random time.

    Lipman et al. 2023, "Flow Matching for Generative Modeling"; Liu et al. 2023; Albergo and
    Vanden-Eijnden 2023; Tong et al. 2024. One evaluation of the field for an example, and no solve.
    Its least value is not 0: the field learns the mean of the velocities that cross at a point.

    Raises `ConfigError` for a model that is not trained so, for training without a key and for what
    changes a solve in training, and `DataError` for data without the classes that a model is to be
    told.
    """
    if not isinstance(model, MatchesVelocities):
        raise ConfigError(
            f"{type(model).__name__} learns no velocities: expected a model with velocity_errors, "
            "such as flow_matching."
        )
    if key is None:
        raise ConfigError("Flow matching draws times and noise: expected a key, and got none.")
    if solver is not None and (solver.regulariser is not None or solver.stretch is not None):
        raise ConfigError(
            "Flow matching solves nothing in training, which a regulariser or a random end of the "
            "interval would change: expected neither. Straighter paths come of coupling = "
            "'optimal_transport'."
        )
    labels = batch.get("y") if model.classes else None
    if model.classes and (labels is None or not jnp.issubdtype(labels.dtype, jnp.integer)):
        raise DataError(
            f"The model is told {model.classes} classes, and the data have no labels y: expected "
            "data of classes, or a model with classes = False."
        )
    xs, real = model.inputs(batch), batch.get(_REAL)
    real = None if real is None else jnp.asarray(real)
    values = model.velocity_errors(xs, key=key, labels=labels, real=real, solver=solver)
    return values, Aux(Stats.discrete(len(values), 1))


def reported_matching(
    model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """-log p(x) by the flow, as of a model that was trained by likelihood.

    Of a model whose base has no known density the error of velocities with the example's own draws;
    its log p, the prediction, is then not a number.
    """
    if not isinstance(model, MatchesVelocities) or model.has_likelihood:
        return reported_likelihood(model, batch, key=key, step=step, solver=solver)
    xs = model.inputs(batch)
    values = model.velocity_errors(xs, key=key, solver=solver)
    stats = Stats.discrete(len(values), 1)
    return values, Aux(stats, {"velocity_error": values}, jnp.full_like(values, jnp.nan))


class MatchingUpdate(ReportedUpdate):
    """A step on `velocity_matching`, which is told which rows of the batch only fill it up.

    A coupling acts on the whole batch, and these rows must take no real one's partner.
    """

    def told(self, batch: Batch, weight: Float[Array, " B"]) -> Batch:
        """The batch, and which of its rows are real."""
        return {**batch, _REAL: weight > 0}


FLOW_MATCHING = MatchingUpdate(velocity_matching, reported_matching)
"""Training by `velocity_matching`; evaluation by the likelihood, where there is one."""
