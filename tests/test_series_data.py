"""Series of unequal lengths as a data set: padding, what is dropped, hidden, cut into windows."""

import json

import numpy as np
import pytest

import zoo
from zoo.datasets import Preparation
from zoo.datasets.series import series_data
from zoo.errors import ConfigError, DataError
from zoo.models.series import Series

RNG = np.random.default_rng(0)
N, LONGEST = 24, 10
LENGTHS = RNG.integers(4, LONGEST + 1, N)
REAL = np.arange(LONGEST) < LENGTHS[:, None]
TIMES = np.cumsum(RNG.uniform(0.5, 1.5, (N, LONGEST)), axis=1)
T = TIMES[np.arange(N)[:, None], np.minimum(np.arange(LONGEST), LENGTHS[:, None] - 1)]
X = RNG.normal(size=(N, LONGEST, 2)) * [1.0, 30.0] + [5.0, -2.0]
MASK = (RNG.uniform(size=X.shape) < 0.8) & REAL[..., None]
MASK[:, :2] = True
U = RNG.normal(size=(N, LONGEST, 1))
ARRAYS = {"t": T, "x": X, "mask": MASK, "inputs": U, "static": RNG.normal(size=(N, 3))}


def data(arrays=ARRAYS, tasks=("trajectory",), *, name="data", split="60/20/20", **options):
    return zoo.make_dataset(series_data(arrays, tasks, **options), name=name, split=split)


def same(one: zoo.Dataset, other: zoo.Dataset, length: int | None = None) -> None:
    """Assert that two data sets are the same to the bit, up to a length."""
    assert one.preprocessing.to_json() == other.preprocessing.to_json()
    assert one.tasks == other.tasks and one.notes == other.notes
    for part in ("train", "val", "test"):
        for name, values in one.split(part).items():
            kept = other.split(part)[name]
            if (length is not None and values.ndim > 2) or name == "t":
                kept = kept[:, :length]
            np.testing.assert_array_equal(values, kept, err_msg=name)


@pytest.mark.parametrize(
    "options", [{}, {"drop": 0.4}, {"hide": 0.5, "horizon": 1.5, "drop": 0.2}], ids=str
)
@pytest.mark.parametrize("hidden", [np.nan, np.inf, -1e30])
def test_what_padding_or_the_mask_holds_and_more_of_it_change_no_bit(options, hidden):
    plain = data(**options)
    filled = {**ARRAYS, "x": np.where(MASK, X, hidden), "t": np.where(REAL, T, np.nan)}
    filled["inputs"] = np.where(REAL[..., None], U, hidden)
    same(plain, data(filled, **options))
    more = {
        name: np.pad(values, ((0, 0), (0, 7)) + ((0, 0),) * (values.ndim - 2), mode="edge")
        for name, values in ARRAYS.items()
        if name != "static"
    }
    more["mask"][:, LONGEST:] = False
    padded = data({**more, "static": ARRAYS["static"]}, **options)
    same(plain, padded, plain.train["x"].shape[1])


def test_scales_are_of_what_is_observed_in_training_rows():
    made = data({**ARRAYS, "index": np.arange(N)}, channel_names=("a", "b"), season=2.0)
    rows, kept = made.train["index"], made.preprocessing
    for channel in range(2):
        shown = X[rows][..., channel][MASK[rows][..., channel]]
        np.testing.assert_allclose(kept.x_scale.mean[channel], shown.mean(), rtol=1e-12)
    np.testing.assert_allclose(kept.inputs_scale.mean, U[rows][REAL[rows]].mean(axis=0))
    lasts = [T[row][MASK[row].any(-1)][-1] - T[row, 0] for row in rows]
    assert kept.t_scale.to_json() == {"start": 0, "length": max(lasts)}
    np.testing.assert_allclose(made.train["t"].max(axis=1) * max(lasts), np.ptp(T[rows], axis=1))
    assert kept.channels == ("a", "b") and kept.season == 2.0
    again = Preparation.from_json(json.loads(json.dumps(kept.to_json())))
    assert again.to_json() == kept.to_json()
    given = {name: values[rows] for name, values in ARRAYS.items()}
    for name, values in again.prepared(given).items():
        np.testing.assert_array_equal(values, made.train[name], err_msg=name)


