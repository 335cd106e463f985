"""Tasks of predicted paths: values from closed forms, and what model and baselines are shown."""

from dataclasses import replace

import numpy as np
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.tasks import gaussian, naive, task_named

from .small_data import series


def data_of(x, t=None, season=None, **more):
    """Series [N, T] of one channel as a data set that nothing standardises."""
    x = np.asarray(x, float)[..., None]
    t = np.broadcast_to(np.arange(float(x.shape[1])), x.shape[:2]) if t is None else t
    arrays = {"x": x, "t": np.asarray(t), **{k: np.asarray(v)[..., None] for k, v in more.items()}}
    raw = zoo.RawData(arrays, ("forecasting", "interpolation"), kind="series")
    data = zoo.make_dataset(raw, split="all", standardise=False)
    return replace(data, preprocessing=replace(data.preprocessing, season=season))


def told(data, outputs, task="forecasting", ok=None):
    ok = np.ones(len(data.test["x"]), bool) if ok is None else ok
    return task_named(task).metrics(np.asarray(outputs), data.test, data, ok)


def test_gaussian_scores_are_those_of_the_closed_forms():
    zero, one = np.zeros(1), np.ones(1)
    assert gaussian.crps(zero, zero, one)[0] == pytest.approx(0.2336949772551, abs=1e-12)
    assert gaussian.crps(one, zero, 2 * one)[0] == pytest.approx(0.6628, abs=1e-4)
    assert gaussian.crps(3 * one, one, zero)[0] == 2.0  # a point's: the absolute error
    assert gaussian.nll(one, zero, 2 * one)[0] == pytest.approx(0.5 * np.log(8 * np.pi) + 0.125)
    assert gaussian.nll(one, zero, zero)[0] == np.inf
    # E |X - y| - E |X - X'| / 2 of draws, the definition.
    draws = np.random.default_rng(0).normal(0.3, 1.7, (2, 200_000))
    expected = abs(draws[0] - 1.1).mean() - abs(draws[0] - draws[1]).mean() / 2
    assert gaussian.crps(np.array(1.1), np.array(0.3), np.array(1.7)) == pytest.approx(
        expected, abs=0.01
    )
    low, high = gaussian.band(zero, one)
    assert (low[0], high[0]) == pytest.approx((-1.6448536, 1.6448536))


def test_coverage_of_a_known_sample_and_sums_over_points():
    # Errors 0, 1, 2, 3 and 100 at five target points of two series, of which one has but one.
    x = np.zeros((2, 6))
    given = np.array([[1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 1]], bool)
    outputs = np.zeros((2, 6, 1, 2))
    outputs[0, 2:, 0, 0], outputs[1, 2, 0, 0] = [0, 1, 2, 3], 100
    outputs[..., 1] = 1.3  # a band of ± 2.14
    metrics = told(data_of(x, given=given), outputs)
    assert metrics["coverage_90"] == 3 / 5 and metrics["mae"] == pytest.approx(106 / 5)
    assert metrics["rmse"] == pytest.approx(np.sqrt((1 + 4 + 9 + 100**2) / 5))
    failed = told(data_of(x, given=given), outputs, ok=np.array([True, False]))
    assert failed["coverage_90"] == 3 / 4 and failed["mae"] == pytest.approx(1.5)
    assert failed["last_value_rmse"] == failed["mean_rmse"] == 0
    point = told(data_of(x, given=given), outputs[..., 0])
    assert point["crps"] == point["mae"] and not {"nll", "coverage_90"} & point.keys()
    none = told(data_of(x, given=given), outputs, ok=np.array([False, False]))
    assert none.keys() == metrics.keys() and set(none.values()) == {None}


