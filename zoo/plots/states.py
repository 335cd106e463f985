"""The states that a model takes its examples through: at times of an ODE, or between blocks."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..datasets import Dataset
from ..errors import ConfigError
from ..models import AbstractODEModel, ResNet
from ..models.base import AbstractModel
from ..types import Args

POINTS = 201
"""Times at which an ODE's states are drawn, the middle of the interval among them. All figures of a
model ask for these, so that one solve is compiled for all."""
EXAMPLES = 200
"""Examples of the test split that figures of states choose from."""
_ROWS = 2000
"""States from which principal components are computed."""


class Course(NamedTuple):
    """What a model makes of a batch on the way from its first state to its last."""

    depths: Float[np.ndarray, " T"]
    """Times, or for a discrete model the number of blocks passed."""
    states: Float[np.ndarray, "B T D"]
    """NaN where a solve failed."""
    discrete: bool


def course_of(model: AbstractModel, data: Dataset, points: int = POINTS) -> Course:
    """The states of the first 200 test examples.

    An ODE's at `points` equally spaced times of its solver's interval, a residual net's before its
    first block and after each. A state of several axes is flattened.

    Of a model with several solves, those of its main one. Raises `ConfigError` for a model that has
    neither times nor blocks.
    """
    check_states(model, data)
    if points < 2:
        raise ConfigError(f"points = {points}: expected 2 or more.")
    batch = {name: values[:EXAMPLES] for name, values in data.test.items()}
    if isinstance(model, ResNet):
        states = _between_blocks(model, jnp.asarray(batch["x"]))
        depths = np.arange(float(states.shape[1]))
    else:
        assert isinstance(model, AbstractODEModel), "checked above"
        depths = np.linspace(*interval(model), points)
        states = _at_times(model, jnp.asarray(batch["x"]), jnp.asarray(depths), batch.get("args"))
    return Course(depths, _flat(np.asarray(states)), isinstance(model, ResNet))


def can_follow(model: AbstractModel, data: Dataset) -> bool:
    """Whether `course_of` fits: an ODE model or a residual net, on inputs of one axis."""
    return isinstance(model, AbstractODEModel | ResNet) and data.train["x"].ndim == 2


def check_states(model: AbstractModel, data: Dataset) -> None:
    """Raises `ConfigError` where there are no states to draw."""
    if not can_follow(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, with inputs of shape "
            f"{data.train['x'].shape[1:]}, has no states to draw: expected an ODE model (a "
            "subclass of zoo.AbstractODEModel, such as ODENet), or a ResNet, on inputs of one axis."
        )


def state_size(model: AbstractModel, data: Dataset) -> int | None:
    """The length of a state that is a vector; None where it has other axes or is not known."""
    if not can_follow(model, data):
        return None
    x = jnp.asarray(data.test["x"][:1])
    if isinstance(model, ResNet):
        shape = eqx.filter_eval_shape(_between_blocks, model, x).shape[2:]
    else:
        assert isinstance(model, AbstractODEModel), "checked above"
        shape = eqx.filter_eval_shape(lambda model, xs: model.initial_state(xs), model, x).shape[1:]
    return int(shape[0]) if len(shape) == 1 else None


def interval(model: AbstractODEModel) -> tuple[float, float]:
    """Start and end of a model's own main solve."""
    resolved = model.main_solver.resolve()
    return float(resolved.t0), float(resolved.t1)  # type: ignore[arg-type]


class Coordinates(NamedTuple):
    """States in a few coordinates, and what their axes are called."""

    values: Float[np.ndarray, "B T K"]
    names: list[str]
    shares: list[float]
    """Of the variance, one a principal component; empty where the state is shown as it is."""


def coordinates(states: Float[np.ndarray, "B T D"]) -> Coordinates:
    """The states' own entries where these are at most four, else three principal components.

    The components are those of all finite states, at all depths.
    """
    size = states.shape[-1]
    rows = states.reshape(-1, size).astype(np.float64)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if size <= 4 or len(rows) < 3:
        names = ["state"] if size == 1 else [f"state $y_{i + 1}$" for i in range(min(size, 4))]
        return Coordinates(states[..., :4], names, [])
    centre = rows.mean(axis=0)
    some = rows[:: max(len(rows) // _ROWS, 1)] - centre
    _, lengths, axes = np.linalg.svd(some, full_matrices=False)
    shares = lengths**2 / max(np.sum(lengths**2), np.finfo(float).tiny)
    names = [f"principal\ncomponent {i + 1}" for i in range(3)]
    return Coordinates((states - centre) @ axes[:3].T, names, shares[:3].tolist())


@eqx.filter_jit
def _at_times(model: AbstractODEModel, xs: Array, ts: Array, args: Args) -> Array:
    return model.trajectory(xs, jnp.asarray(ts, jnp.asarray(xs).dtype), args=args)[0]


@eqx.filter_jit
def _between_blocks(model: ResNet, xs: Array) -> Array:
    return model.states(jnp.asarray(xs))


def _flat(states: np.ndarray) -> np.ndarray:
    return states.reshape(*states.shape[:2], -1)
