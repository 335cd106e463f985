"""Tables as they are found: what is guessed of their cells is right, said, and told otherwise."""

import time
import warnings
from functools import partial

import jax
import numpy as np
import optax
import pytest

import zoo
from zoo.cli.prediction_files import TableRows
from zoo.datasets.files.records import Records
from zoo.datasets.files.table import read_table
from zoo.datasets.preparation import TablePreparation
from zoo.errors import ConfigError, DataError

from .tables import lines, write_file


@pytest.fixture
def write(tmp_path):
    return partial(write_file, tmp_path)


def load(path, **options):
    """All rows in their order, as they are."""
    return zoo.load_dataset("csv", path=path, split="all", standardise=False, **options)


def inputs(data) -> tuple[str, ...]:
    return data.preprocessing.columns.names


def said(data, *words: str) -> bool:
    """Whether one of the notes holds all words."""
    return any(all(word in note for word in words) for note in data.notes)


# Columns that are none (90)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("end", [",", ",,"])
def test_90_a_delimiter_at_the_end_of_each_line_makes_no_column(write, header, end):
    rows = [f"{i},{i % 3}.5,{2 * i}.25" for i in range(12)]
    plain = write(lines(*["a,b,y"][: int(header)], *rows), "plain.csv")
    path = write(lines(*["a,b,y" + end][: int(header)], *(row + end for row in rows)))
    data, expected = load(path), load(plain)
    np.testing.assert_array_equal(data.train["x"], expected.train["x"])
    np.testing.assert_array_equal(data.train["y"], expected.train["y"])
    assert data.preprocessing.to_json() == expected.preprocessing.to_json()
    assert said(data, "no name and no value") and not said(expected, "no name and no value")
    # New rows are read alike, written so or so, and the inputs alone too.
    alone = write(lines(*["a,b" + end][: int(header)], *(f"{i},0.5{end}" for i in range(3))), "new")
    for each in (path, plain, alone):
        x = data.preprocessing.rows(read_table(each, names=inputs(data) if header else ()))
        np.testing.assert_array_equal(x[:1], data.train["x"][:1])


def test_90_a_last_column_with_values_and_no_name_is_not_taken_for_the_target(write):
    path = write(lines("a,b,", *(f"{i},{i % 3},{i}.5" for i in range(9))))
    with pytest.raises(ConfigError, match=r"no name in line 1.*--dataset.target c2.*a, b"):
        load(path)
    assert load(path, target="c2").target_names == ("c2",)
    assert inputs(load(path, target="b")) == ("a", "c2")


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
@pytest.mark.parametrize("first", [0, 1])
def test_90_row_numbers_are_no_input_unless_asked_for(write, name, first):
    order = np.random.default_rng(0).permutation(20)
    rows = [f"{first + i},{i * i % 7},{i}.5" for i in order]
    path = write(lines(f"{name},a,y", *rows))
    data = load(path)
    assert inputs(data) == ("a",) and said(data, "counts the rows", "--dataset.numbers")
    called = name or "c0"
    assert inputs(load(path, numbers=called)) == (called, "a")
    assert load(path, target=called).target_names in ((called,), ())
    gaps = load(write(lines(f"{name},a,y", *rows[1:]), "gaps.csv"))
    assert inputs(gaps) == (called, "a")
    assert said(gaps, "the first column has no name") == (not name)


@pytest.mark.parametrize("content", ["age,rent\n", "1,2.5\n", "age,rent"])
def test_90_one_line_alone_is_refused(write, content):
    with pytest.raises(DataError, match="holds one line alone") as caught:
        load(write(content))
    assert caught.value.exit_code == 2


# Guessed types (92)


def test_92_codes_stay_apart(write):
    rows = [("01001,5", "1001,-5")[i % 2] for i in range(40)]
    path = write(lines("zip,y", *rows))
    data = load(path, task="regression")
    (column,) = data.preprocessing.columns.columns
    assert column.categories == ("01001", "1001")
    assert said(data, "line 2, column 'zip'", "'01001'", "--dataset.numbers 'zip'")
    # A straight line through both is exact, where as numbers they were one.
    x = np.column_stack([data.train["x"], np.ones(40)])
    fit = x @ np.linalg.lstsq(x, data.train["y"], rcond=None)[0]
    np.testing.assert_allclose(fit, data.train["y"], atol=1e-5)
    numbers = load(path, task="regression", numbers="zip")
    assert (numbers.train["x"] == 1001).all() and not said(numbers, "zip", "words")