@pytest.mark.parametrize("origin", ["series", "global"])
def test_time_0_is_each_series_own_or_one_for_all(origin):
    stamps = 1_700_000_000 * 10**9 + 1_000 * np.arange(N)[:, None] + np.arange(1, 38) * 7
    raw = {"t": stamps, "x": np.zeros((N, 37, 1)) + np.arange(37.0)[:, None]}
    made = data(raw, origin=origin)
    t = made.train["t"]
    assert all(len(np.unique(row)) == 37 for row in t)  # 37 distinct nanoseconds stay 37 times
    starts = np.unique(t[:, 0])
    assert len(starts) == (1 if origin == "series" else len(t))
    np.testing.assert_allclose(np.ptp(t, axis=1), 1.0, rtol=1e-6 if origin == "series" else 1e-4)
    assert made.preprocessing.to_json()["origin"] == origin


def test_drop_takes_whole_times_by_the_seed_and_the_index_of_the_series():
    full, made = data(split="all"), data(split="all", drop=0.5)
    seen = [d.train["mask"].any(-1).sum(axis=1) for d in (full, made)]
    np.testing.assert_array_equal(seen[1], np.maximum(seen[0] - np.round(seen[0] / 2), 2))
    for row in range(N):  # what stays is what was there, with the channels that were observed
        t = made.preprocessing.t_scale.invert(made.train["t"][row])[: seen[1][row]]
        whole = T[row] - T[row, 0]
        offsets = [whole[i] for i in range(LENGTHS[row])]
        assert any(np.abs((t + o)[:, None] - whole).min(axis=1).max() < 1e-5 for o in offsets)
    some = {name: values[:9] for name, values in ARRAYS.items()}
    fewer = series_data(some, ("trajectory",), drop=0.5).inputs.arrays
    whole = series_data(ARRAYS, ("trajectory",), drop=0.5).inputs.arrays
    other = series_data(ARRAYS, ("trajectory",), drop=0.5, seed=1).inputs.arrays
    width = fewer["t"].shape[1]
    np.testing.assert_array_equal(fewer["mask"], whole["mask"][:9, :width])
    np.testing.assert_array_equal(fewer["t"], whole["t"][:9, :width])
    assert not np.array_equal(other["t"], whole["t"])


def test_horizon_and_hide_say_what_a_model_is_shown():
    raw = series_data(ARRAYS, ("classification",), horizon=1.5, hide=0.5)
    assert raw.tasks == ("forecasting", "interpolation", "classification")
    given, seen = raw.inputs.arrays["given"], MASK.any(-1)
    assert not (given & ~MASK).any()
    for row in range(N):
        last = T[row][seen[row]].max()
        late = T[row] > last - 1.5
        assert not given[row][late].any() and seen[row][late].any()
        early, shown = seen[row] & ~late, given[row].any(-1)
        hides = min(max(round(0.5 * early.sum()), 1), early.sum() - 1)
        assert (early & ~shown).sum() == hides and shown.any()
        np.testing.assert_array_equal(given[row][shown], MASK[row][shown])  # whole times
    made = data(horizon=1.5)
    assert made.tasks == ("forecasting", "trajectory")
    shown = Series.of(made.train)
    assert not np.asarray(shown.x)[~np.asarray(made.train["given"])].any()
    weekly = series_data({"t": np.arange(9.0), "x": X[:, :9]}, (), horizon=5.0).inputs.arrays
    np.testing.assert_array_equal(weekly["given"][0, :, 0], np.arange(9) < 4)  # the last five


@pytest.mark.parametrize("options", [{}, {"split_by": "time", "context": 3.0}], ids=str)
def test_what_lies_after_the_cut_reaches_no_forecast_input_to_the_bit(options):
    raw = series_data(ARRAYS, (), horizon=1.5, **options)
    late = raw.inputs.arrays["mask"] & ~raw.inputs.arrays["given"]
    assert late.any()
    made = zoo.make_dataset(raw, split="all")
    other = raw.inputs.arrays | {"x": np.where(late, -1e9, raw.inputs.arrays["x"])}
    shown = Series.of(made.preprocessing.prepared(other))
    whole = Series.of(made.preprocessing.prepared(raw.inputs.arrays))
    for name in ("t", "x", "mask", "static", "inputs"):
        np.testing.assert_array_equal(getattr(shown, name), getattr(whole, name), err_msg=name)


