"""Draws of a density, the paths on which they come from the base, and what they cost."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ...datasets import Dataset
from ...errors import ConfigError
from ...evaluation.batched import example_keys, mean_nfe, traced_solver
from ...models.base import AbstractModel
from ...models.densities import AbstractDensity
from ...solve import Solver
from ...types import Keys, Stats
from ..plane import is_planar
from ..states import interval

TIMES = 41
"""Of a block at which figures see paths: one solve, compiled once, serves several of them."""


class Draws(NamedTuple):
    """Examples drawn from a density."""

    values: Float[np.ndarray, "n ..."]
    """In the user's units; NaN where a solve failed."""
    nfe: float | None
    """The mean evaluations of a draw."""


class Paths(NamedTuple):
    """States from the base to data at T times; NaN where a solve failed."""

    states: Float[np.ndarray, "n T ..."]
    """In the model's units."""
    shown: Float[np.ndarray, "n T ..."]
    """In the user's units."""
    names: list[str]
    """What each time is called, [T]."""


def is_density(model: AbstractModel, data: Dataset) -> bool:
    """Whether draws of a model can be shown beside data."""
    return isinstance(model, AbstractDensity) and "args" not in data.train


def density_for(
    fits: bool, model: AbstractModel, data: Dataset, figure: str, needs: str
) -> AbstractDensity:
    """The model, as a density. Raises `ConfigError` where the figure does not fit.

    Args:
        fits: whether it does.
        model: what is to be drawn.
        data: what it was trained on.
        figure: what cannot be drawn.
        needs: what the data have to be.
    """
    if not fits or not isinstance(model, AbstractDensity):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} ({data.spec}) has no {figure} to draw: "
            f"expected a zoo.AbstractDensity, such as cnf, and {needs}. Way out: "
            "zoo.plots.all_figures draws what fits."
        )
    return model


def check_count(name: str, count: int, least: int = 1) -> None:
    """Raise `ConfigError` for fewer draws, images or frames than a figure can show."""
    if count < least:
        raise ConfigError(f"{name} = {count}: expected {least} or more.")


def draw(
    model: AbstractDensity, data: Dataset, count: int, *, solver: Solver | None = None
) -> Draws:
    """The first draws of `zoo.sample(model, None, n, key=jax.random.key(0), data=data)`."""
    values, stats = _draw(model, _keys(count), traced_solver(model, solver))
    return Draws(data.preprocessing.raw(np.asarray(values)), mean_nfe(np.asarray(stats.nfe)))


def paths_of(model: AbstractDensity, data: Dataset, *, times: int = TIMES) -> Paths:
    """The paths of points of the base to data, at equal steps of time in each block.

    1,000 of them where there are two features, which are cheap and make a picture; else 200.
    """
    count = 1000 if is_planar(data) else 200
    t0, t1 = interval(model)
    blocks, steps = len(model.blocks), times - 1
    ts = t1 - (t1 - t0) * np.arange(blocks * steps + 1) / steps
    states = np.asarray(_follow(model, _keys(count), jnp.asarray(ts, float)))
    own = t1 - (t1 - t0) * np.where(ts < t1, (np.arange(len(ts)) - 1) % steps + 1, 0) / steps
    names = [f"$t$ = {t:.2f}" for t in own]
    for place in range(times, len(ts)):
        names[place] = f"block {blocks - (place - 1) // steps}, {names[place]}"
    return Paths(states, data.preprocessing.raw(states), names)


def _keys(count: int) -> Keys:
    """The keys of `zoo.sample` without inputs, for jax.random.key(0)."""
    places = np.arange(count, dtype=np.uint32)
    return example_keys(jax.random.fold_in(jax.random.key(0), 0), places)


@eqx.filter_jit
def _draw(model: AbstractDensity, keys: Keys, solver: Solver | None) -> tuple[Array, Stats]:
    return model.sample(None, key=keys, solver=solver)


@eqx.filter_jit
def _follow(model: AbstractDensity, keys: Keys, ts: Array) -> Array:
    zs = jax.vmap(lambda key: jax.random.normal(key, model.event_shape))(keys)
    return model.paths(zs, ts)[0]
