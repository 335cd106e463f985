"""What data sets of fields share: solutions by the zoo's own solvers, on the grid asked for."""

from collections.abc import Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ....dynamics.pde import SemilinearMethodOfLines
from ....errors import ConfigError
from ....solve import ETDRK4, Solver, solve
from ...raw import RawData
from ...series.build import series_data

RESOLVED = 1e-3
"""The share of the largest mode below which a mode is of a resolved field that has three points of
the fine grid for a wave: those that are shorter are left out of products."""


def solution(
    field: SemilinearMethodOfLines,
    u0: Float[np.ndarray, "N ..."],
    t: Float[np.ndarray, " T"],
    *,
    step: float,
) -> Float[np.ndarray, "N T ..."]:
    """The fields at equally spaced times t, from u0 at t[0], in float64 by `ETDRK4`.

    Steps are of the length `step` or the next shorter one that meets every time.

    Raises `ConfigError` where the fine grid does not resolve what happens.
    """
    gap = float(t[1] - t[0])
    steps = int(np.ceil(gap / step - 1e-9)) * (len(t) - 1)
    with jax.enable_x64(True):
        solver = Solver(ETDRK4(), steps=steps, t0=float(t[0]), t1=float(t[-1]), batching="joint")
        found = solve(field, jnp.asarray(u0), ts=jnp.asarray(t), solver=solver)[0]
        modes = np.abs(np.asarray(jax.vmap(jax.vmap(field.to_modes))(found)))
    highest = modes[(..., *[n // 3 for n in field.grid.points], slice(None))]
    largest = modes.reshape(-1, modes.shape[-1]).max(axis=0)
    if not (highest <= RESOLVED * largest).all():
        raise ConfigError(
            f"A grid of {field.grid.points} points does not resolve the field up to time "
            f"{t[-1]:g}: its shortest waves are not small beside its longest ones. Way out: more "
            "points of the fine grid, a larger viscosity, or a shorter duration."
        )
    return np.asarray(found)


def factor_of(fine: int, points: int) -> int:
    """How many points of the fine grid one of the coarse grid stands for.

    Raises `ConfigError` where that is no whole number.
    """
    if fine % points:
        raise ConfigError(
            f"points = {points} of a fine grid of {fine}: expected a divisor of {fine}, such as "
            f"{fine // 4}."
        )
    return fine // points


def cell_means(u: Float[np.ndarray, "... fine"], points: int) -> Float[np.ndarray, "... points"]:
    """The means over the cells of a coarse grid, whose sum is what the fine grid's is.

    Raises `ConfigError` where the coarse grid is no part of the fine one.
    """
    factor = factor_of(u.shape[-1], points)
    means: np.ndarray = u.reshape(*u.shape[:-1], points, factor).mean(axis=-1)
    return means


def field_data(
    t: Float[np.ndarray, " T"],
    x: Float[np.ndarray, "N T D"],
    *,
    noise: float,
    horizon: float | None,
    seed: int,
    names: Sequence[str] = (),
) -> RawData:
    """Series [N, T, D] of the D numbers of fields, with noise of a deviation `noise`.

    They stay in the units of their equation, unless a user says otherwise.
    """
    drawn = np.random.default_rng((seed, 1)).standard_normal(x.shape)
    times = np.broadcast_to(t, x.shape[:2])
    values = x + noise * drawn
    raw = series_data(
        {"t": times, "x": values},
        ("trajectory",),
        horizon=horizon,
        seed=seed,
        channel_names=tuple(names),
    )
    return replace(raw, standardise=False)


def random_waves(
    rng: np.random.Generator, count: int, points: int, waves: int
) -> Float[np.ndarray, "count points"]:
    """Periodic fields of the first `waves` modes, in random proportions and phases, of mean 0.

    Their root mean square is drawn evenly between 0.5 and 1.
    """
    place = 2 * np.pi * np.arange(1, waves + 1)[:, None] * np.arange(points) / points
    sines, cosines = rng.standard_normal((2, count, waves))
    u = sines @ np.sin(place) + cosines @ np.cos(place)
    return u / np.sqrt(np.mean(u**2, axis=1, keepdims=True)) * rng.uniform(0.5, 1.0, (count, 1))