def test_windows_in_order_of_time_share_no_target_with_training():
    long = {"t": 3.0 * np.arange(100)[None], "x": np.arange(100.0)[None, :, None]}
    raw = series_data(long, ("trajectory",), horizon=12.0, split_by="time", context=30.0)
    made = zoo.make_dataset(raw, standardise=False)
    targets, shown = {}, {}
    for name in ("train", "val", "test"):
        part = made.split(name)
        windows = zip(part["x"], part["mask"], part["given"], strict=True)
        triples = [(x[..., 0], m[..., 0], g[..., 0]) for x, m, g in windows]
        assert all(set(np.diff(x[m])) == {1.0} for x, m, _ in triples)
        assert {m.sum() - g.sum() for _, m, g in triples} == {4}
        assert {int(g.sum()) for *_, g in triples} == {11}  # both ends of the context
        targets[name] = np.concatenate([x[m & ~g] for x, m, g in triples]).tolist()
        shown[name] = np.concatenate([x[g] for x, _, g in triples])
    assert max(targets["train"]) < min(targets["val"]) < max(targets["val"]) < min(targets["test"])
    assert shown["train"].max() <= 60 and max(targets["test"]) == 99
    for name in ("val", "test"):  # each is forecast once
        assert len(set(targets[name])) == len(targets[name])
    assert len(made.train["x"]) > 2 * len(made.test["x"])
    np.testing.assert_allclose(made.train["t"][:, 0], 0.0)
    rare = series_data(long, (), horizon=3.0, split_by="time", context=6.0).inputs
    assert len({tuple(each) for each in rare.arrays["t"]}) == len(rare)  # none is there twice


def changed(name: str, place: tuple[int, ...], value: float) -> dict[str, np.ndarray]:
    values = ARRAYS[name].copy()
    values[place] = value
    return {**ARRAYS, name: values}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (changed("t", (3, 1), 0.0), r"not in order in series 3: .* at place 0 and 0\.0 at place 1"),
        (changed("t", (3, 1), T[3, 0]), "same time twice in series 3: .* place 0 and .* place 1"),
        (changed("t", (3, 1), np.nan), r"time of series 3 at place 1 is nan"),
        (changed("x", (3, 1, 1), np.nan), r"x of series 3 at place 1 is nan, in channel 1"),
        (changed("mask", (slice(None), slice(None), 1), False), "Channel 1 has no value in any"),
        (changed("mask", (3,), False), "no value at any time of series 3"),
        ({**ARRAYS, "t": T[:, :5]}, r"t has shape \(24, 5\) and x \(24, 10, 2\)"),
        ({**ARRAYS, "x": X[:0]}, "expected series, .*, with some of each"),
        ({**ARRAYS, "x": X[..., 0]}, r"one channel are x\[..., None\]"),
        ({"x": X[:, :1]}, "one time alone, 0.0, in series 0"),
        (changed("inputs", (3, 1, 0), np.inf), "inputs of series 3 at place 1 is inf, in column 0"),
        (changed("static", (3, 1), np.nan), "static of series 3 is nan, in column 1"),
        ({**ARRAYS, "static": U}, r"static has shape .*: expected \(24, columns\)"),
        ({**ARRAYS, "x": X.astype(complex)}, "x holds complex128: expected real numbers"),
    ],
)
def test_series_that_make_no_sense_are_refused_by_number_and_place(arrays, words):
    with pytest.raises(DataError, match=words):
        series_data(arrays, ("trajectory",))


@pytest.mark.parametrize(
    ("error", "options", "words"),
    [
        (DataError, {"horizon": 1e3}, "horizon is 1000 and series a0 lasts"),
        (DataError, {"horizon": 1.0, "split_by": "time", "context": 99.0}, "longest series lasts"),
        (DataError, {"channel_names": ("a",)}, "x has 2 channels: expected a name for each"),
        (ConfigError, {"split_by": "time"}, "no horizon: windows .* expected"),
        (ConfigError, {"context": 1.0}, "context = 1 and split_by = 'series'"),
        (ConfigError, {"drop": 1.0}, "drop = 1.0 is out of range: .* less than 1"),
        (ConfigError, {"hide": -0.1}, "hide = -0.1 is out of range"),
    ],
)
def test_options_that_cannot_be_are_refused(error, options, words):
    with pytest.raises(error, match=words):
        series_data(ARRAYS, ("trajectory",), ids=[f"a{i}" for i in range(N)], **options)


def test_windows_refuse_labels_and_splits_that_none_fits_in():
    with pytest.raises(DataError, match="those belong to whole series"):
        series_data({**ARRAYS, "y": np.arange(N)}, (), horizon=1.0, split_by="time", context=1.0)
    raw = series_data({"x": X[:1]}, ("trajectory",), horizon=2.0, split_by="time", context=2.0)
    with pytest.raises(ConfigError, match="no window for training"):
        zoo.make_dataset(raw, split="20/40/40")
