"""Draws of a density, the paths on which they come from the base, and what they cost."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ...datasets import Dataset
from ...errors import ConfigError
from ...evaluation.batched import mean_nfe, traced_solver
from ...evaluation.sample import draw_many, keys_without_inputs
from ...models.base import AbstractModel
from ...models.densities import AbstractDensity
from ...solve import Solver
from ...types import Keys
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


def has_likelihood(model: AbstractModel, data: Dataset) -> bool:
    """Whether a model's log densities of data can be shown: not where its base has none."""
    return is_density(model, data) and isinstance(model, AbstractDensity) and model.has_likelihood


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
    traced = traced_solver(model, solver)
    values, stats = draw_many(
        model, None, count, key=jax.random.key(0), solver=traced, batch_size=count
    )
    return Draws(data.preprocessing.raw(values), mean_nfe(stats.nfe))


def paths_of(model: AbstractDensity, data: Dataset, *, times: int = TIMES) -> Paths:
    """The paths of points of the base to data, at equal steps of time in each block.

    1,000 of them where there are two features, which are cheap and make a picture; else 200.
    """
    count = 1000 if is_planar(data) else 200
    t0, t1 = interval(model)
    blocks, steps = len(model.blocks), times - 1
    ts = t1 - (t1 - t0) * np.arange(blocks * steps + 1) / steps
    states = np.asarray(
        _follow(model, keys_without_inputs(jax.random.key(0), count), jnp.asarray(ts, float))
    )
    own = t1 - (t1 - t0) * np.where(ts < t1, (np.arange(len(ts)) - 1) % steps + 1, 0) / steps
    names = [f"$t$ = {t:.2f}" for t in own]
    for place in range(times, len(ts)):
        names[place] = f"block {blocks - (place - 1) // steps}, {names[place]}"
    return Paths(states, data.preprocessing.raw(states), names)


@eqx.filter_jit
def _follow(model: AbstractDensity, keys: Keys, ts: Array) -> Array:
    return model.paths(model.base_draws(keys), ts)[0]