@pytest.mark.parametrize(
    ("cell", "is_code"),
    [
        ("007", True),
        ("12345678901234567890", True),
        ("9" * 400, True),
        ("0", False),
        ("0.5", False),
        ("00.5", False),
        ("-07", False),
        ("100000000000000000000", False),
        ("9007199254740992", False),
        ("9007199254740993", True),
    ],
)
@pytest.mark.parametrize("beside", ["1", "2.5", "NA"])
def test_92_what_another_cell_would_be_the_same_number_as_is_a_code(write, cell, is_code, beside):
    path = write(lines("a,y", f"{cell},1.5", *(f"{beside},{i}.5" for i in range(4))))
    data = load(path, missing="mean")
    (column,) = data.preprocessing.columns.columns
    assert column.kind == ("category" if is_code else "number")


def test_92_columns_are_declared_to_be_words_or_numbers(write):
    path = write(lines("n,code,y", *(f"{i % 3},0{i % 4},{i % 2}" for i in range(40))))
    data = load(path, words="n,y")
    n, code = data.preprocessing.columns.columns
    assert n.categories == ("0", "1", "2") and code.categories == ("00", "01", "02", "03")
    assert data.classes == ("0", "1")
    data = load(path, numbers="code")
    assert data.preprocessing.columns.columns[1].kind == "number"
    np.testing.assert_array_equal(data.train["x"][:, 1], np.arange(40) % 4)
    with pytest.raises(ConfigError, match="both name n"):
        load(path, words="n", numbers="n,code")
    with pytest.raises(ConfigError, match=r"--dataset\.words m: There is no column 'm'"):
        load(path, words="m")
    with pytest.raises(ConfigError, match="regression of y, which is no number"):
        load(path, words="y", task="regression")
    worded = write(lines("n,y", "1,2.5", "x,3.5"), "words.csv")
    with pytest.raises(DataError, match="line 3, column 'n': 'x' is no number"):
        load(worded, numbers="n")


@pytest.mark.parametrize("cell", ["?", "-", "None", ".", "#N/A", "--", "n/a", "<NA>", "#DIV/0!"])
def test_92_a_placeholder_among_numbers_is_missing(write, cell):
    values = [str(i % 10) for i in range(100)]
    values[36] = cell
    path = write(lines("n,y", *(f"{value},{i}.5" for i, value in enumerate(values))))
    with pytest.raises(DataError, match=r"line 38, column 'n': the cell is missing"):
        load(path)
    data = load(path, missing="mean")
    known = [float(value) for value in values if value != cell]
    assert data.in_size == 1 and data.train["x"][36, 0] == pytest.approx(np.mean(known))
    assert said(data, "column 'n'", repr(cell), "(line 38)", "--dataset.words 'n'")
    assert load(path, words="n").in_size == 11
    target = write(lines("x,rating", *(f"{i}.5,{v}" for i, v in enumerate(values))), "target.csv")
    with pytest.raises(DataError, match=r"line 38, column 'rating': the target is missing.*words"):
        load(target)
    assert len(load(target, words="rating").classes) == 11
    # Among words it is one of them, as it was.
    words = write(lines("n,y", *(f"{'ab'[i % 2]},{i}.5" for i in range(9)), f"{cell},9.5"), "w.csv")
    assert load(words).preprocessing.columns.columns[0].categories == tuple(
        sorted(["a", "b", cell])
    )


def test_92_the_few_words_among_numbers_are_named_by_line(write):
    cells = [str(i % 9) if i not in (4, 17) else "low" for i in range(40)]
    data = load(write(lines("n,y", *(f"{cell},{i}.5" for i, cell in enumerate(cells)))))
    assert said(data, "line 6, column 'n': 'low' is no number", "(line 6, 19)", "missing")
    assert data.in_size == 10
    codes = load(write(lines("n,y", *(f"{i % 5},0{i}" for i in range(9))), "c"), task="regression")
    assert not said(codes, "lose digits") and codes.train["y"][:, 0].tolist() == list(range(9))


def test_92_dates_are_told(write):
    days = [f"19{50 + i}-0{1 + i % 9}-1{i % 3}" for i in range(12)] * 3
    compact = [day.replace("-", "") for day in days]
    rows = [f"{a},{b},{i}.5" for i, (a, b) in enumerate(zip(days, compact, strict=True))]
    data = load(write(lines("day,born,y", *rows)))
    assert said(data, "column 'day'", "'1950-01-10'", "taken as categories", "days since")
    assert said(data, "column 'born'", "'19500110'", "taken as numbers", "days since")
    no_days = load(write(lines("n,y", *(f"{19501301 + i},{i}.5" for i in range(9))), "none.csv"))
    assert not said(no_days, "days since")
    every = [f"{2000 + i}-01-01,{i}.5" for i in range(40)]
    with pytest.raises(DataError, match="It holds dates: numbers, such as days since"):
        load(write(lines("day,y", *every), "every.csv"))


