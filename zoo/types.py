"""The few types that every floor shares: batches, `Stats` and `Aux`."""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, PRNGKeyArray, PyTree, UInt32

from .errors import DataError

AnyArray: TypeAlias = Array | np.ndarray
"""An array of JAX, or of NumPy on the host."""

Batch: TypeAlias = Mapping[str, AnyArray]
"""Named arrays whose first axis is the example: `x`, `y`, and where a data set has them `t`,
`mask`, `args`, `weight`; on the device, or NumPy arrays on the host."""

State: TypeAlias = PyTree[Array]
"""A state, or its derivative: an array or a pytree of arrays, of one example or with the batch axis
first."""

StateType: TypeAlias = PyTree[Array | jax.ShapeDtypeStruct]
"""A state of which shapes and types alone are read; it may hold no numbers yet."""

Args: TypeAlias = PyTree[AnyArray | jax.ShapeDtypeStruct | float | str | Callable[..., object]]
"""What a vector field is given beside time and state: `None`, or a pytree whose arrays have the
batch axis first where the state has it. Other leaves reach the field as they are."""

OptimiserState: TypeAlias = PyTree
"""What an Optax optimiser remembers from step to step: a pytree of its own kind."""
Tree = TypeVar("Tree")
"""A pytree that a function returns in the structure in which it was given."""

Keys: TypeAlias = Key[Array, " B"] | UInt32[Array, "B 2"] | UInt32[Array, "B 4"]
"""A random key for each example; typed, or the raw words of `jax.random.PRNGKey`."""

AnyKey: TypeAlias = PRNGKeyArray | Keys
"""One random key for a batch, or one for each of its examples."""

UNKNOWN_NFE = -1
"""Stands in `Stats.nfe` where Diffrax does not tell how often it evaluated (implicit solvers)."""


