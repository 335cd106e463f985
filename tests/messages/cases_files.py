"""Data in a user's own files: text (csv) and arrays (npz)."""

import codecs
import io
import os
import zipfile

import numpy as np

import zoo

from ..torture.zips import archive, npy, npy_by_hand, unpacking_to
from .given import broken, lines, where, written


class Failing(io.FileIO):
    """A file that can be opened and not be read."""

    def read(self, size: int = -1) -> bytes:
        return broken() or b""


NUMBERS = lines("age,rent", "1,2.5", "2,3.5", "3,4.5")
HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (2000000, 1000), }"
LABELS = "{'descr': '<U1', 'fortran_order': False, 'shape': (9,), }"
NO_LETTERS = np.full(9, 0x110000, "<u4").tobytes()
COUNTS = tuple(f"{i},{i}.5" for i in range(30))


def csv(content: str | bytes = NUMBERS, **options):
    """A data set of a text file."""
    options = {"split": "all", "path": written("flats.csv", content)} | options
    return zoo.load_dataset("csv", **options)


def npz(options=None, **arrays):
    """A data set of a file of arrays."""
    np.savez("flats.npz", **{"x": np.ones((9, 2)), "y": np.arange(9) / 2} | arrays)
    return zoo.load_dataset("npz", path="flats.npz", **options or {})


def damaged(content: bytes):
    return zoo.load_dataset("npz", path=written("flats.npz", content))