# Large tables (90)


def seconds(action) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def test_90_time_grows_with_the_columns_and_not_with_their_square(write):
    paths = []
    for count in (500, 4000):
        names = ",".join(f"n{i}" for i in range(count))
        rows = [",".join([f"{i % 7}.{j}" for i in range(count)]) for j in range(10)]
        paths.append(write(lines(names, *rows), f"{count}.csv"))
    load(paths[0])
    few, many = (min(seconds(lambda path=path: load(path)) for _ in range(3)) for path in paths)
    assert many < 24 * few  # 64 would be the square, 8 is none at all
    assert load(paths[1]).in_size == 3999


@pytest.mark.parametrize("chunk", [1, 7, 50, 1 << 23])
def test_90_how_a_text_is_cut_changes_nothing(write, monkeypatch, chunk):
    monkeypatch.setattr("zoo.datasets.files.records._CHARACTERS", chunk)
    monkeypatch.setattr("zoo.datasets.files.records._LINES", 0)
    content = (
        'n;word;y\r\n1;"a;b";1,5\r\n\r\n007;"two\r\nlines";2\n3;c;-1e3\r 4 ; d;NA\n"5";"";7\n6;?;8'
    )
    table = read_table(write(content))
    assert [row.line for row in table.rows] == [2, 4, 6, 7, 8, 9]
    assert table.column(0) == ["1", "007", "3", "4", "5", "6"]
    assert table.column(1) == ["a;b", "two\r\nlines", "c", "d", "", "?"]
    np.testing.assert_array_equal(table.numbers(2).values, [1.5, 2, -1e3, np.nan, 7, 8])
    assert table.numbers(0).code == 1 and table.numbers(2).decimal_comma
    assert [row.text for row in table.rows][:2] == ['1;"a;b";1,5', '007;"two\r\nlines";2']
    assert list(table.rows.texts()) == [row.text for row in table.rows]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_90_both_parsers_read_the_same_numbers(write, ends):
    draw = np.random.default_rng(0)
    values = draw.standard_normal((200, 4)) * 10.0 ** draw.integers(-300, 300, (200, 4))
    rows = [",".join(map(repr, row)) for row in values.tolist()]
    fast = read_table(write(ends.join(["a,b,c,d", *rows]) + ends))
    quoted = [row.replace(",", '","') for row in rows]
    slow = read_table(write(ends.join(["a,b,c,d", *(f'"{row}"' for row in quoted)]), "quoted.csv"))
    np.testing.assert_array_equal(fast.columns.values, values.T)
    np.testing.assert_array_equal(slow.columns.values, values.T)
    blocks = Records("", "1,2\n3,4\n", ",").blocks(0, 1)
    assert next(blocks).numbers.tolist() == [[1, 2], [3, 4]]


def test_90_predictions_are_written_behind_rows_as_they_are(write):
    path = write('a, b,\n 1 ,"2",\n3,4 ,\n')
    table = read_table(path)
    rows = TableRows(table)
    x = TablePreparation(tasks=("regression",), in_size=2).rows(table)
    assert x.tolist() == [[1, 2], [3, 4]]
    assert list(table.rows.texts()) == [' 1 ,"2",', "3,4 ,"]
    assert rows.place(1) == "line 3"


# Constant columns (91)


@pytest.mark.parametrize(("value", "count"), [(0.1, 200), (14.62, 1000)])
def test_91_a_constant_column_has_no_scale_of_its_rounding(write, value, count):
    rows = [f"{i % 200},{value},{2 * (i % 200)}" for i in range(count)]
    data = zoo.load_dataset("csv", path=write(lines("size,shift,y", *rows)))
    assert data.x_scale.std[1] == 1 and data.x_scale.mean[1] == value
    assert not data.train["x"][:, 1].any()
    assert said(data, "Constant in the training rows", "column shift")
    if count > 200:
        return
    config = zoo.model_config("mlp", data, width=8)
    model = zoo.create_model(config, key=jax.random.key(0))
    adam = optax.adam(1e-3)
    model = zoo.fit(model, data, steps=300, optimiser=adam, key=jax.random.key(1)).model
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predicted = zoo.predict(model, [[100, value], [100, 2 * value]], data=data)
    np.testing.assert_allclose(np.ravel(predicted), 200, atol=20)
