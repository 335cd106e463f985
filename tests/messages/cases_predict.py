"""`zoo predict`: new rows, and where the predictions go."""

import math
from unittest import mock

import numpy as np

import zoo
from zoo.datasets import preprocessing_of
from zoo.datasets.preparation import TablePreparation
from zoo.evaluation import sliced_wasserstein
from zoo.registry import PREPARATIONS
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .given import KEY, Typed, lines, model, moons, written

PREDICT = "predict model.safetensors --input new.csv --output out.csv"
ARRAYS = "predict model.safetensors --input new.npz --output out.npz"
FLATS = lines("size,kind,rent", *(f"{i},{'ab'[i % 2]},{i}.5" for i in range(30)))
NAMELESS = lines(*(f"{i},{i % 3},{i}.5" for i in range(30)))
PRICES = lines("size,price", *(f"{i},{'€$'[i % 2]}" for i in range(30)))
NEW = lines("size,kind", "1,a")
X = np.ones((2, 2))
COLUMN = {"name": "size", "position": 1, "categories": ["a", "b"], "fill": None}
TASKS = ("regression",)
LEARNED = {"tasks": [], "in_size": 2, "target_names": [], "y_scale": None}


def trained(table: str = "", **changes) -> None:
    """The weight file of a run on a table, or on moons, with its configuration changed."""
    options = {"path": written("table.csv", table)} if table else {}
    data = "csv" if table else "moons"
    run = prepare(RunConfig(model="mlp", dataset=data, dataset_options=options))
    zoo.save("model.safetensors", run.model, run.config.to_json() | changes)


def trained_on_images() -> None:
    """The weight file of a run on images of two by two pixels."""
    np.savez("images.npz", x=np.arange(120.0).reshape(30, 2, 2, 1), y=np.arange(30) % 2)
    options = {"path": "images.npz"}
    run = prepare(RunConfig(model="mlp", dataset="npz", dataset_options=options))
    zoo.save("model.safetensors", run.model, run.config.to_json())


def trained_on_series() -> None:
    """The weight file of a run on series of two channels."""
    raw = zoo.RawData({"x": np.arange(180.0).reshape(30, 3, 2), "y": np.arange(30.0)}, TASKS)
    data = zoo.make_dataset(raw)
    config = zoo.model_config("mlp", data, width=4, depth=1)
    config["preprocessing"] = data.preprocessing.to_json()
    zoo.save("model.safetensors", zoo.create_model(config, key=KEY), config)


def no_preparation() -> None:
    """A registered preparation that is a function."""
    with mock.patch.dict(PREPARATIONS._entries):
        zoo.register_preparation("mine")(no_preparation)
        learned(**LEARNED, kind="mine")


def rows(*new: str, table: str = FLATS):
    """A weight file, and new rows for it."""
    return lambda: (trained(table), written("new.csv", lines(*new)))


def arrays(table: str = "", **new):
    """A weight file, and new arrays for it."""
    return lambda: (trained(table), np.savez("new.npz", **new))


def learned(**values):
    """Preprocessing as a weight file of a classifier of two classes holds it."""
    empty = {"classes": ["a", "b"], "x_scale": None, "columns": None} if values else {}
    config = {"task": "classification", "in_size": 2, "out_size": 2}
    return preprocessing_of({**config, "preprocessing": empty | values})


def scale(**values):
    return {"mean": [0, 0], "std": [1, 1]} | values


