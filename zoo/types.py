"""The few types that every floor shares: batches, `Stats` and `Aux`."""

from collections.abc import Mapping
from typing import TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

Batch: TypeAlias = Mapping[str, Array]
"""Named arrays whose first axis is the example: `x`, `y`, and where a data set has them `t`,
`mask`, `args`, `weight`."""

UNKNOWN_NFE = -1
"""Stands in `Stats.nfe` where Diffrax does not tell how often it evaluated (implicit solvers)."""


class Stats(eqx.Module):
    """What a batch of solves cost and whether each succeeded; passes through jit and vmap.

    `nfe` is what the example's *own* solve needed. A batch waits for its last example, so that more
    is really run: `calls` counts the evaluations of a batch, `work` those of an example in them.
    """

    accepted: Int[Array, " B"]
    """Steps that were kept."""
    rejected: Int[Array, " B"]
    """Attempts that were thrown away and tried again with a smaller step."""
    nfe: Int[Array, " B"]
    """Evaluations of the dynamics; `UNKNOWN_NFE` with an implicit solver."""
    result: Int[Array, " B"]
    """A code of `zoo.solve.Outcome`; 0 is success. Words are made on the host."""
    reached: Float[Array, " B"]
    """The share of the interval that was solved, 1 where the end was reached."""
    penalty: Float[Array, " B"]
    """What regularisers add to the example's loss."""
    calls: Int[Array, ""]
    """Evaluations of a batch that really ran, the whole one or what was left of it."""
    work: Int[Array, ""]
    """Evaluations of one example that really ran, those included whose outcome nobody needed."""

    @property
    def ok(self) -> Bool[Array, " B"]:
        """Which examples were solved."""
        return self.result == 0

    @property
    def idle_share(self) -> Float[Array, ""]:
        """1 - sum(nfe) / work: the share of the work spent waiting for the last one."""
        known = (self.nfe.min(initial=0) >= 0) & (self.work > 0)
        share = 1 - self.nfe.sum() / jnp.maximum(self.work, 1)
        return jnp.where(known, share, jnp.nan)

    @classmethod
    def discrete(cls, batch_size: int, depth: int) -> "Stats":
        """The cost of a discrete model: `depth` evaluations of a layer, never a failure."""
        steps = jnp.full((batch_size,), depth, jnp.int32)
        zeros = jnp.zeros((batch_size,), jnp.int32)
        return cls(
            accepted=steps,
            rejected=zeros,
            nfe=steps,
            result=zeros,
            reached=jnp.ones((batch_size,)),
            penalty=jnp.zeros((batch_size,)),
            calls=jnp.asarray(depth, jnp.int32),
            work=jnp.asarray(batch_size * depth, jnp.int32),
        )


class Aux(eqx.Module):
    """What a loss tells besides its values: the cost, metrics and predictions, all per example."""

    stats: Stats
    metrics: dict[str, Float[Array, " B"]] = eqx.field(default_factory=dict)
    prediction: Array | None = None
    counts: dict[str, Float[Array, " B"]] = eqx.field(default_factory=dict)
    """Of a metric that is a mean over things of which examples have unlike many, such as observed
    points: how many the example has. Its entry in `metrics` is then the sum over them, and the
    metric is the sum over all examples divided by the sum of the counts."""