class Stats(eqx.Module):
    """What a batch of solves cost and whether each succeeded; passes through jit and vmap.

    `nfe` is what the example's *own* solve needed. A batch waits for its last example, so that more
    is really run: `calls` counts the evaluations of a batch, `work` those of an example in them.

    A model with several solves returns one `Stats`: `a.then(b)` of two solves in a row,
    `stats.grouped(n)` of n solves for each example.
    """

    accepted: Int[AnyArray, " B"]
    """Steps that were kept."""
    rejected: Int[AnyArray, " B"]
    """Attempts that were thrown away and tried again with a smaller step."""
    nfe: Int[AnyArray, " B"]
    """Evaluations of the dynamics; `UNKNOWN_NFE` with an implicit solver."""
    result: Int[AnyArray, " B"]
    """A code of `zoo.solve.Outcome`; 0 is success. `zoo.solve.explain` says it in words."""
    reached: Float[AnyArray, " B"]
    """The share of the interval that was solved, 1 where the end was reached."""
    time: Float[AnyArray, " B"]
    """The time up to which it was solved: `t1` where the end was reached, the last of `ts` where
    these say where it is. In a discrete model, the number of layers."""
    penalty: Float[AnyArray, " B"]
    """What regularisers add to the example's loss."""
    calls: Int[AnyArray, ""]
    """Evaluations of a batch that really ran, the whole one or what was left of it."""
    work: Int[AnyArray, ""]
    """Evaluations of one example that really ran, those included whose outcome nobody needed."""
    nfe_by_block: Int[AnyArray, "B blocks"] | None = None
    """`nfe` of each of several solves in a row, in their order; None of one alone."""

    @property
    def ok(self) -> Bool[AnyArray, " B"]:
        """Which examples were solved."""
        return self.result == 0

    @property
    def idle_share(self) -> Float[AnyArray, ""]:
        """1 - sum(nfe) / work: the share of the work spent waiting for the last one."""
        known = (self.nfe.min(initial=0) >= 0) & (self.work > 0)
        share = 1 - self.nfe.sum() / jnp.maximum(self.work, 1)
        return jnp.where(known, share, jnp.nan)

    @property
    def blocks(self) -> dict[str, Int[AnyArray, " B"]]:
        """`nfe` of each of several solves by the solve's place, "0" the first; {} of one alone."""
        columns = () if self.nfe_by_block is None else self.nfe_by_block.T
        return {str(place): column for place, column in enumerate(columns)}

    def then(self, other: "Stats") -> "Stats":
        """These solves and the `other` ones, which go on from where these ended, as one.

        Counts and penalties add; `nfe` is unknown where one of the two is, and `nfe_by_block` has a
        column for each solve. `result`, `reached` and
        `time` are those of the first solve that failed, of the second where neither did.

            ys, first = solve(self.inner, xs)
            ys, second = solve(self.outer, jax.vmap(self.layer)(zeroed(ys, first)))
            stats = first.then(second)
            return marked(ys, stats), stats

        Raises `DataError` where the two are not of one batch.
        """
        if self.result.shape != other.result.shape:
            raise DataError(
                f"Stats of {len(self.result)} solves are followed by those of {len(other.result)}: "
                "expected as many, one for each example. Way out: stats.grouped(n) makes one of n "
                "solves for an example."
            )

        def later(a: AnyArray, b: AnyArray) -> Array:
            return jnp.where(self.ok, b, a)

        known = (self.nfe >= 0) & (other.nfe >= 0)
        return Stats(
            accepted=self.accepted + other.accepted,
            rejected=self.rejected + other.rejected,
            nfe=jnp.where(known, self.nfe + other.nfe, UNKNOWN_NFE),
            result=later(self.result, other.result),
            reached=later(self.reached, other.reached),
            time=later(self.time, other.time),
            penalty=self.penalty + other.penalty,
            calls=self.calls + other.calls,
            work=self.work + other.work,
            nfe_by_block=jnp.concatenate([self._columns(), other._columns()], axis=1),
        )

    def _columns(self) -> Int[AnyArray, "B blocks"]:
        return self.nfe[:, None] if self.nfe_by_block is None else self.nfe_by_block

    def grouped(self, n: int) -> "Stats":
        """`Stats` of B examples from those of B * n solves: rows i * n to (i + 1) * n - 1 are i's.

        As `jnp.repeat(xs, n, axis=0)` orders them; what several draws for an example cost.
        Counts and penalties add, as in `then`: a loss that is a mean over the draws divides them by
        n. `result`, `reached` and `time` are those of the example's first solve that failed, of its
        last where none did.

        Raises `DataError` where the solves are no multiple of n.
        """
        if n < 1 or len(self.result) % n:
            raise DataError(
                f"grouped({n}) of {len(self.result)} solves: expected a number of 1 or more that "
                "divides them, the solves of one example. Way out: n of "
                "jnp.repeat(xs, n, axis=0), by which the examples were repeated."
            )

        def rows(x: AnyArray) -> AnyArray:
            return x.reshape(-1, n)

        def total(x: AnyArray) -> AnyArray:
            return rows(x).sum(axis=1)

        def counts(x: AnyArray) -> Array:
            return jnp.where(rows(x >= 0).all(axis=1), total(x), UNKNOWN_NFE)

        blocks = self.nfe_by_block
        failed = rows(~self.ok)
        place = jnp.where(failed.any(axis=1), jnp.argmax(failed, axis=1), n - 1)

        def pick(x: AnyArray) -> Array:
            return jnp.take_along_axis(rows(x), place[:, None], axis=1)[:, 0]

        return Stats(
            accepted=total(self.accepted),
            rejected=total(self.rejected),
            nfe=counts(self.nfe),
            result=pick(self.result),
            reached=pick(self.reached),
            time=pick(self.time),
            penalty=total(self.penalty),
            calls=self.calls,
            work=self.work,
            nfe_by_block=None if blocks is None else jax.vmap(counts, 1, 1)(blocks),
        )

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
            time=jnp.full((batch_size,), float(depth)),
            penalty=jnp.zeros((batch_size,)),
            calls=jnp.asarray(depth, jnp.int32),
            work=jnp.asarray(batch_size * depth, jnp.int32),
        )


class Aux(eqx.Module):
    """What a loss tells besides its values: the cost, metrics and predictions, all per example."""

    stats: Stats
    metrics: dict[str, Float[AnyArray, " B"]] = eqx.field(default_factory=dict)
    prediction: AnyArray | None = None
    counts: dict[str, Float[AnyArray, " B"]] = eqx.field(default_factory=dict)
    """Of a metric that is a mean over things of which examples have unlike many, such as observed
    points: how many the example has. Its entry in `metrics` is then the sum over them, and the
    metric is the sum over all examples divided by the sum of the counts."""
