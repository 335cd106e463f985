"""How straight a flow's paths are: their energy beside the least that transport can take."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ..dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ..errors import ConfigError, DataError
from ..models.densities import AbstractDensity
from ..solve import Solver, first, solve, zeroed
from ..types import AnyArray, Args, Keys, State, Stats
from .predict import warn_of_failures


class Straightness(NamedTuple):
    """What `straightness` finds, all of it in the model's units."""

    energy: float
    """The mean of ∫ |dx/ds|² ds over paths from the base, s from 0 to 1."""
    least: float
    """The squared 2-Wasserstein distance of their starts and the data: the least energy of any
    flow between the two."""
    normalised: float
    """|energy - least| / least: 0 of a flow that is optimal transport."""


def straightness(
    model: AbstractDensity,
    xs: AnyArray,
    *,
    key: PRNGKeyArray,
    n: int = 512,
    solver: Solver | None = None,
) -> Straightness:
    """The normalised path energy of a flow (Tong et al. 2024, section 6.1).

    Both are of n points: n paths from the base, and as many rows of `xs` for the distance, which is
    that of the two samples, by an exact pairing on the host.

    Args:
        model: a density with one field.
        xs: inputs [N, *event_shape] as the model takes them, such as `data.test["x"]`.
        key: what the base's points and the rows are drawn from.
        n: how many; N where there are fewer rows.
        solver: laid over the model's own.

    Raises `ConfigError` for a model of several fields, whose paths are no line from data to base,
    and `DataError` for no rows. A failed solve is left out, with a warning.
    """
    if len(model.blocks) != 1:
        raise ConfigError(
            f"A {type(model).__name__} of {len(model.blocks)} blocks: expected one, whose paths go "
            "from the base to the data."
        )
    count = min(n, len(xs))
    if count < 1:
        raise DataError(f"n = {n} of {len(xs)} rows: expected one or more of each.")
    base_key, row_key = jax.random.split(key)
    keys = jax.random.split(base_key, count)
    zs, energies, stats = _energies(model, keys, solver)
    warn_of_failures(jax.tree.map(np.asarray, stats))
    rows = np.asarray(jax.random.permutation(row_key, len(xs)))[:count]
    energy = float(np.mean(np.asarray(energies)[np.asarray(stats.ok)], dtype=np.float64))
    least = squared_wasserstein(np.asarray(zs), np.asarray(model.initial_state(xs))[rows])
    return Straightness(energy, least, abs(energy - least) / least)


def squared_wasserstein(one: np.ndarray, other: np.ndarray) -> float:
    """The squared 2-Wasserstein distance of two samples [n, ...] of as many points, exactly."""
    from scipy.optimize import linear_sum_assignment  # a tenth of what importing the zoo takes

    flat = [np.asarray(each, np.float64).reshape(len(each), -1) for each in (one, other)]
    squares = [(each**2).sum(axis=1) for each in flat]
    costs = squares[0][:, None] + squares[1] - 2 * flat[0] @ flat[1].T
    return float(costs[linear_sum_assignment(costs)].mean())


@eqx.filter_jit
def _energies(
    model: AbstractDensity, keys: Keys, solver: Solver | None
) -> tuple[Array, Float[Array, " n"], Stats]:
    """Points of the base, the energy of the path from each, and what the solves cost."""
    zs = model.base_draws(keys)
    back = model.effective(solver).backwards()
    ys = (zs, jnp.zeros(len(zs), zs.dtype))
    (_, energies), stats = solve(_WithEnergy(model.dynamics), ys, solver=back, error_of=first)
    assert back.t0 is not None and back.t1 is not None, "a resolved solver"
    span = jnp.asarray(back.t1 - back.t0, zs.dtype)
    return zs, zeroed(energies * span, stats), stats


class _WithEnergy(AbstractBatchDynamics):
    """d(y, e)/dt = (f, |f|²)."""

    field: Dynamics

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of (states [B, ...], energies [B])."""
        states, energies = ys
        slopes = lift(self.field)(t, states, args)
        squares = jnp.sum(slopes.reshape(len(slopes), -1) ** 2, axis=1)
        return slopes, squares.astype(energies.dtype)
