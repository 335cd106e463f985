"""What a model says of some series of the test split, beside what was observed of them."""

from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from ...datasets import Dataset
from ...datasets.base import Arrays
from ...datasets.preparation import SeriesPreparation
from ...errors import ConfigError
from ...evaluation.batched import forward_arrays, traced_solver
from ...models.base import AbstractModel
from ...models.series import Series

EXAMPLES = 64
"""Series of the test split that figures choose from, so that one solve serves them all."""


@dataclass(frozen=True)
class Predicted:
    """N series in the user's units."""

    t: Float[np.ndarray, "N T"]
    values: Float[np.ndarray, "N T D"]
    """What was observed; NaN elsewhere."""
    shown: Bool[np.ndarray, "N T D"]
    """Of what was observed, what the model was shown."""
    mean: Float[np.ndarray, "N T D"]
    """What the model says; NaN where its solve failed, and behind the end of a series."""
    deviation: Float[np.ndarray, "N T D"] | None
    """The standard deviation that it tells; None where it tells none."""


def predicted(model: AbstractModel, data: Dataset) -> Predicted:
    """Some test series and what a model says of them, each at its own times.

    Raises `ConfigError` for other data and for a model whose outputs are no paths.
    """
    check_paths(model, data)
    arrays = some_series(data)
    outputs, _ = forward_arrays(model, arrays, traced_solver(model, None), EXAMPLES)
    outputs = np.asarray(outputs, np.float64)
    truth = Series.of({name: each for name, each in arrays.items() if name != "given"})
    shown = np.asarray(Series.of(arrays).mask)
    learned = data.preprocessing
    times = np.asarray(truth.t, np.float64)
    scale = learned.t_scale if isinstance(learned, SeriesPreparation) else None
    mean, deviation = (outputs, None) if outputs.ndim == 3 else (outputs[..., 0], outputs[..., 1])
    ended = np.concatenate([np.zeros_like(times[:, :1], bool), np.diff(times, axis=1) <= 0], axis=1)
    width = learned.x_scale.std if learned.x_scale else 1.0
    return Predicted(
        t=times if scale is None else scale.invert(times),
        values=np.where(truth.mask, learned.raw(np.asarray(truth.x, np.float64)), np.nan),
        shown=shown,
        mean=np.where(ended[..., None], np.nan, learned.raw(mean)),
        deviation=None if deviation is None else deviation * width,
    )


def tells_paths(model: AbstractModel, data: Dataset) -> bool:
    """Whether a model's outputs are paths of the channels of series: [T, D] or [T, D, 2]."""
    if data.spec.kind != "series":
        return False
    arrays = {name: jnp.asarray(values[:1]) for name, values in data.test.items()}
    shape = eqx.filter_eval_shape(lambda: model.forward(model.inputs(arrays))[0]).shape
    path = (1, *data.spec.shapes["x"])
    return shape in (path, (*path, 2))


def check_paths(model: AbstractModel, data: Dataset) -> None:
    """Raise `ConfigError` where `predicted` has nothing to tell."""
    if not tells_paths(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, which holds {data.spec}, tells no paths: "
            "expected series, and a model of trajectory, interpolation or forecasting. Way out: "
            "zoo.plots.all_figures draws what fits."
        )


def channel_name(data: Dataset, place: int) -> str:
    """What a channel is called, with its unit where its name has one."""
    names = data.preprocessing.channels
    if names:
        return names[place]
    return "x" if data.spec.size("channels") == 1 else f"$x_{place + 1}$"


def some_series(data: Dataset) -> Arrays:
    """The arrays of so many test series, evenly from all, since a split may be in order."""
    count = len(data.test["x"])
    rows = np.unique(np.linspace(0, count - 1, min(count, EXAMPLES)).round().astype(int))
    return {name: values[rows] for name, values in data.test.items()}
