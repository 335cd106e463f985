"""What a fitted law says: its parameters with a meaning, and how much of it is a net."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from ..datasets.base import Arrays
from ..datasets.kept_split import count_of
from ..dynamics import Dynamics, lift, without_net
from ..models import AbstractODEModel
from ..models.base import AbstractModel
from ..models.series import Series
from ..placement import spread, whole_shares
from ..solve import Solver
from ..types import AnyArray, Args, Batch, State
from .batched import join_parts, over_batches


def laws_report(
    model: AbstractModel, arrays: Arrays, solver: Solver | None, batch_size: int | None
) -> dict[str, Any]:
    """Of a model with parameters that have a meaning `parameters`, those by name; of one with
    `HybridDynamics` also `net_share`, the net's share of the motion.

    The share is the net's mean speed over the sum of its own and that of the known law, along the
    model's own solutions of a split: 0 where the net adds nothing, 1 where the law does nothing. A
    net can stand for a wrong number in the law and fit as well, so that parameters beside a net
    with a large share are not measurements: compare seeds (`--seeds 5`).
    """
    told: dict[str, Any] = {}
    parameters = model.physical_parameters()
    if parameters:
        told["parameters"] = parameters
    share = net_share(model, arrays, solver, batch_size)
    return told if share is None else {**told, "net_share": share}


def net_share(
    model: AbstractModel, arrays: Arrays, solver: Solver | None, batch_size: int | None
) -> float | None:
    """The net's share of the motion, see `laws_report`; None of a model without a hybrid field,
    and where no example could be solved."""
    if not isinstance(model, AbstractODEModel):
        return None
    known = without_net(model.dynamics)
    if known is None:
        return None
    size = whole_shares(batch_size or min(128, count_of(arrays)), model)

    def speeds_of(batch: Batch) -> Array:
        given = model.inputs(batch), batch.get("args")
        return spread(_speeds, (2, 3), model, known, *given, solver)

    speeds = join_parts(*over_batches(speeds_of, model, arrays, size))
    sums = np.nansum(np.asarray(speeds).astype(np.float64), axis=0)
    return float(sums[0] / sums.sum()) if sums.sum() > 0 else None


@eqx.filter_jit
def _speeds(
    model: AbstractODEModel,
    known: Dynamics,
    xs: PyTree[AnyArray],
    args: Args,
    solver: Solver | None,
) -> Float[Array, "B 2"]:
    """The mean speed of the net, and of the known law, along the solution of each example."""
    _, given = model.problem(xs, args)
    ts = _times(model, xs, solver)
    states, stats = model.trajectory(xs, ts, args=args, solver=solver)
    ts = jnp.broadcast_to(ts, states.shape[:2])

    def at(t: Float[Array, " B"], ys: State) -> Float[Array, "B 2"]:
        law = lift(known)(t, ys, given)
        added = lift(model.dynamics)(t, ys, given) - law
        speeds = [jnp.linalg.norm(each.reshape(len(each), -1), axis=1) for each in (added, law)]
        return jnp.stack(speeds, axis=1)

    means = jax.vmap(at, in_axes=1, out_axes=1)(ts, states).mean(axis=1)
    return jnp.where(stats.ok[:, None], means, jnp.nan)


def _times(model: AbstractODEModel, xs: PyTree[AnyArray], solver: Solver | None) -> Array:
    """Those of a series, counted from its start; else 20 over the interval of the solver."""
    if isinstance(xs, Series):
        return xs.since_start
    resolved = model.effective(solver).resolve()
    assert resolved.t0 is not None and resolved.t1 is not None, "a resolved solver has both"
    return resolved.t0 + jnp.linspace(0.0, 1.0, 20) * (resolved.t1 - resolved.t0)