def archived(**contents: bytes):
    with zipfile.ZipFile("flats.npz", "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return zoo.load_dataset("npz", path="flats.npz")


def raw_arrays(method: int = zipfile.ZIP_STORED, x: bytes = b"", more: bytes = b"", flags: int = 0):
    """A file of arrays by hand: `x` as it is, `more` as a second x, flags of the archive."""
    members = [("x.npy", x or npy(np.ones((9, 2)))), ("y.npy", npy(np.arange(9.0)))]
    members += [("x.npy", more)] if more else []
    whole = bytearray(archive(members, method))
    for sign, field in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        whole[whole.find(sign) + field] |= flags
    return damaged(bytes(whole))


def torn():
    """An archive in which a byte of an array was changed."""
    np.savez("flats.npz", x=np.ones((9, 2)), y=np.arange(9))
    with open("flats.npz", "r+b") as file:
        file.seek(250)
        file.write(b"?")
    return zoo.load_dataset("npz", path="flats.npz")


CASES = {
    "No file": lambda: csv(path="table.txt"),
    "A file misspelt": lambda: csv(path="falts.csv"),
    "A file in no folder": lambda: csv(path="data/flats.csv"),
    "A folder": lambda: csv(path="."),
    "An empty file": lambda: csv(""),
    "Blank lines": lambda: csv("\n\n"),
    "A file that cannot be read": where("os.open", broken, csv),
    "A disk that fails": where("zoo.datasets.files.input_file.open_regular", Failing, csv),
    "A pipe": lambda: (os.mkfifo("pipe"), csv(path="pipe")),
    "A file that is too large": lambda: (
        os.truncate(written("large.csv", NUMBERS), 5 * 2**30),
        csv(path="large.csv"),
    ),
    "A header alone": lambda: csv("age,rent\n", header="yes"),
    "Text in another encoding": lambda: csv(NUMBERS.encode() + b"4,\xe4\n"),
    "Text in UTF-16": lambda: csv(codecs.BOM_UTF16_LE + NUMBERS.encode("utf-16-le")),
    "An encoding misspelt": lambda: csv(encoding="utf-88"),
    "An encoding of something else": lambda: csv(encoding="punycode"),
    "A cell that is too long": lambda: csv(NUMBERS + "4," + "x" * 200_000 + "\n"),
    "A quote that is not closed": lambda: csv(NUMBERS + '"4,5.5\n'),
    "Text behind a quote": lambda: csv(NUMBERS + '4,"5"5\n'),
    "A row with a cell too many": lambda: csv(NUMBERS + "4,5,5\n"),
    "Two columns of one name": lambda: csv(lines("age,age", "1,2", "2,3")),
    "One line alone": lambda: csv("age,rent\n"),
    "A last column without a name": lambda: csv(lines("a,b,", "1,2,3", "2,3,4")),
    "Delimiters alone": lambda: csv(lines(",,", ",,")),
    "A column of words and of numbers": lambda: csv(words="age", numbers="age"),
    "A word where numbers are declared": lambda: csv(NUMBERS + "old,5.5\n", numbers="age"),
    "A column of codes": lambda: csv(lines("a,b", *(f"0{row}" for row in COUNTS))),
    "A column of dates": lambda: csv(lines("a,b", *(f"20{i}-01-01,{i}.5" for i in range(10, 50)))),
    "A target that a sign stands for": lambda: csv(NUMBERS + "4,?\n"),
    "A task of targets without any": lambda: csv(target="none", task="regression"),
    "Words in data without targets": lambda: csv(
        lines("age,town", *(f"{i},{'ab'[i % 2]}" for i in range(9))), target="none"
    ),
    "No input in data without targets": lambda: csv(target="none", ignore="age,rent"),
    "A target misspelt": lambda: csv(target="rnet"),
    "A line break in a target": lambda: csv(target="age,rent\nin €"),
    "A target by name without names": lambda: csv(lines(*COUNTS), target="rent"),
    "A target twice": lambda: csv(target="rent,rent"),
    "An ignored column misspelt": lambda: csv(ignore="aeg"),
    "No input": lambda: csv(target="age,rent"),
    "A target that is missing": lambda: csv(NUMBERS + "4,NA\n"),
    "A target of one value": lambda: csv(lines("age,rent", "1,2", "2,2")),
    "Words in a regression": lambda: csv(NUMBERS + "4,much\n", task="regression"),
    "Words to be regressed in arrays": lambda: npz(
        {"task": "regression"}, y=np.array(list("abcabcabc"))
    ),
    "Words among several targets": lambda: csv(lines("a,b,c", "1,2,u", "2,3,v"), target="b,c"),
    "Several targets as classes": lambda: csv(
        lines("a,b,c", "1,2,3", "2,3,4"), target="b,c", task="classification"
    ),
    "A class for each row": lambda: csv(lines("a,b", *COUNTS), task="classification"),
    "A task that is none": lambda: csv(task="density"),
    "A column without a value": lambda: csv(lines("a,b,c", "1,,2.5", "2,NA,3")),
    "A declared column without a number": lambda: csv(
        lines("a,b,c", "1,,2.5", "2,NA,3"), numbers="b"
    ),
    "A column of names": lambda: csv(lines("a,b", *(f"no. {row}" for row in COUNTS))),
    "A cell that is missing": lambda: csv(lines("a,b", "1,2.5", ",3.5", ",4.5")),
    "A number too large": lambda: csv(lines("a,b", "1e300,2.5", "2,3.5"), standardise=False),
    "No path": lambda: zoo.load_dataset("npz"),
    "No arrays": lambda: damaged(b"x,y\n"),
    "A damaged array": torn,
    "A file of arrays that cannot be read": where(
        "zipfile.ZipFile", broken, lambda: damaged(b"PK")
    ),
    "An encrypted array": lambda: raw_arrays(flags=1),
    "An array compressed otherwise": lambda: raw_arrays(zipfile.ZIP_LZMA),
    "An array twice": lambda: raw_arrays(more=npy(np.ones((9, 2)))),
    "A giant shape": lambda: raw_arrays(x=npy_by_hand(HEADER, bytes(216))),
    "A file that unpacks to too much": lambda: damaged(unpacking_to(300)),
    "An array larger than the memory": where("numpy.lib.format.read_array", MemoryError(), npz),
    "Text that is none": lambda: raw_arrays(x=npy_by_hand(LABELS, NO_LETTERS)),
    "An array without features": lambda: npz(x=np.ones((9, 0))),
    "An array of objects": lambda: npz(y=np.array([None] * 9)),
    "A complex array": lambda: npz(x=np.ones((9, 2), complex)),
    "An array misspelt": lambda: npz({"x": "X"}),
    "Targets misspelt": lambda: npz({"y": "Y"}),
    "An array that is both": lambda: npz({"x": "y"}),
    "What is no array": lambda: archived(x=b"x", y=b"y"),
    "An array x that is neither": lambda: npz({"x": "inputs"}, inputs=np.ones((9, 2))),
    "Targets of three axes": lambda: npz(y=np.ones((9, 2, 2))),
    "Several targets that are words": lambda: npz(y=np.full((9, 2), "a")),
    "Inputs and targets of other lengths": lambda: npz(x=np.ones((8, 2))),
}
