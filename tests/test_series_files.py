"""Series of one's own in files and long arrays: any order, any times, labels, new tables."""

import json
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

import zoo
from zoo.datasets import preprocessing_of
from zoo.datasets.files.table import read_table
from zoo.errors import CheckpointError, ConfigError, DataError

from .tables import lines, write_file

RNG = np.random.default_rng(1)
IDS = np.repeat([f"p{i}" for i in range(12)], RNG.integers(3, 9, 12))
R = len(IDS)
TIMES = np.cumsum(RNG.uniform(0.5, 1.5, R)).round(3)
VALUES = RNG.normal(size=(R, 2)).round(4)
VALUES[RNG.uniform(size=(R, 2)) < 0.2] = np.nan
VALUES[0] = [1.5, np.nan]
DRUG = RNG.normal(size=R).round(3)
AGE = np.array([int(each[1:]) + 20 for each in IDS])
LABEL = np.where(AGE % 2, "ill", "well")


@pytest.fixture
def write(tmp_path):
    return partial(write_file, tmp_path)


def table(order=range(R), values=VALUES, times=TIMES, label=LABEL, end="") -> str:
    """The rows as a long text file."""
    rows = []
    for i in order:
        cells = ",".join("" if np.isnan(v) else str(v) for v in values[i])
        rows.append(f"{IDS[i]},{times[i]},{cells},{DRUG[i]},{AGE[i]},{label[i]}{end}")
    return lines("id,time,a,b,drug,age,label" + end, *rows)


def load(path, **options):
    """All series, as they are."""
    return zoo.load_dataset("csv_series", path=path, split="all", standardise=False, **options)


def same(one: zoo.Dataset, other: zoo.Dataset) -> None:
    for part in ("train", "val", "test"):
        assert one.split(part).keys() == other.split(part).keys()
        for name, values in one.split(part).items():
            np.testing.assert_array_equal(values, other.split(part)[name], err_msg=name)


def said(data, *words: str) -> bool:
    """Whether one of the notes holds all words."""
    return any(all(word in note for word in words) for note in data.notes)


ROLES = {"static": "age", "inputs": "drug", "label": "label"}


def test_rows_in_any_order_are_the_same_series_to_the_bit(write):
    whole = zoo.load_dataset("csv_series", path=write(table()), **ROLES)
    mixed = write(table(RNG.permutation(R)), "mixed.csv")
    other = zoo.load_dataset("csv_series", path=mixed, **ROLES)
    same(whole, other)
    assert whole.preprocessing.to_json() == other.preprocessing.to_json()
    assert whole.classes == ("ill", "well") and whole.tasks == ("classification",)
    made = zoo.make_series(
        IDS, TIMES, VALUES, labels=LABEL, static=AGE, inputs=DRUG, channel_names=("a", "b")
    )
    same(whole, made)


def test_unequal_series_and_empty_cells_are_padding_and_missing(write):
    data = load(write(table()), origin="global", **ROLES)
    names, counts = np.unique(IDS, return_counts=True)
    assert data.train["x"].shape == (12, counts.max(), 2) and data.preprocessing.channels == tuple(
        "ab"
    )
    for row, (name, count) in enumerate(zip(names, counts, strict=True)):
        own = name == IDS
        arrays = {key: values[row] for key, values in data.train.items()}
        np.testing.assert_array_equal(arrays["t"][:count], TIMES[own].astype(np.float32))
        assert (arrays["t"][count:] == arrays["t"][count - 1]).all()
        np.testing.assert_array_equal(arrays["mask"][:count], ~np.isnan(VALUES[own]))
        assert not arrays["mask"][count:].any()
        kept = np.nan_to_num(VALUES[own]).astype(np.float32)
        np.testing.assert_array_equal(arrays["x"][:count], kept)
        np.testing.assert_array_equal(arrays["inputs"][:count, 0], DRUG[own].astype(np.float32))
        assert arrays["static"].tolist() == [AGE[own][0]]
        assert data.classes[arrays["y"]] == LABEL[own][0]
    assert said(data, "Values are all other columns of numbers: a, b;")
    assert said(data, "12 series of 3 to 8 times") and said(data, "since it holds no numbers")


