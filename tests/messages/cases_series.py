"""Series of one's own: their times, what is observed of them, what a model is not shown."""

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.datasets import preprocessing_of
from zoo.datasets.series import series_data
from zoo.models.series import Series
from zoo.objectives.forecasts import gaussian_nll

from .given import KEY, model

T = np.tile(np.arange(6.0), (5, 1))
X = np.ones((5, 6, 2))


def series(tasks=("trajectory",), ids=None, **given):
    """Series of two channels at six times, some of the arrays or options changed."""
    arrays = {name: given.pop(name) for name in ("static", "inputs", "mask", "y") if name in given}
    arrays = {"t": given.pop("t", T), "x": given.pop("x", X), **arrays}
    return series_data(arrays, tasks, ids=ids, **given)


def with_value(values: np.ndarray, place: tuple, value: float) -> np.ndarray:
    """The values, with another one at a place."""
    values = values.copy()
    values[place] = value
    return values


class Says(zoo.AbstractModel):
    """A model that says the same of each value, without how sure it is."""

    objectives = zoo.losses.PREDICTION

    def forward(self, xs, *, args=None, solver=None, key=None):
        return jnp.zeros(np.shape(xs)), zoo.Stats.discrete(len(xs), 1)


def likelihood(**arrays):
    """The likelihood of what a model says of the series."""
    batch = {"x": X, **arrays}
    return gaussian_nll(Says(), batch, key=None, step=jnp.array(0), solver=None)


def cde(**options):
    """A neural CDE of series of two channels at six times."""
    sizes = {"length": 6, "channels": 2, "out_size": 2, **options.pop("sizes", {})}
    return zoo.create_model("neural_cde", sizes, key=KEY, **options)


CASES = {
    "A control that knows what comes, for a forecast": lambda: cde(
        control="hermite", sizes={"path_size": 2}
    ),
    "Steps across the knots of a line": lambda: cde(control="linear", stops=False),
    "The value a season before, of data without a season": lambda: zoo.create_model(
        "seasonal_naive", {"channels": 2, "out_size": 2}, key=KEY
    ),
    "A forecast of which nothing is hidden": lambda: likelihood(),
    "A forecast without its deviation": lambda: likelihood(given=X > 1),
    "Series without an axis of channels": lambda: series(x=X[..., 0]),
    "Series of words": lambda: series(x=X.astype(str)),
    "More times than values": lambda: series(t=np.zeros((5, 7))),
    "A time that is not a number": lambda: series(t=with_value(T, (3, 2), np.nan)),
    "Times that are not in order": lambda: series(t=with_value(T, (3, 2), 0.5)),
    "A time that is there twice": lambda: series(t=with_value(T, (3, 2), 1.0), ids=[*"abcde"]),
    "A series of one time": lambda: series(t=T[:, :1], x=X[:, :1]),
    "A value that is not a number": lambda: series(x=with_value(X, (3, 2, 1), np.nan)),
    "A series without a value": lambda: series(mask=with_value(X, (3,), 0)),
    "A channel without a value": lambda: series(mask=X * [1, 0]),
    "An input without times": lambda: series(inputs=np.ones((5, 1))),
    "A static number that is missing": lambda: series(static=np.array([[1.0]] * 4 + [[np.nan]])),
    "A name of a channel too few": lambda: series(channel_names=("level",)),
    "A horizon longer than a series": lambda: series(horizon=9.0),
    "Windows without a horizon": lambda: series(split_by="time"),
    "A context without windows": lambda: series(horizon=1.0, context=3.0),
    "Windows longer than any series": lambda: series(horizon=3.0, split_by="time"),
    "Windows of series with labels": lambda: series(
        y=np.arange(5), horizon=1.0, context=1.0, split_by="time"
    ),
    "A table for a model of series": lambda: Series.of({"x": np.ones((5, 2))}),
    "Arrays without values": lambda: zoo.predict(model(), {"t": T}),
    "A season in a weight file that is none": lambda: preprocessing_of(
        {
            "preprocessing": {**zoo.make_dataset(series()).preprocessing.to_json(), "season": -1},
            "in_size": 2,
            "out_size": 2,
        }
    ),
    "Windows that leave a part empty": lambda: zoo.make_dataset(
        series(horizon=2.0, context=2.0, split_by="time")
    ),
}