def test_mase_of_the_seasonal_naive_forecast_is_one():
    # A season of 3 that grows by 2 a season: each seasonal difference is 2, the next one's too.
    places = np.arange(12)
    x = np.stack([np.array([0.0, 5.0, 1.0])[places % 3] + 2 * (places // 3)] * 2)
    given = np.broadcast_to(places < 9, x.shape)
    data = data_of(x, season=3.0, given=given)
    forecast = naive.seasonal(
        data.test["t"], data.test["x"], given[..., None], 3.0, fill=np.zeros(1)
    )
    assert forecast[0, 9:, 0].tolist() == [4.0, 9.0, 5.0]
    metrics = told(data, forecast)
    assert metrics["mase"] == pytest.approx(1) and metrics["seasonal_naive_rmse"] == 2
    assert task_named("forecasting").score(metrics) == zoo.tasks.Score("rmse", 2.0, 2.0)
    # Two seasons ahead the value is that of two seasons before.
    given = np.broadcast_to(places < 6, x.shape)
    data = data_of(x, season=3.0, given=given)
    args = data.test["t"], data.test["x"], given[..., None], 3.0
    assert naive.seasonal(*args, fill=np.zeros(1))[0, 6:, 0].tolist() == [2, 7, 3, 2, 7, 3]
    # What is shorter than a season has no seasonal error, and so no MASE.
    short = told(data_of(x, season=30.0, given=given), np.zeros((2, 12, 1)))
    assert short["mase"] is None and short["seasonal_naive_rmse"] == short["last_value_rmse"]


def test_the_season_of_irregular_times_is_that_of_the_nearest_value():
    t = np.array([[0.0, 1.1, 2.0, 10.1, 11.0, 11.9, 30.0]])
    x = np.arange(7.0)[None, :, None]
    shown = np.array([1, 1, 1, 0, 0, 0, 0], bool)[None, :, None]
    # 30 is three seasons after 0, and what lies a season before 17 is no value.
    assert naive.seasonal(t, x, shown, 10.0, np.zeros(1))[0, 3:, 0].tolist() == [0, 1, 2, 0]
    t = np.array([[0.0, 1.0, 2.0, 17.0, 18.0, 19.0, 20.0]])
    assert naive.seasonal(t, x, shown, 10.0, np.zeros(1))[0, 3:, 0].tolist() == [2, 2, 2, 0]


def test_baselines_see_what_is_shown_alone():
    data = series(2)
    shown = data.train["mask"] & data.train["given"]
    changed = {**data.train, "x": np.where(shown, data.train["x"], np.float32(1e9))}
    for name in ("trajectory", "interpolation", "forecasting"):
        task = task_named(name)
        before = task.naive(data.train, data)
        after = task.naive(changed, replace(data, train=changed))
        assert before.keys() == after.keys() and len(before) >= 2
        for each in before:
            np.testing.assert_array_equal(before[each], after[each], err_msg=f"{name}: {each}")
    line = naive.linear(
        np.array([[0.0, 1.0, 3.0, 4.0]]),
        np.array([0.0, 9.0, 6.0, 9.0])[None, :, None],
        np.array([1, 0, 1, 0], bool)[None, :, None],
        np.zeros(1),
    )
    assert line[0, :, 0].tolist() == [0, 2, 6, 6]
    nothing = np.zeros((1, 4, 1), bool)
    x = np.ones((1, 4, 1))
    for guess in (
        naive.last_value(x, nothing, np.full(1, 7)),
        naive.mean_value(x, nothing, np.full(1, 7)),
    ):
        assert (guess == 7).all()


def test_targets_are_what_is_observed_and_not_shown():
    data = series(1)
    seen, given = data.test["mask"], data.test["given"]
    for name, targets in (("trajectory", seen), ("forecasting", seen & ~given)):
        task = task_named(name)
        np.testing.assert_array_equal(task.targets(data.test), targets)
        # What is no target may be anything.
        ok = np.ones(len(seen), bool)
        noise = np.where(targets, 0, 1e6)
        outputs = [
            task.metrics(data.test["x"] + noise + each, data.test, data, ok) for each in (0, 1)
        ]
        assert outputs[0]["rmse"] == 0
        assert outputs[1]["rmse"] == pytest.approx(data.x_scale.std[0], rel=1e-6)
    whole = {"x": data.test["x"], "mask": seen[..., 0]}
    assert task_named("trajectory").targets(whole).all() == seen.all()


def test_several_channels_are_told_each_in_its_unit():
    data = series(2)
    std = data.x_scale.std
    outputs = np.stack([data.test["x"] + 1, np.full(data.test["x"].shape, 0.5)], axis=-1)
    metrics = told(data, outputs)
    assert list(metrics["rmse"]) == ["x0", "x1"]
    assert list(metrics["rmse"].values()) == pytest.approx(std, rel=1e-6)
    assert metrics["rmse_standardised"] == pytest.approx(1, rel=1e-6)
    assert metrics["coverage_90_overall"] == 0 and metrics["mase_overall"] > 0
    expected = 2 + 0.5 * np.log(2 * np.pi * 0.25)
    assert metrics["nll_standardised"] == pytest.approx(expected, rel=1e-5)
    assert list(metrics["nll"].values()) == pytest.approx(expected + np.log(std), rel=1e-5)


def test_answers_have_bands_in_the_user_s_units():
    data = series(2)
    learned = replace(data.preprocessing, channel_names=("lynx", "hare"))
    xs = data.test["x"]
    outputs = np.stack([xs, np.ones(xs.shape)], axis=-1)
    task = task_named("forecasting")
    answer = task.answer(outputs, xs, learned)
    assert answer.names == (
        "prediction_lynx", "prediction_lynx-lo-90", "prediction_lynx-hi-90",
        "prediction_hare", "prediction_hare-lo-90", "prediction_hare-hi-90",
    )  # fmt: skip
    assert answer.values.shape == (*xs.shape[:2], 6)
    lo, hi = answer.values[..., 1], answer.values[..., 2]
    np.testing.assert_allclose(answer.values[..., 3], learned.raw(xs)[..., 1], rtol=1e-6)
    np.testing.assert_allclose(hi - lo, 2 * 1.6448536 * data.x_scale.std[0], rtol=1e-6)
    assert task.answer(xs, xs, learned).names == ("prediction_lynx", "prediction_hare")
    assert task.to_units(outputs, xs, learned).shape == outputs.shape


def test_outputs_that_are_no_paths_are_refused():
    task, data = task_named("trajectory"), series(2)
    for shape in (None, (4, 12), (3, 12, 2), (4, 12, 2, 3)):
        with pytest.raises(ConfigError, match=r"shape \(4, times, channels, 2\)"):
            task.check_outputs(shape, 4)
    with pytest.raises(ConfigError, match=r"of shape \(4, 12, 3\): expected .* \(4, 12, 2, 2\)"):
        told(data, np.zeros((4, 12, 3)))
    with pytest.raises(ConfigError, match="deviations down to -1"):
        told(data, np.full((4, 12, 2, 2), -1.0))


def test_data_without_given_have_nothing_to_find():
    data = series(1)
    without = replace(data, train={k: v for k, v in data.train.items() if k != "given"})
    assert data.serves("interpolation") and data.serves("trajectory")
    tasks = replace(without.preprocessing, tasks=("trajectory",))
    assert not replace(without, preprocessing=tasks).serves("forecasting")