def test_a_label_of_numbers_is_a_regression_as_told_in_a_note(write):
    amounts = AGE * 1.5
    data = load(write(table(label=amounts)), label="label", static="age", inputs="drug")
    assert data.tasks == ("regression",) and data.target_names == ("label",)
    np.testing.assert_array_equal(data.train["y"][:, 0], amounts[np.unique(IDS, True)[1]])
    assert said(data, "Target label: regression", "--dataset.task classification")
    classes = load(write(table(label=AGE % 2)), label="label")
    assert classes.classes == (0, 1) and said(classes, "few different whole numbers")
    told = load(write(table(label=AGE % 2)), label="label", task="regression")
    assert told.tasks == ("regression",)
    words = load(write(table(label=AGE % 2)), label="label", words="label,drug")
    assert words.classes == ("0", "1") and words.preprocessing.channels == ("a", "b", "age")


def test_options_hide_and_drop_by_the_users_unit_of_time(write):
    raw = {"path": write(table()), "values": "a", "ignore": "b", "split": "all"}
    data = zoo.load_dataset("csv_series", **raw, horizon=0.4, drop=0.1, season=2.0)
    assert data.tasks == ("forecasting", "trajectory") and data.preprocessing.season == 2.0
    t = data.preprocessing.t_scale.invert(data.train["t"])
    seen, given = (data.train[name].any(-1) for name in ("mask", "given"))
    last = np.where(seen, t, -np.inf).max(axis=1, keepdims=True)
    np.testing.assert_array_equal(given, seen & (t <= last - 0.4 + 1e-5))
    assert said(data, "no option names are left out: drug, age, label")


def test_a_file_of_one_series_is_cut_into_windows_in_order_of_time(write):
    t, x = np.arange(60) * 0.5, np.sin(np.arange(60.0)).round(5)
    path = write(lines(",t,level", *(f"{i},{t[i]},{x[i]}" for i in RNG.permutation(60))))
    data = zoo.load_dataset("csv_series", path=path, horizon=2.0, split="50/25/25")
    assert data.tasks[0] == "forecasting" and data.preprocessing.channels == ("level",)
    assert said(data, "all rows are of one series") and said(data, "windows of 1 series")
    assert data.train["x"].shape[1:] == (17, 1)  # 6 of context and 2 of horizon, every half
    (whole,) = load(path).train["x"]
    np.testing.assert_array_equal(whole[:, 0], x.astype(np.float32))
    with pytest.raises(ConfigError, match="1 examples leave a split"):
        zoo.load_dataset("csv_series", path=path)


DAYS = np.datetime64("1958-03-29") + 7 * np.arange(37)
ZONED = [datetime.fromtimestamp(86400 * 7 * i, UTC).isoformat() for i in range(37)]


@pytest.mark.parametrize(
    "times",
    [
        DAYS,
        [str(day) for day in DAYS],
        [str(day).replace("-", "") for day in DAYS],
        [int(str(day).replace("-", "")) for day in DAYS],
        [float(str(day).replace("-", "")) for day in DAYS],
        [f"{day}T00:00:00" for day in DAYS],
        ZONED,
        [datetime.fromisoformat(each) for each in ZONED],
    ],
    ids=["datetime64", "iso", "text", "int", "float", "seconds", "zone", "objects"],
)
def test_dates_of_any_form_are_days(times):
    data = zoo.make_series(None, times, np.arange(37), horizon=70.0, split="all", season=364.0)
    np.testing.assert_allclose(
        data.preprocessing.t_scale.invert(data.train["t"][0]), 7 * np.arange(37)
    )
    assert data.train["given"][0, :, 0].sum() == 27
    assert said(data, "are in days, day 0 is 19")
    plain = isinstance(times[0], int | float)
    assert said(data, "19580329 is taken as a date; if it is a number, say dates = no") == plain


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9], ids=["s", "ms", "us", "ns"])
@pytest.mark.parametrize("kind", [int, float, str])
def test_37_epoch_stamps_in_any_unit_stay_37_times(unit, kind, write):
    step = 10**6 if unit == 10**9 and kind is float else unit  # float64 has no single ns
    stamps = [kind(1_700_000_000 * unit + 5 * step * i) for i in range(37)]
    data = zoo.make_series(None, stamps, np.arange(37), split="all")
    np.testing.assert_allclose(data.train["t"][0], np.arange(37) / 36, atol=1e-6)
    if kind is int:
        rows = (f"{stamp},{i}" for i, stamp in enumerate(stamps))
        same(data, zoo.load_dataset("csv_series", path=write(lines("t,x", *rows)), split="all"))