CASES = {
    "Another kind of file": Typed(f"{PREDICT}.npz", trained),
    "A folder as output": Typed(PREDICT.replace("out.csv", "."), trained),
    "A device as output": Typed(PREDICT.replace("out.csv", "/dev/null --overwrite"), trained),
    "An output that is there": Typed(PREDICT, lambda: (trained(), written("out.csv", "mine"))),
    "An output in a file": Typed(PREDICT.replace("out.csv", "new.csv/out.csv"), rows(NEW)),
    "No run": Typed(PREDICT),
    "No input": Typed(PREDICT.replace("new.csv", "nwe.csv"), rows(NEW)),
    "An empty input": Typed(PREDICT, rows()),
    "A column misspelt": Typed(PREDICT, rows("size,knid", "1,a")),
    "A column that is missing": Typed(PREDICT, rows("size,rooms", "1,2")),
    "No names of columns": Typed(PREDICT, rows("1,a", "2,b")),
    "Another number of columns": Typed(PREDICT, rows("1,2,3", table="")),
    "Another number of columns than the table": Typed(PREDICT, rows("1,2,3,4", table=NAMELESS)),
    "A word among numbers": Typed(PREDICT, rows(NEW + "small,b")),
    "A cell that is missing": Typed(PREDICT, rows(NEW + ",b")),
    "A number too large": Typed(PREDICT, rows(NEW + "1e300,b")),
    "A column of predictions that is there": Typed(PREDICT, rows("size,kind,prediction", "1,a,2")),
    "A class that an encoding does not have": Typed(
        f"{PREDICT} --encoding latin-1", rows("size", "1", table=PRICES)
    ),
    "A solver of a model without one": Typed(f"{PREDICT} --solver.rtol 1e-3", rows(NEW)),
    "A task that is not registered": Typed(PREDICT, lambda: trained(task="generation")),
    "A classifier as a model of densities": Typed(
        PREDICT, lambda: (trained(task="density"), written("new.csv", lines("1,2")))
    ),
    "A weight file without preprocessing": Typed(
        PREDICT,
        lambda: zoo.save(
            "model.safetensors", model(), zoo.model_config("mlp", (2, 2), width=4, depth=1)
        ),
    ),
    "Words in the place of numbers": lambda: zoo.predict(model(), [["a", "b"]], data=moons()),
    "Rows of unlike lengths": lambda: zoo.predict(model(), [[0.0, 1.0], [2.0]], data=moons()),
    "Preprocessing that is none": lambda: preprocessing_of(
        {"preprocessing": [], "task": "regression", "in_size": 2, "out_size": 1}
    ),
    "Preprocessing that was changed": lambda: learned(),
    "Preprocessing of another model": lambda: learned(**LEARNED, classes=["a"]),
    "Preprocessing of another shape": lambda: learned(**LEARNED, in_shape=[2, 2, 1]),
    "Preprocessing without a spread": lambda: learned(**LEARNED, x_scale=scale(std=[1, 0])),
    "Preprocessing with a number that is none": lambda: learned(
        **LEARNED, x_scale=scale(mean=[0, math.nan])
    ),
    "Preprocessing with a column that there is not": lambda: learned(
        **LEARNED, columns={"width": 1, "header": True, "missing": "refuse", "columns": [COLUMN]}
    ),
    "Preprocessing of a kind that there is not": lambda: learned(**LEARNED, kind="tabel"),
    "Preprocessing of another kind than asked for": lambda: TablePreparation.from_json(
        {"kind": "image"}
    ),
    "A kind of preprocessing that is none": no_preparation,
    "Preprocessing whose times do not last": lambda: learned(
        **LEARNED, t_scale={"start": 0, "length": 0.0}
    ),
    "Preprocessing with a season of no length": lambda: learned(
        **LEARNED, kind="series", season=0.0
    ),
    "Distances by no projection": lambda: sliced_wasserstein(X, X, projections=0),
    "Distances of unlike samples": lambda: sliced_wasserstein(X, X[:, :1]),
    "Distances of what was not solved": lambda: sliced_wasserstein(X, X + np.nan),
    "Named arrays without inputs": lambda: zoo.predict(model(), {"t": X}),
    "A table for a model of series": Typed(
        PREDICT, lambda: (trained_on_series(), written("new.csv", lines("1,2")))
    ),
    "Draws of a model of tables": Typed(
        "sample model.safetensors --input new.csv --output out.csv", rows("size,kind", "1,a")
    ),
    "Arrays for a table with categories": Typed(ARRAYS, arrays(FLATS, x=X)),
    "Arrays under other names": Typed(ARRAYS, arrays(inputs=X)),
    "Arrays beside the inputs": Typed(ARRAYS, arrays(x=X, args=X)),
    "A table for a model of images": Typed(
        PREDICT, lambda: (trained_on_images(), written("new.csv", lines("1,2,3,4")))
    ),
    "Arrays that are no images": Typed(
        ARRAYS, lambda: (trained_on_images(), np.savez("new.npz", x=np.ones((2, 4))))
    ),
    "Arrays of other channels": Typed(ARRAYS, arrays(x=np.ones((2, 3)))),
    "An array with a number that is none": Typed(ARRAYS, arrays(x=X * [1, np.nan])),
}
