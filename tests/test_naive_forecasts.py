"""The naive forecasts as models: the baselines' values, and bands from their own errors."""

import csv

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.models.series import LastValue, MeanValue, SeasonalNaive, Series
from zoo.tasks import naive

from .small_data import labelled_series
from .tables import lines, write_file
from .test_cli import call

KEY = jax.random.key(0)
NAMES = {"last_value": "last_value", "mean_value": "mean", "seasonal_naive": "seasonal_naive"}
"""The models, and what the metrics call the same baseline."""


def shown_of(x: np.ndarray, seen: np.ndarray | None = None) -> Series:
    """Series [N, T] of one channel at whole times, of which those `seen` are shown."""
    t = np.broadcast_to(np.arange(x.shape[1], dtype=float), x.shape)
    mask = np.ones(x.shape, bool) if seen is None else np.broadcast_to(seen, x.shape)
    return Series.of({"t": t, "x": x[..., None], "mask": mask})


@pytest.mark.parametrize("name", NAMES)
def test_means_are_those_of_the_baseline_beside_the_metrics(name):
    data = labelled_series()
    model = zoo.create_model(name, data, task="forecasting", key=KEY)
    told = zoo.evaluate(model, data, task="forecasting")
    ours, baseline = told["rmse"], told[f"{NAMES[name]}_rmse"]
    np.testing.assert_allclose(list(ours.values()), list(baseline.values()), rtol=1e-5)


def test_values_of_irregular_series_are_the_baselines_at_every_time():
    with jax.enable_x64(True):
        rng = np.random.default_rng(1)
        t = np.cumsum(rng.uniform(0.1, 2, (6, 30)), axis=1)
        t = t - t[:, :1]
        x, shown = rng.standard_normal((6, 30, 2)), rng.uniform(size=(6, 30, 2)) < 0.6
        shown[0, :, 0], shown[1, 1:, 1], shown[2, :20] = False, False, False
        xs, fill = Series.of({"t": t, "x": x, "mask": shown}), np.zeros(2)
        pairs = [
            (LastValue(), naive.last_value(x, shown, fill)),
            (MeanValue(), naive.mean_value(x, shown, fill)),
            (SeasonalNaive(4.0), naive.seasonal(t, x, shown, 4.0, fill)),
        ]
        for rule, expected in pairs:
            mean, deviation = rule(xs)
            np.testing.assert_allclose(mean, expected, atol=1e-12)
            assert jnp.isfinite(deviation).all() and (deviation >= 0).all()


def test_deviations_are_the_textbooks():
    with jax.enable_x64(True):
        seen = np.arange(12) < 8
        walk = shown_of(np.array([[0, 1, 0, 1, 2, 1, 2, 3, 9, 9, 9, 9.0]]), seen)
        root = np.sqrt(np.arange(1, 5.0))
        np.testing.assert_allclose(LastValue()(walk)[1][0, 8:, 0], root)  # steps of one
        x = np.array([[1, 3, 1, 3, 1, 3, 1, 3, 0, 0, 0, 0.0]])
        scatter = np.sqrt(8 / 7 * (1 + 1 / 8))
        np.testing.assert_allclose(MeanValue()(shown_of(x, seen))[1][0, :, 0], scatter)
        rising = shown_of(np.arange(12.0)[None], seen)  # by 3 in a season of 3, and so off by 3
        seasons = np.sqrt([1, 1, 1, 2])
        np.testing.assert_allclose(SeasonalNaive(3.0)(rising)[1][0, 8:, 0], 3 * seasons)


@pytest.mark.parametrize("rule", [LastValue(), MeanValue(), SeasonalNaive(2.0)], ids=repr)
def test_a_single_value_has_the_deviation_of_the_data(rule):
    mean, deviation = rule(shown_of(np.full((1, 5), 2.0), np.arange(5) == 1))
    assert (mean == 2).all() and (deviation == 1).all()


@pytest.mark.filterwarnings("ignore:Batches of:zoo.ZooWarning")
def test_training_widens_the_band_of_a_rule_that_a_trend_fools():
    rng = np.random.default_rng(0)
    walks = np.cumsum(1 + 0.2 * rng.standard_normal((60, 20)), axis=1)
    names = [str(i) for i in range(60)]
    ids, times = np.repeat(names, 20), np.tile(np.arange(20.0), 60)
    data = zoo.make_series(ids, times, walks.reshape(-1, 1), horizon=10.0)
    model = zoo.create_model("last_value", data, key=KEY)
    before = zoo.evaluate(model, data)
    trained = zoo.fit(model, data, steps=200).model
    after = zoo.evaluate(trained, data)
    assert after["rmse"] == before["rmse"], "training changes no mean"
    assert before["coverage_90"] < 0.8 < 0.85 < after["coverage_90"]
    assert after["nll"] < before["nll"]


def test_a_season_is_needed_for_the_value_a_season_before():
    data = zoo.load_dataset("damped_oscillators", n=20, horizon=2.0)
    with pytest.raises(ConfigError, match=r"--dataset\.season"):
        zoo.create_model("seasonal_naive", data, key=KEY)


@pytest.mark.filterwarnings("ignore:Batches of:zoo.ZooWarning")
def test_a_long_table_is_forecast_from_the_command_line(tmp_path):
    week = np.array([5, 1, 4, 2, 3, 9, 8.0])
    rows = [f"s{i},{t},{i + week[t % 7]}" for i in range(10) for t in range(28)]
    path = write_file(tmp_path, lines("id,t,sold", *rows), "sold.csv")
    out = tmp_path / "run"
    call("train", "--model", "seasonal_naive", "--dataset", "csv_series", "--dataset.path",
         str(path), "--dataset.horizon", "7", "--dataset.season", "7", "--steps", "2",
         "--out", str(out))  # fmt: skip
    asked = [f"new,{t},{10 * week[t % 7]}" for t in range(14)] + [f"new,{t}," for t in (14, 20, 22)]
    new = write_file(tmp_path, lines("id,t,sold", *asked), "new.csv")
    call("predict", str(out), "--input", str(new), "--output", str(tmp_path / "out.csv"))
    with open(tmp_path / "out.csv", newline="") as file:
        told = [float(row["prediction"]) for row in csv.DictReader(file)][-3:]
    np.testing.assert_allclose(told, 10 * week[[0, 6, 1]], rtol=1e-4)
