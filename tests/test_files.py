"""A user's own files: read rightly, or refused by row and column."""

import warnings
from functools import partial

import numpy as np
import pytest

import zoo
from zoo.datasets.files.table import read_table
from zoo.errors import ConfigError, DataError, ZooWarning

from .tables import lines, write_file
from .test_cli import call

SPLITS = ("train", "val", "test")


@pytest.fixture
def write(tmp_path):
    return partial(write_file, tmp_path)


def load(path, **options):
    """All rows in their order, as they are."""
    return zoo.load_dataset("csv", path=path, split="all", standardise=False, **options)


# Reading


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_header_is_seen_above_numbers(write, mark, end):
    data = load(write(mark + end.join(["größe,preis", "1,2.5", "-2e1,3", ".5,4.25"])))
    assert data.train["x"].tolist() == [[1], [-20], [0.5]]
    assert data.train["y"].tolist() == [[2.5], [3], [4.25]]
    assert data.target_names == ("preis",) and data.preprocessing.columns.names == ("größe",)
    assert "line 1 names the columns" in data.notes[0]


def test_without_a_header_columns_are_counted(write):
    path = write(lines("1,2.5,red", "2,3.5,blue", "3,4,red", "4,5,blue"))
    data = load(path)
    assert data.preprocessing.columns.names == ("c0", "c1")
    assert data.classes == ("blue", "red") and data.train["y"].tolist() == [1, 0, 1, 0]
    other = load(path, target="c0")
    assert other.train["y"].ravel().tolist() == [1, 2, 3, 4] and other.in_size == 3
    assert "line 1 names no columns" in data.notes[0]


def test_what_no_content_can_tell_is_told(write):
    words = write(lines("a,b", "x,y", "z,w", "x,y", "z,w"))
    assert load(words).classes == ("b", "w", "y")
    assert load(words, header="yes").classes == load(words, target="b").classes == ("w", "y")
    years = write(lines("2019,2020", "1,2.5", "2,3.5"), "years.csv")
    assert len(load(years).train["x"]) == 3
    assert load(years, header="yes").target_names == ("2020",)
    assert len(load(write(lines("a,1", "2,1.5", "3,4"), "typo.csv"), header="no").train["x"]) == 3


def test_quotes_hold_delimiters_newlines_and_quotes(write):
    path = write('name,"price, EUR"\n"Müller, ""Söhne""",1.5\n"two\nlines",2.5\n\n"x",NA\n')
    table = read_table(path)
    assert table.names == ("name", "price, EUR") and len(table) == 3
    assert [row.cells[0] for row in table.rows] == ['Müller, "Söhne"', "two\nlines", "x"]
    assert [row.line for row in table.rows] == [2, 3, 6]
    with pytest.raises(DataError, match="line 6, column 'price, EUR': the target is missing"):
        load(path, target="price, EUR")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_are_numbers_and_said(write, delimiter):
    rows = ("x|y", "1,5|2", "-2|3,25", "1e2|0,5", "NA|1")
    data = load(write(lines(*rows).replace("|", delimiter)), missing="mean")
    assert data.train["x"].ravel()[:3].tolist() == [1.5, -2, 100]
    assert data.train["y"].ravel().tolist() == [2, 3.25, 0.5, 1]
    assert "decimal comma: x, y" in data.notes[0]


