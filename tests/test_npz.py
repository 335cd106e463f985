"""A user's own arrays: read rightly, or refused by their name before anything is allocated."""

from functools import partial

import numpy as np
import pytest

import zoo
from zoo.errors import DataError, ZooError

from .tables import write_file

SPLITS = ("train", "val", "test")


@pytest.fixture
def write(tmp_path):
    return partial(write_file, tmp_path)


@pytest.fixture
def arrays(tmp_path):
    def arrays(**values):
        np.savez(tmp_path / "data.npz", **values)
        return str(tmp_path / "data.npz")

    return arrays


X = np.random.default_rng(0).standard_normal((50, 3))


def test_arrays_are_split_and_scaled_as_in_python(arrays):
    y = np.repeat([0, 3, 7], [20, 20, 10])
    weight = np.arange(50.0)
    path = arrays(inputs=X, y=y, weight=weight)
    data = zoo.load_dataset("npz", path=path, x="inputs", seed=4)
    raw = zoo.RawData({"x": X, "y": y, "weight": weight}, ("classification",))
    expected = zoo.make_dataset(raw, seed=4)
    for split in SPLITS:
        for name in ("x", "y", "weight"):
            np.testing.assert_array_equal(data.split(split)[name], expected.split(split)[name])
    assert data.classes == (0, 3, 7) and "classification" in data.notes[1]
    told = zoo.load_dataset("npz", path=path, x="inputs", task="regression")
    assert told.tasks == ("regression",)
    two = zoo.load_dataset("npz", path=arrays(x=X, y=X[:, :2]))
    assert two.tasks == ("regression",) and two.out_size("regression") == 2
    assert zoo.load_dataset("npz", path=arrays(x=X, y=X[:, 0] > 0)).classes == (False, True)
    assert zoo.load_dataset("npz", path=arrays(x=X, y=y.astype(str))).classes == ("0", "3", "7")
    one = zoo.load_dataset("npz", path=arrays(x=X, y=X[:, :1]))
    assert one.out_size("regression") == 1


NOT_ARRAYS = {
    "missing": ({"x": X, "label": X[:, 0]}, {}, "no array 'y'.*Known: label, x"),
    "misnamed": ({"x": X, "y": X[:, 0]}, {"x": "X"}, "no array 'X'. Did you mean 'x'"),
    "objects": ({"x": X, "y": np.array([None] * 50)}, {}, "'y' holds Python objects"),
    "complex": ({"x": X + 0j, "y": X[:, 0]}, {}, "'x' is complex"),
    "times": ({"x": X, "y": np.arange(50).astype("datetime64[s]")}, {}, "'y' is datetime64"),
    "nan": ({"x": np.where(X[4, 1] == X, np.nan, X), "y": X[:, 0]}, {}, r"x\[4, 1\] is nan"),
    "flat": ({"x": X[:, 0], "y": X[:, 0]}, {}, r"x\[:, None\]"),
    "lengths": ({"x": X, "y": X[:9, 0]}, {}, "y has shape"),
    "weights": ({"x": X, "y": X[:, 0], "weight": np.ones(7)}, {}, "weight has shape"),
    "words": (
        {"x": X, "y": X[:, 0], "weight": np.array(["a"] * 50)},
        {},
        "weight holds <U1, text or objects: expected numbers",
    ),
    "two": ({"x": X, "y": X[:, 0], "z": X}, {"x": "z"}, "also holds x,"),
    "cubes": ({"x": X, "y": X[:, :, None]}, {}, "'y' is float64 of shape"),
}


@pytest.mark.parametrize("case", NOT_ARRAYS)
def test_arrays_that_cannot_be_used_are_refused_by_name(arrays, case):
    values, options, words = NOT_ARRAYS[case]
    with pytest.raises(ZooError, match=words) as caught:
        zoo.load_dataset("npz", path=arrays(**values), **options)
    assert caught.value.exit_code == 2


def test_files_that_are_no_arrays_are_refused(write, tmp_path):
    np.save(tmp_path / "one.npy", X)
    whole = write((tmp_path / "one.npy").read_bytes(), "one.npz")
    for path in (whole, write("x,y", "text.npz"), write(b"\x80\x04N.", "pickle.npz")):
        with pytest.raises(DataError, match=r"is no \.npz file"):
            zoo.load_dataset("npz", path=path)
