"""Series of one's own as long rows, in a file or in Python, and as arrays in an .npz file."""

import numpy as np

import zoo
from zoo.datasets import preprocessing_of
from zoo.datasets.files.table import read_table
from zoo.datasets.series import series_data

from .given import lines, written

T = [0.0, 1.0, 0.0, 1.0]
HEAD = "id,time,level,dose,site,outcome"
ROWS = ("p,0,1.5,1,0,good", "p,1,2.5,2,0,good", "q,0,1.0,1,1,bad", "q,1,,1,1,bad")
ROLES = {"inputs": "dose", "static": "site", "label": "outcome"}


def series(ids=(*"ppqq",), times=T, values=T, **options):
    """A data set of two series of two times."""
    return zoo.make_series(ids, times, values, split="all", **options)


def load(*rows, head=HEAD, **options):
    """The data set of a long file."""
    path = written("visits.csv", lines(head, *(rows or ROWS)))
    return zoo.load_dataset("csv_series", path=path, split="all", **options)


def new(*rows, head=HEAD):
    """What is read of a new long file after training."""
    table = read_table(written("new.csv", lines(head, *rows)), names=["time"])
    return load(**ROLES).preprocessing.new_series(table)


def npz(**arrays):
    """The data set of an .npz file."""
    np.savez("visits.npz", **arrays)
    return zoo.load_dataset("npz_series", path="visits.npz", split="all")


def arrays():
    """What a model learns of series that were arrays."""
    return zoo.make_dataset(series_data({"x": np.ones((5, 2, 1))}, ("trajectory",))).preprocessing


def of_weights(clock):
    """A weight file's preparation with another clock."""
    saved = load(**ROLES).preprocessing.to_json()
    saved["columns"] = {**saved["columns"], "clock": clock}
    return preprocessing_of({"preprocessing": saved, "in_size": 1, "out_size": 1})


CASES = {
    "A long file without times": lambda: load(head=HEAD.replace("time", "hour")),
    "A long file without values": lambda: load("p,0", "p,1", head="id,time"),
    "Two columns of labels": lambda: load(label="outcome,site"),
    "A column in two roles": lambda: load(static="site", inputs="site"),
    "A time twice in a series": lambda: load(ROWS[0], "p,0,2.5,2,0,good", *ROWS[2:]),
    "A time twice without ids": lambda: load("0,1", "0,2", head="time,level"),
    "A label that changes within a series": lambda: load(
        ROWS[0], "p,1,2.5,2,0,bad", *ROWS[2:], label="outcome"
    ),
    "A row without an id": lambda: load(*ROWS, ",2,1.0,1,1,bad"),
    "A word among times": lambda: load(*ROWS, "q,noon,1.0,1,1,bad"),
    "A word among values": lambda: load(*ROWS, "q,2,high,1,1,bad", values="level"),
    "An input that is missing": lambda: load(*ROWS, "q,2,1.0,,1,bad", **ROLES),
    "Dates of another form": lambda: load(
        *(row.replace(",0,", ",29/3/58,").replace(",1,", ",30/3/58,") for row in ROWS)
    ),
    "A new file without a column": lambda: new("p,0,1.5", head="id,time,level"),
    "A new series without a value": lambda: new(ROWS[0], "r,0,,1,1,"),
    "A new table for a model of arrays": lambda: arrays().new_series(
        read_table(written("new.csv", lines("time,x0", "0,1.0")))
    ),
    "A table's rows for a model of series": lambda: arrays().rows(
        read_table(written("new.csv", lines("time,x0", "0,1.0")))
    ),
    "A start of dates in a weight file that is none": lambda: of_weights({"start": "soon"}),
    "A task of series without labels": lambda: load(task="regression"),
    "Times of two axes": lambda: series(times=[T]),
    "Ids of two axes": lambda: series(ids=[T]),
    "Ids that are missing": lambda: series(ids=["p", None, "q", "q"]),
    "Values that are words": lambda: series(values=["high"] * 4),
    "Values too few": lambda: series(values=T[:3]),
    "Values that are infinite": lambda: series(values=[0.0, np.inf, 1.0, 2.0]),
    "Values that are all missing": lambda: series(values=[np.nan] * 4),
    "Labels of two axes": lambda: series(labels=[[0, 1]] * 4),
    "Labels by id that lack one": lambda: series(labels={"p": "good"}),
    "A label that is missing": lambda: series(labels=["good", "good", None, None]),
    "Truth values as times": lambda: series(times=[True] * 4),
    "A time that is infinite": lambda: series(times=[0.0, np.inf, 0.0, 1.0]),
    "Dates that are told to be none": lambda: series(
        times=np.array(["2001-01-01", "2001-01-02"] * 2, "datetime64"), dates="no"
    ),
    "Numbers that are told to be dates": lambda: series(dates="yes"),
    "Dates with and without a zone": lambda: series(
        times=["2001-01-01T00:00Z", "2001-01-02T00:00"] * 2
    ),
    "A series much longer than many others": lambda: series(
        ids=np.maximum(np.arange(40_000) - 20_000, 0),
        times=np.arange(40_000.0),
        values=np.ones(40_000),
    ),
    "An array of series with another name": lambda: npz(values=np.ones((5, 3, 1))),
    "A mask for other series": lambda: npz(x=np.ones((5, 3, 1)), mask=np.ones((5, 2))),
    "Lengths that are no whole numbers": lambda: npz(x=np.ones((5, 1)), lengths=[2.0, 3.0]),
    "Lengths that do not add up": lambda: npz(x=np.ones((5, 1)), lengths=[2, 2]),
}
