"""What one step of training reports of its batch, made of sums over the batch's examples."""

from collections.abc import Mapping
from typing import TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..types import AnyArray, Stats
from .losses import ratio, weighted_sum


class StepReport(eqx.Module):
    """What one update tells the loop; every field is about the real examples of the batch.

    The loop brings those of the K steps of a chunk to the host as one, its fields [K, ...].
    """

    ok: Bool[AnyArray, "*steps"]
    """Whether the new parameters may be kept; where False the loop takes the old ones."""
    loss: Float[AnyArray, "*steps"]
    metrics: dict[str, Float[AnyArray, "*steps"]]
    nfe: Float[AnyArray, "*steps"]
    """Mean evaluations of an example, NaN where unknown."""
    failed: Int[AnyArray, "*steps"]
    """How many solves failed."""
    result: Int[AnyArray, "*steps"]
    """The largest `zoo.solve.Outcome` among them."""
    moved: Bool[AnyArray, "*steps leaves"] | None = None
    """Which trained leaves got a gradient other than zero; None where an update does not say."""
    left_out: Int[AnyArray, "*steps 2"] | None = None
    """How many examples were kept out because their own gradient was not finite, and the place in
    the batch of the first of them; None where an update does not say."""
    learning_rate: Float[AnyArray, "*steps"] | None = None
    """Of the optimiser at this update, filled in by the loop; None where it is not known."""
    examples: Int[AnyArray, "*steps"] | None = None
    """How many examples counted, neither padding nor of weight zero, filled in by the loop."""


Quotient: TypeAlias = tuple[Float[Array, ""], Float[Array, ""]]
"""A sum, and what it is divided by."""


class Tally(eqx.Module):
    """What some examples of a batch add to its report; the entries of disjoint parts add up.

    `result` alone does not: of two parts it is the larger one.
    """

    metrics: dict[str, Quotient]
    """Of each metric the weighted sum over the examples that were solved."""
    costs: dict[str, Quotient]
    """Of `nfe`, and of that of each block, the sum over the examples that count."""
    real: Int[AnyArray, ""]
    """How many examples count: their weight is above 0."""
    healthy: Int[AnyArray, ""]
    """How many of these were solved."""
    failed: Int[AnyArray, ""]
    """How many of these were not."""
    result: Int[AnyArray, ""]
    """The largest `zoo.solve.Outcome` among those that count."""


def tally_of(
    stats: Stats,
    metrics: Mapping[str, Float[AnyArray, " B"]],
    weight: Float[Array, " B"],
    counts: Mapping[str, Float[AnyArray, " B"]] | None = None,
) -> Tally:
    """The tally of the examples of a batch, by their weights, 0 for those that only fill it up.

    Metrics named in `counts` are sums over so many things, see `Aux.counts`.
    """
    counts = counts or {}
    real = weight > 0
    healthy = jnp.where(stats.ok, weight, 0)

    def of_metric(name: str, values: Float[AnyArray, " B"]) -> Quotient:
        count = counts.get(name)
        below = jnp.sum(healthy) if count is None else weighted_sum(count, healthy)
        return weighted_sum(values, healthy), below

    def of_cost(nfe: Int[AnyArray, " B"]) -> Quotient:
        known = jnp.where(nfe >= 0, nfe, jnp.nan).astype(weight.dtype)
        ones = real.astype(weight.dtype)
        return weighted_sum(known, ones), jnp.sum(ones)

    blocks = {f"nfe_by_block.{place}": each for place, each in stats.blocks.items()}
    return Tally(
        metrics={name: of_metric(name, values) for name, values in metrics.items()},
        costs={name: of_cost(each) for name, each in ({"nfe": stats.nfe} | blocks).items()},
        real=jnp.sum(real),
        healthy=jnp.sum(healthy > 0),
        failed=jnp.sum(real & ~stats.ok),
        result=jnp.max(jnp.where(real, stats.result, 0), initial=0),
    )


def report_from(
    tally: Tally,
    loss: Float[AnyArray, ""],
    finite: Bool[Array, ""],
    moved: Bool[Array, " leaves"] | None = None,
    *,
    isolated: bool = False,
) -> StepReport:
    """The report of the examples of a tally, see `report_of`."""
    any_healthy = tally.healthy > 0
    enough = any_healthy if isolated else tally.failed == 0

    def mean(of: Quotient, known: Bool[AnyArray, ""]) -> Float[Array, ""]:
        return jnp.where(known, ratio(*of), jnp.nan)

    metrics = {name: mean(of, any_healthy) for name, of in tally.metrics.items()}
    costs = {name: mean(of, tally.real > 0) for name, of in tally.costs.items()}
    return StepReport(
        ok=finite & enough,
        loss=jnp.where(any_healthy, loss, jnp.nan),
        nfe=costs.pop("nfe"),
        metrics={**metrics, **costs},
        failed=tally.failed,
        result=tally.result,
        moved=moved,
    )


def report_of(
    stats: Stats,
    loss: Float[Array, ""],
    metrics: Mapping[str, Float[AnyArray, " B"]],
    weight: Float[Array, " B"],
    finite: Bool[Array, ""],
    moved: Bool[Array, " leaves"] | None = None,
    *,
    isolated: bool = False,
    counts: Mapping[str, Float[AnyArray, " B"]] | None = None,
) -> StepReport:
    """The report of a batch: metrics averaged, and `ok` where all is finite and no solve failed.

    Metrics named in `counts` are sums over so many things, see `Aux.counts`.

    Where no example is left to average over, the loss and the metrics are NaN.

    With `isolated` failures (`AbstractModel.isolates_failures`) the examples that failed were kept
    out, and a step is ok where any example is left.

    Elsewhere a failed solve makes the gradient of every example NaN (0 · NaN inside the solve),
    or worse, finite and wrong, so that the step as a whole cannot be kept.
    """
    tally = tally_of(stats, metrics, weight, counts)
    return report_from(tally, loss, finite, moved, isolated=isolated)