def test_numbers_that_may_be_dates_are_told_and_can_be_told():
    months = [195801, 195802, 195804]
    data = zoo.make_series(None, months, [1.0, 2, 3], split="all", standardise=False)
    assert data.train["t"].tolist() == [[0, 1, 3]] and said(
        data, "195801 may be a year and a month"
    )
    partly = zoo.make_series(None, [19580131, 19580132], [1.0, 2], split="all")
    assert said(partly, "19580131 may be a date and 19580132 is none")
    told = zoo.make_series(None, [19580131, 19580201], [1.0, 2], split="all", dates="no")
    assert told.preprocessing.t_scale.length == 70 and not said(told, "date")
    as_dates = zoo.make_series(None, [19580131, 19580201], [1.0, 2], split="all")
    assert as_dates.preprocessing.t_scale.length == 1


@pytest.mark.parametrize(
    "ids",
    [IDS.astype(object), [int(each[1:]) for each in IDS], [float(each[1:]) for each in IDS]],
    ids=["objects", "int", "float"],
)
def test_ids_of_any_kind_and_what_is_given_by_id(ids):
    keys = dict.fromkeys(np.asarray(ids).tolist())
    by_id = {key: "odd" if i % 2 else "even" for i, key in enumerate(keys)}
    data = zoo.make_series(ids, TIMES, VALUES, labels=by_id, static=dict.fromkeys(keys, 2.0))
    rows = [by_id[key] for key in np.asarray(ids).tolist()]
    same(data, zoo.make_series(ids, TIMES, VALUES, labels=rows, static=np.full(R, 2.0)))


def test_a_new_table_keeps_ids_times_and_order_and_says_what_is_wanted(write, tmp_path):
    dated = np.array([str(np.datetime64("2020-01-01") + int(10 * t)) for t in TIMES])
    path = write(table(times=dated))
    data = zoo.load_dataset("csv_series", path=path, origin="global", **ROLES)
    config = {"in_size": 2, "out_size": 2, "task": None}
    saved = json.loads(json.dumps(data.preprocessing.to_json()))
    kept = preprocessing_of({**config, "preprocessing": saved})
    assert kept.to_json() == data.preprocessing.to_json()
    assert kept.column_names == ("id", "time", "a", "b", "age", "drug")
    wanted = RNG.uniform(size=R) < 0.3
    wanted[[np.argmax(each == IDS) for each in set(IDS)]] = False
    new = np.where(wanted[:, None], np.nan, np.nan_to_num(VALUES))
    order = RNG.permutation(R)
    rows = kept.new_series(read_table(write(table(order, new, dated), "new.csv")))
    assert list(rows.ids) == list(dict.fromkeys(IDS[order].tolist()))
    assert [rows.ids[i] for i in rows.series] == IDS[order].tolist()
    at = (rows.series, rows.places)
    np.testing.assert_array_equal(rows.arrays["x"][at], new[order])
    np.testing.assert_array_equal(rows.arrays["mask"][at].any(-1), ~wanted[order])
    np.testing.assert_array_equal(rows.wanted, wanted[order])
    days = [np.datetime64(dated[i]) - np.datetime64(min(dated)) for i in order]
    np.testing.assert_array_equal(rows.arrays["t"][at], np.array(days).astype(float))
    prepared = kept.prepared(rows.arrays)
    length = data.preprocessing.t_scale.length
    np.testing.assert_allclose(np.ptp(prepared["t"] * length), np.ptp(rows.arrays["t"]), rtol=1e-6)
    assert set(prepared) == {"t", "x", "mask", "static", "inputs"}


def test_columns_of_a_weight_file_that_make_no_sense_are_refused(write):
    saved = load(write(table()), static="age").preprocessing.to_json()
    assert saved["columns"]["values"] == ["a", "b", "drug"]
    for key, value, words in [
        ("values", ["a"], "columns.values is of size 1: expected 3"),
        ("clock", {"start": "soon"}, "columns.clock.start = 'soon': expected a date"),
        ("time", 3, "columns.time = 3 is a int: expected str"),
    ]:
        changed = {**saved, "columns": {**saved["columns"], key: value}}
        with pytest.raises(CheckpointError, match=words):
            preprocessing_of({"preprocessing": changed, "in_size": 3, "out_size": 3})


