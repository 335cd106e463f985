"""A user's own arrays: read rightly, or refused by their name before anything is allocated."""

import warnings
import zipfile
from functools import partial

import numpy as np
import pytest

import zoo
from zoo.cli.prediction_files import read_rows
from zoo.errors import DataError, ZooError

from .tables import write_file
from .torture.tables import NEW_ROWS, peak_memory, torture
from .torture.zips import archive, npy, npy_by_hand, unpacking_to

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


# Damage (90)

Y = npy(np.arange(9.0))


def declaring(shape: str, dtype: str = "<f8", data: bytes = bytes(216), method: int = 0) -> bytes:
    """A file whose array x has a header of one's own."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    return archive([("x.npy", npy_by_hand(header, data)), ("y.npy", Y)], method)


def encrypted() -> bytes:
    """A file that says of its arrays that they are encrypted."""
    whole = bytearray(archive([("x.npy", npy(X)), ("y.npy", Y)]))
    for sign, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        whole[whole.find(sign) + flags] |= 1
    return bytes(whole)


def no_letters() -> bytes:
    """A file whose labels are beyond Unicode."""
    header = "{'descr': '<U1', 'fortran_order': False, 'shape': (50,), }"
    y = npy_by_hand(header, np.full(50, 0x110000, "<u4").tobytes())
    return archive([("x.npy", npy(X)), ("y.npy", y)])


DAMAGED = {
    "15 GB in a header": (
        lambda: declaring("(2000000, 1000)", method=8),
        "'x' is declared as.*216",
    ),
    "negative": (lambda: declaring("(-9, -3)"), "'x' is declared as"),
    "of nothing": (lambda: declaring("(9999999999,)", "<U0", b""), "'x' is declared as"),
    "too short": (lambda: declaring("(9, 3)", data=bytes(100)), "216 bytes, and 100 are there"),
    "too long": (lambda: declaring("(9, 3)", data=bytes(300)), "216 bytes, and 300 are there"),
    "objects": (lambda: declaring("(9, 3)", "|O"), "'x' holds Python objects"),
    "records": (lambda: declaring("(27,)", "f4, f4"), "'x' cannot be read|expected|declared"),
    "encrypted": (encrypted, "'x' is encrypted"),
    "LZMA": (lambda: archive([("x.npy", npy(X)), ("y.npy", Y)], zipfile.ZIP_LZMA), "by method 14"),
    "bzip2": (lambda: archive([("x.npy", npy(X))], zipfile.ZIP_BZIP2), "compressed by method 12"),
    "twice": (lambda: archive([("x.npy", npy(X)), ("x.npy", npy(X))]), "two arrays 'x'"),
    "no letters": (no_letters, "'y' holds text that is no Unicode"),
    "a bomb": (
        lambda: unpacking_to(300),
        r"unpack to 314,.*'x'.*numpy\.savez",
    ),
    "no features": (lambda: archive([("x.npy", npy(X[:, :0])), ("y.npy", Y)]), r"\(50, 0\)"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_90_a_damaged_file_is_refused_by_the_name_of_its_array(write, case):
    make, words = DAMAGED[case]
    path = write(make(), "data.npz")

    def load():
        with pytest.raises(DataError, match=words) as caught:
            zoo.load_dataset("npz", path=path)
        return caught.value

    taken, error = peak_memory(load)
    assert error.exit_code == 2 and taken < 20 * 2**20
    if "'y'" not in words:
        with pytest.raises(DataError):
            read_rows(path, NEW_ROWS).inputs(NEW_ROWS)


def test_90_what_unpacks_to_little_or_is_not_compressed_is_read(write):
    many = np.zeros((2**19, 3))
    many[0] = 1
    members = [("x.npy", npy(many)), ("y.npy", npy(np.arange(2**19) % 2))]
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = write(archive(members, method), "data.npz")
        assert len(zoo.load_dataset("npz", path=path, split="all").train["x"]) == 2**19


def test_90_other_members_are_left_alone_by_predict(write):
    members = [("x.npy", npy(X)), ("notes.txt", b"mine"), ("y.npy", b"torn")]
    rows = read_rows(write(archive(members), "data.npz"), NEW_ROWS)
    np.testing.assert_array_equal(rows.x, X)


def test_90_mutations_of_files_are_read_or_refused_in_words(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ends, found = torture(250, 7, tmp_path)
    assert not found and len(ends) > 20 and ends["read"] > 5
