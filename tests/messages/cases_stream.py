"""Rows that stay on disk: memory-mapped arrays and the row groups of Parquet files."""

import os
import sys
from unittest import mock

import numpy as np

import zoo
from zoo.datasets.stream.source import RowSource
from zoo.train import plan_fit

from .given import model, moons, written

X, Y = np.random.default_rng(0).standard_normal((40, 2)), np.arange(40) % 2


def rows(save=np.savez, fit=None, **arrays):
    """A data set of arrays that stay on disk, or a run on it."""
    save("rows.npz", **{"x": X, "y": Y} | arrays)
    data = zoo.load_dataset("npz", path="rows.npz", stream=True)
    return data if fit is None else zoo.fit(model(), data, steps=1, **fit)


def folder(**contents):
    """A data set of a folder of .npy files."""
    os.mkdir("rows")
    for name, values in contents.items():
        np.save(f"rows/{name}.npy", values)
    return zoo.load_dataset("npz", path="rows", stream=True)


def cut_off():
    """A file that lost its end."""
    np.save("x.npy", X)
    os.truncate("x.npy", 300)
    return zoo.load_dataset("npz", path="x.npy", stream=True, target="none")


def parquet(row_group_size=10, **options):
    """A data set of a Parquet file."""
    import pyarrow
    from pyarrow.parquet import write_table

    table = {"age": X[:, 0], "town": list("ab" * 20), "day": [None] * 40, "rent": X[:, 1]}
    days = pyarrow.array([0] * 40, pyarrow.date32())
    write_table(pyarrow.table(table | {"day": days}), "rows.parquet", row_group_size=row_group_size)
    return zoo.load_dataset("parquet", path="rows.parquet", **{"ignore": "town,day"} | options)


def without_pyarrow():
    with mock.patch.dict(sys.modules, {"pyarrow": None}):
        return zoo.load_dataset("parquet", path="rows.parquet")


def damaged_group():
    """A group whose bytes were changed once the file was opened."""
    data = parquet()
    with open("rows.parquet", "r+b") as file:
        file.seek(4)
        file.write(bytes(200))
    return data.train.source._decoded(0, "x")


def large_group():
    with mock.patch("zoo.datasets.files.parquet_rows.LARGEST_GROUP", 100):
        return parquet()


def few_rows():
    import pyarrow
    from pyarrow.parquet import write_table

    write_table(pyarrow.table({"age": [1.0, 2.0], "rent": [1.5, 2.5]}), "few.parquet")
    return zoo.load_dataset("parquet", path="few.parquet", task="regression")


def no_rows():
    import pyarrow
    from pyarrow.parquet import write_table

    write_table(pyarrow.table({"age": [1.0], "rent": [1.5]}).slice(0, 0), "none.parquet")
    return zoo.load_dataset("parquet", path="none.parquet")


def read_whole():
    data = rows()
    with mock.patch("zoo.datasets.stream.split.LARGEST", 10):
        return data.train["x"]


class Nothing(RowSource):
    """A source of one's own without targets."""

    @property
    def like(self):
        return {"x": np.zeros((0, 2))}

    def __len__(self):
        return 4

    def read(self, rows, names):
        return {"x": np.zeros((len(rows), 2))}


CASES = {
    "A compressed array": lambda: rows(np.savez_compressed),
    "A folder without arrays": folder,
    "Rows of other lengths": lambda: rows(y=Y[:9]),
    "An array that was cut off": cut_off,
    "An array by columns": lambda: folder(x=np.asfortranarray(X), y=Y),
    "A row that is not finite": lambda: rows(x=np.where(X[7, 1] == X, np.nan, X)),
    "A weight below zero": lambda: rows(weight=1.0 - np.arange(40)),
    "Series with gaps": lambda: rows(mask=np.ones((40, 2))),
    "Words beside inputs": lambda: rows(weight=np.full(40, "a")),
    "A source without targets": lambda: zoo.make_dataset(
        zoo.RawData({}, ("classification",), source=Nothing())
    ),
    "A part that is too large to be read as a whole": read_whole,
    "L-BFGS on rows that stay on disk": lambda: rows(fit={"lbfgs_steps": 2}),
    "Parquet without pyarrow": without_pyarrow,
    "What is no Parquet file": lambda: zoo.load_dataset(
        "parquet", path=written("rows.parquet", "age,rent\n1,2\n")
    ),
    "A Parquet file without rows": no_rows,
    "A Parquet file of few rows": few_rows,
    "A row group that is damaged": damaged_group,
    "A row group that is too large": large_group,
    "A column of Parquet misspelt": lambda: parquet(target="rnet"),
    "A target of Parquet that is ignored": lambda: parquet(target="rent", ignore="rent"),
    "A column of Parquet that holds words": lambda: parquet(ignore="day"),
    "A target of Parquet that is a day": lambda: parquet(target="day", ignore="town"),
    "An adjoint to plan for misspelt": lambda: plan_fit(model(), moons(), adjoints=["replya"]),
}