def test_arrays_one_behind_the_other_are_those_that_are_padded(tmp_path):
    rows = np.argsort(IDS, kind="stable")
    names, lengths = np.unique(IDS, return_counts=True)
    per_series = {"static": np.arange(12.0)[:, None], "y": np.arange(12) % 2}
    path = tmp_path / "ragged.npz"
    np.savez(
        path, t=TIMES[rows], x=VALUES[rows], inputs=DRUG[rows, None], lengths=lengths, **per_series
    )
    data = zoo.load_dataset("npz_series", path=str(path))
    made = zoo.make_series(
        IDS,
        TIMES,
        VALUES,
        inputs=DRUG,
        static={name: float(i) for i, name in enumerate(names)},
        labels={name: i % 2 for i, name in enumerate(names)},
    )
    same(data, made)
    longest = np.arange(lengths.max())
    places = (
        np.cumsum(lengths)[:, None] - lengths[:, None] + np.minimum(longest, lengths[:, None] - 1)
    )
    mask = longest < lengths[:, None]
    padded = {
        name: v[rows][places]
        for name, v in (("t", TIMES), ("x", VALUES), ("inputs", DRUG[:, None]))
    }
    path = tmp_path / "padded.npz"
    np.savez(path, mask=mask, **padded, **per_series)
    same(data, zoo.load_dataset("npz_series", path=str(path)))


def wrong(place: tuple[int, int], cell: str) -> str:
    """The table with another cell in a row, counted from 0, and a column."""
    rows = [each.split(",") for each in table().splitlines()]
    rows[place[0] + 1][place[1]] = cell
    return lines(*map(",".join, rows))


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (wrong((1, 1), str(TIMES[0])), {}, r"line 3: series p0 has the time .* again.*line 2"),
        (
            wrong((1, 6), "dead"),
            {"label": "label"},
            "label of series p0 is well in .*line 2 and dead",
        ),
        (
            wrong((1, 5), "99"),
            ROLES,
            r"age of series p0 is 20.0 in .*line 2 and 99.0 in .*line 3",
        ),
        (wrong((1, 0), ""), {}, "line 3, column 'id': the id is missing"),
        (wrong((1, 1), ""), {}, "line 3: the time is '', among numbers"),
        (
            wrong((1, 1), "noon"),
            {},
            "line 3: the time is 'noon', among numbers: expected a number",
        ),
        (wrong((1, 4), ""), ROLES, "line 3, column 'drug': an input is missing"),
        (wrong((1, 4), "none yet"), ROLES, "line 3, column 'drug': 'none yet' is no number"),
        (wrong((1, 6), ""), {"label": "label"}, "line 3, column 'label': the target is missing"),
        (table(values=VALUES * np.nan), {"values": "a,b"}, "No row holds a value"),
        (lines("id,time,a", "p,1,1", "q,2,1", "q,3,1"), {}, "one time alone, 1.0, in series p"),
        (lines("time,a", "1,1", "1,2"), {}, "the series has the time 1.0 again.*give their ids"),
    ],
)
def test_what_is_wrong_with_a_long_table_is_told_by_line(write, content, options, words):
    with pytest.raises(DataError, match=words):
        load(write(content), **options)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (
            table().replace("time", "clock"),
            {},
            "none of them called time or t or date.*dataset.time",
        ),
        (
            table(),
            {"values": "a", "inputs": "a"},
            "'a' is named by --dataset.values and --dataset.inp",
        ),
        (table(), {"label": "a,b"}, "--dataset.label a,b: expected one column, not 2"),
        (table(), {"static": "ages"}, "no column 'ages'. Did you mean 'age'"),
        (lines("id,time", "p,1", "p,2"), {}, "expected one of values or more"),
        (table(), {"split_by": "time"}, "no horizon"),
    ],
)
def test_roles_that_cannot_be_are_refused(write, content, options, words):
    with pytest.raises(ConfigError, match=words):
        load(write(content), **options)
