"""Maximum likelihood: minus the log density of each example."""

from typing import Protocol, runtime_checkable

from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import ConfigError
from ..solve import Solver
from ..types import AnyArray, Args, Aux, Batch, Keys, Stats
from .model import Model
from .reported import ReportedUpdate


@runtime_checkable
class HasDensity(Model, Protocol):
    """A model that says how likely an example is, see `zoo.AbstractDensity`."""

    def log_prob(
        self,
        xs: AnyArray,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
        training: bool = False,
    ) -> tuple[Float[Array, " B"], Stats]:
        """log p(x) of each example, [B]."""


def negative_log_likelihood(
    model: Model,
    batch: Batch,
    *,
    key: PRNGKeyArray | Keys | None,
    step: Array,
    solver: Solver | None,
) -> tuple[Float[Array, " B"], Aux]:
    """-log p(x) of each example, in nats and the model's units.

    The trace is taken, and noise added to inputs of few levels, as for training.

    Raises `ConfigError` for a model without a density.
    """
    return _likelihood(model, batch, key, solver, training=True)


def reported_likelihood(
    model: Model, batch: Batch, *, key: Keys, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """-log p(x) of each example as it is reported: by an exact trace, or by more probes.

    The prediction is log p(x). Raises `ConfigError` for a model without a density.
    """
    return _likelihood(model, batch, key, solver, training=False)


MAXIMUM_LIKELIHOOD = ReportedUpdate(negative_log_likelihood, reported_likelihood)
"""Training by `negative_log_likelihood`; evaluation by the density that is reported."""


def _likelihood(
    model: Model,
    batch: Batch,
    key: PRNGKeyArray | Keys | None,
    solver: Solver | None,
    *,
    training: bool,
) -> tuple[Float[Array, " B"], Aux]:
    if not isinstance(model, HasDensity):
        raise ConfigError(
            f"The likelihood is the loss of a model with a density, and {type(model).__name__} "
            "has no log_prob: expected one such as cnf."
        )
    xs, args = model.inputs(batch), batch.get("args")
    log_density, stats = model.log_prob(xs, args=args, solver=solver, key=key, training=training)
    return -log_density, Aux(stats, {}, log_density)
