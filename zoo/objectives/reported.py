"""A gradient step on one loss, where evaluation reports another one."""

from typing import Protocol, runtime_checkable

import equinox as eqx
from jaxtyping import Array, Float

from ..solve import Solver
from ..types import Aux, Batch, Keys
from .model import Model
from .updates import GradientUpdate


@runtime_checkable
class Evaluation(Protocol):
    """`reported(model, batch, *, key, step, solver) -> (values [B], Aux)`, as a `Loss`.

    `key` holds a key for each example, [B], made from its place in the split.
    """

    def __call__(
        self, model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        """What is reported of each example."""


class ReportedUpdate(GradientUpdate):
    """A step against the gradient of a loss; evaluation reports, and early stopping follows, what
    `reported` gives.

    For a loss that changes with the step (annealing, a horizon that grows), draws, or is fitted in
    pieces, which says little of what the model is worth.

        objectives = {"forecasting": ReportedUpdate(elbo, PathReport(targets_of, "nll"))}
    """

    reported: Evaluation = eqx.field(static=True)

    def evaluation(
        self, model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        """What `reported` gives of each example."""
        return self.reported(model, batch, key=key, step=step, solver=solver)
