"""Real series that come with the package: each file has a line in SOURCES.md that is true."""

import fnmatch
import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.datasets.series.real.shipped import FOLDER, LabelledSeries, packed, read_columns, unpacked

SOURCES = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
LARGEST = 300_000


def lines() -> dict[str, dict[str, str]]:
    """The rows of the table by file, each cell by its column."""
    rows = [line.strip("| ").split(" | ") for line in SOURCES.splitlines() if line[:1] == "|"]
    header, _, *body = rows
    return {row[0]: dict(zip(header, row, strict=True)) for row in body}


def counted(path: Path) -> str:
    """How much there is in a file, in the words of its line."""
    if path.suffix == ".npz":
        return f"{len(LabelledSeries.read(path.name).labels)} series"
    return f"{len(next(iter(read_columns(path.name).values())))} rows"


def test_each_file_has_a_line_and_each_line_a_file():
    files = {path.name for path in FOLDER.iterdir()} - {"SOURCES.md"}
    assert files == set(lines())
    for name, line in lines().items():
        path = FOLDER / name
        assert all(line[column].strip() for column in ("data set", "origin", "licence")), name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == line["sha256"], name
        assert counted(path) == line["count"], name
        assert path.stat().st_size < LARGEST, name
    assert "Redistribution and use in source and binary forms" in SOURCES  # aeon asks for it


def test_a_wheel_contains_every_file():
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)["tool"]["setuptools"]["package-data"]
    patterns = data["zoo.datasets.series.real"]
    for path in FOLDER.iterdir():
        assert any(fnmatch.fnmatch(f"files/{path.name}", each) for each in patterns), path.name


def test_packing_loses_nothing():
    values = np.array([[-27.822042, 34.86621], [0.0, -1e-6]])
    planes = packed(values)
    assert planes.dtype == np.uint8 and (unpacked(planes) == values).all()


@pytest.mark.parametrize(
    ("name", "train", "test", "channels", "first"),
    [("japanese_vowels", 270, 370, 12, 1.860936), ("basic_motions", 40, 40, 6, 0.079106)],
)
def test_labelled_series_keep_the_published_split(name, train, test, channels, first):
    kept = LabelledSeries.read(f"{name}.npz")
    assert kept.x.shape[2] == channels and kept.x[0, 0, 0] == first
    data = zoo.load_dataset(name, seed=1)
    assert (len(data.train["x"]) + len(data.val["x"]), len(data.test["x"])) == (train, test)
    expected = np.bincount(np.unique(kept.labels[kept.test], return_inverse=True)[1])
    assert np.bincount(data.test["y"]).tolist() == expected.tolist()
    raw = data.preprocessing.raw(data.test["x"])
    shown = data.test["mask"].all(axis=2)
    lengths = np.sort(shown.sum(axis=1))
    assert lengths.tolist() == np.sort(kept.mask[kept.test].sum(axis=1)).tolist()
    sums = np.where(shown, raw[..., 0], 0).sum(axis=1)
    published = np.where(kept.mask, kept.x[..., 0], 0).sum(axis=1)[kept.test]
    np.testing.assert_allclose(np.sort(sums), np.sort(published), atol=1e-3)


def test_published_facts_of_the_labelled_series():
    vowels = LabelledSeries.read("japanese_vowels.npz")
    lengths = vowels.mask.sum(axis=1)
    assert (lengths.min(), lengths.max()) == (7, 29)
    assert np.bincount(vowels.labels[~vowels.test]).tolist() == [0, *[30] * 9]
    assert np.bincount(vowels.labels[vowels.test])[1:].tolist() == [
        31,
        35,
        88,
        44,
        29,
        24,
        40,
        50,
        29,
    ]
    motions = LabelledSeries.read("basic_motions.npz")
    names, counts = np.unique(motions.labels, return_counts=True)
    assert names.tolist() == ["Badminton", "Running", "Standing", "Walking"]
    assert counts.tolist() == [20] * 4 and motions.mask.all()


@pytest.mark.parametrize(
    ("name", "horizon", "season", "ends"),
    [
        ("co2", 1.0, 1.0, {"co2": (316.1, 371.5)}),
        ("sunspots", 11.0, 11.0, {"SUNACTIVITY": (5.0, 2.9)}),
        ("pelts", 4.0, None, {"lynx": (4.0, 8.6), "hare": (30.0, 24.7)}),
    ],
)
def test_single_series_are_windows_with_a_season(name, horizon, season, ends):
    columns = read_columns(f"{name}.csv")
    for column, (first, last) in ends.items():
        assert (float(columns[column][0]), float(columns[column][-1])) == (first, last)
    data = zoo.load_dataset(name)
    length = data.preprocessing.t_scale.length
    assert data.preprocessing.season == season and data.tasks[0] == "forecasting"
    for part in (data.train, data.val, data.test):
        hidden = part["mask"] & ~part["given"]
        at = hidden.any(axis=2)
        first = np.where(at, part["t"], np.inf).min(axis=1) * length
        last = np.where(at, part["t"], -np.inf).max(axis=1) * length
        assert (last - first <= horizon * 1.001).all()
        shown = np.where(part["given"].any(axis=2), part["t"], 0).max(axis=1) * length
        assert (shown < first).all()
    metrics = zoo.tasks.task_named("forecasting").metrics(
        data.test["x"], data.test, data, np.ones(len(data.test["x"]), bool)
    )
    assert ("seasonal_naive_rmse" in metrics) == (season is not None)


def test_the_last_five_years_of_the_pelts_can_be_hidden():
    data = zoo.load_dataset("pelts", split="all", split_by="series", horizon=5.0)
    assert data.test["given"].all(axis=2).tolist() == [[True] * 16 + [False] * 5]
    assert data.preprocessing.channels == ("lynx", "hare")


def test_relative_values_leave_errors_as_they_are():
    plain, moved = (zoo.load_dataset("co2", relative=each) for each in (False, True))
    task = zoo.tasks.task_named("forecasting")
    found = []
    for data in (plain, moved):
        zero = task.naive(data.test, data)["last_value"]
        found.append(task.metrics(zero, data.test, data, np.ones(len(zero), bool)))
    assert found[0] == pytest.approx(found[1], rel=1e-3)
    last = moved.preprocessing.raw(zero)
    np.testing.assert_allclose(last[moved.test["mask"] & ~moved.test["given"]], 0, atol=1e-4)
    # The rise takes what is to be found out of the range of the training values.
    hidden = plain.test["mask"] & ~plain.test["given"]
    assert plain.test["x"][hidden].min() > plain.train["x"].max()
    assert moved.test["x"][hidden].max() < 1.5 * moved.train["x"].max()