def test_commas_beside_points_are_no_decimals(write):
    path = write(lines("x;y", "1,5;1.5", "1.500;2.5", "1,5;3.5", "1.500;4.5"))
    data = load(path)
    assert data.in_size == 2  # two categories
    assert any("'1,5' is no number" in note for note in data.notes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_or_told(write, delimiter):
    rows = ('name~"x"~y', '"a,b;c|d\te"~1~2.5', '"f"~2~3.5', '"f"~3~4.5')
    path = write(lines(*rows).replace("~", delimiter))
    told = "tab" if delimiter == "\t" else delimiter
    for data in (load(path), load(path, delimiter=told)):
        assert data.train["x"][:, -1].tolist() == [1, 2, 3]


def test_an_encoding_is_told(write):
    rows = lines("straße,y", "1,2.5", "2,3.5")
    for encoding in ("latin-1", "utf-16", "cp1252"):
        path = write(rows.encode(encoding))
        assert load(path, encoding=encoding).preprocessing.columns.names == ("straße",)


# Inputs


def test_categories_are_those_of_the_training_rows(write):
    rows = [f"{i},{'rare' if i == 7 else ['red', 'green', 'blue'][i % 3]},{i}.5" for i in range(40)]
    path = write(lines("n,colour,y", *rows))
    seen = set()
    for seed in range(8):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data = zoo.load_dataset("csv", path=path, seed=seed, standardise=False)
        colours = data.preprocessing.columns.columns[1].categories
        in_training = 7 in data.train["x"][:, 0]
        common = ("blue", "green", "red")
        assert colours == (("blue", "green", "rare", "red") if in_training else common)
        told = [str(w.message) for w in caught if w.category is ZooWarning]
        assert len(told) == (not in_training)
        if not in_training:
            assert "line 9, column 'colour'" in told[0] and "'rare'" in told[0]
            (row,) = (x for s in ("val", "test") for x in data.split(s)["x"] if x[0] == 7)
            assert row.tolist() == [7, 0, 0, 0]
        seen.add(in_training)
    assert seen == {True, False}


def test_a_missing_cell_is_refused_by_row_and_column_or_filled_from_training(write):
    rows = [f"{i}.0,{'uvw'[i % 3]},{i}.5" for i in range(30)]
    rows[4], rows[11] = "inf,u,4.5", "11.0,NA,11.5"
    path = write(lines("n,kind,y", *rows))
    with pytest.raises(DataError, match=r"line 6, column 'n': the cell is missing.*'inf'.*1 more"):
        load(path)
    data = zoo.load_dataset("csv", path=path, missing="mean", standardise=False)
    number, kind = data.preprocessing.columns.columns
    x, y = (np.concatenate([data.split(split)[name] for split in SPLITS]) for name in "xy")
    known = dict(zip(y[:, 0].tolist(), x, strict=True))
    train = np.array([x for x in data.train["x"] if x[1:].max() == 1])
    assert known[4.5][0] == np.float32(number.fill[0])
    assert number.fill[0] == pytest.approx(
        np.mean([y - 0.5 for y in data.train["y"].ravel() if y != 4.5])
    )
    assert kind.categories == ("u", "v", "w") and sum(kind.fill) == pytest.approx(1)
    np.testing.assert_allclose(known[11.5][1:], kind.fill, rtol=1e-6)
    np.testing.assert_allclose(kind.fill, train[:, 1:].mean(axis=0), rtol=1e-6)


def test_ignored_columns_are_no_inputs(write):
    path = write(lines("id,n,y,note", *(f"p{i},{i},{i}.5,free text {i}" for i in range(30))))
    with pytest.raises(DataError, match=r"'id' has a word of its own.*--dataset.ignore 'id'"):
        load(path, target="y")
    data = load(path, target="y", ignore="id, note")
    assert data.preprocessing.columns.names == ("n",)


# Targets


LABELS = {
    "three numbers": ([0, 3, 7] * 10, "classification"),
    "words": (["yes", "no"] * 15, "classification"),
    "one word among numbers": ([*range(1, 3)] * 14 + ["other", 1], "classification"),
    "two in a few rows": ([1, 2] * 3, "classification"),
    "whole amounts": ([*range(30)], "regression"),
    "four of thirty": ([0, 1, 2, 3] * 7 + [0, 1], "regression"),
    "four of forty": ([0, 1, 2, 3] * 10, "classification"),
    "broken amounts": ([0.5, 1.5] * 15, "regression"),
}


@pytest.mark.parametrize("case", LABELS)
def test_the_task_is_inferred_said_and_told(write, case):
    values, task = LABELS[case]
    path = write(lines("n,y", *(f"{i}.25,{value}" for i, value in enumerate(values))))
    data = load(path)
    assert data.tasks[0] == task
    assert any(f"y: {task}" in note for note in data.notes)
    if task == "classification":
        assert data.classes == tuple(sorted(set(values), key=str)) or "word" in case
    if not any(isinstance(value, str) for value in values):
        other = "regression" if task == "classification" else "classification"
        assert any(f"--dataset.task {other}" in note for note in data.notes)
        if case != "whole amounts":
            told = load(path, task=other)
            assert told.tasks[0] == other and any("as told" in note for note in told.notes)


# Refusals


def refused(path, words, kind=DataError, **options):
    with pytest.raises(kind, match=words) as caught:
        load(path, **options)
    assert caught.value.exit_code == 2


NUMBERS = "x,y\n1,2.5\n2,3.5\n"
REFUSED = {
    "nothing in it": ("", "is empty", {}),
    "blank lines": ("\n \n", "blank lines alone", {}),
    "a header alone": (lines("x,y"), "header and no row", {"header": "yes"}),
    "ragged": (lines("x,y", "1,2", "3,4,5"), "line 3 has 3 cells, line 1 has 2", {}),
    "names twice": (lines("x,y,x", "1,2,3"), "columns 1 and 3 both 'x'", {}),
    "an open quote": ('x,y\n1,2\n"3,4\n', "line 3: unexpected end", {}),
    "text after a quote": ('x,y\n1,"2"a\n', "line 2: ',' expected", {}),
    "latin-1": (NUMBERS.encode() + b"3,\xe4\n", r"byte 18 \(line 4\) is 0xe4.*latin-1", {}),
    "utf-16": (NUMBERS.encode("utf-16"), "byte 0 .*encoding utf-16", {}),
    "a missing target": (lines("x,y", "1,2", "2,"), "line 3, column 'y': the target", {}),
    "one value": (lines("x,y", "1,2", "2,2"), "2 in every row", {}),
    "words in a regression": (
        lines("x,y", "1,2", "2,b"),
        "line 3, column 'y': 'b' is no number",
        {"task": "regression"},
    ),
    "words among several": (
        lines("x,y,z", "1,2,u", "2,3,v"),
        "line 2, column 'z': 'u' is no number",
        {"target": "y,z"},
    ),
    "a class a row": (
        lines("x,y", *(f"{i},{i}.5" for i in range(30))),
        "30 of them in 30 rows",
        {"task": "classification"},
    ),
    "an empty column": (lines("x,y,z", "1,,2.5", "2,NA,3"), "'y' holds no value", {}),
    "too large": (lines("x,y", "1e300,2.5", "2,3"), "too large for float32", {}),
}
MISNAMED = {
    "target": ({"target": "yy"}, "no column 'yy'. Did you mean 'y'"),
    "no target": ({"target": ""}, "expected names"),
    "targets twice": ({"target": "y,y"}, "each once"),
    "ignored": ({"ignore": "w"}, "--dataset.ignore w"),
    "no input": ({"target": "x,y", "ignore": "z"}, "at least one input"),
    "target ignored": ({"ignore": "y"}, "not to be ignored"),
    "several classes": ({"target": "x,z", "task": "classification"}, "2 targets"),
    "encoding": ({"encoding": "utf-88"}, "no such text encoding"),
    "missing": ({"missing": "median"}, "one of refuse, mean"),
    "header": ({"header": "maybe"}, "one of auto, yes, no"),
    "task": ({"task": "density"}, "one of auto, classification, regression"),
    "option": ({"taget": "y"}, "dataset.target"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_by_its_place(write, case):
    content, words, options = REFUSED[case]
    refused(write(content), words, **options)


@pytest.mark.parametrize("case", MISNAMED)
def test_options_that_do_not_fit_the_file_are_refused(write, case):
    options, words = MISNAMED[case]
    path = write(lines("x,y,z", "1,2.5,3", "2,3.5,4"))
    refused(path, words, ConfigError, **{"target": "y"} | options)


def test_a_path_is_needed_and_a_similar_one_offered(write, tmp_path, capsys):
    for name in ("csv", "npz"):
        with pytest.raises(ConfigError, match=r"Give --dataset\.path"):
            zoo.load_dataset(name)
        assert name in zoo.list_datasets()
    write(NUMBERS, "sales.csv")
    refused(str(tmp_path / "slaes.csv"), "Did you mean sales.csv")
    refused(str(tmp_path / "no" / "sales.csv"), "no folder")
    refused(str(tmp_path), "is a folder.*sales.csv")
    assert call("train", "--model", "mlp", "--dataset", "csv", "--out", str(tmp_path / "run")) == 2
    assert "--dataset.path" in capsys.readouterr().err and not (tmp_path / "run").exists()
