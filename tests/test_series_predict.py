"""`predict` and `sample` of series: the times that a user's long table asks for."""

import csv

import numpy as np
import pytest

import zoo
from zoo.datasets import preprocessing_of
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .tables import lines, write_file
from .test_cli import call

RNG = np.random.default_rng(0)
SERIES = [f"s{i}" for i in range(12)]


def rows(labels: bool = False) -> list[list[str]]:
    """Long rows of series of 6 to 9 irregular times and two channels, in a random order."""
    made = []
    for i, name in enumerate(SERIES):
        for t in np.sort(RNG.uniform(0, 10, 6 + i % 4)):
            values = [f"{10 + np.sin(t + i):.3f}", f"{np.cos(t + i):.4f}"]
            made.append([name, f"{t:.3f}", *values, *(["ab"[i % 2]] if labels else [])])
    return [made[i] for i in RNG.permutation(len(made))]


def run(
    folder, model: str, task: str, table: list[list[str]], names: str, **options
) -> zoo.Dataset:
    """The weight file of an untrained model on a table, and its data."""
    path = write_file(folder, lines(names, *map(",".join, table)), "train.csv")
    roles = {"path": str(path), "id": "id", "time": "t", **options}
    made = prepare(RunConfig(model=model, dataset="csv_series", dataset_options=roles, task=task))
    zoo.save(folder / "model.safetensors", made.model, made.config.to_json())
    return made.data


def read(path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def predict(folder, new: str) -> list[dict[str, str]]:
    source = write_file(folder, new, "new.csv")
    call("predict", str(folder / "model.safetensors"), "--input", str(source),
         "--output", str(folder / "out.csv"))  # fmt: skip
    return read(folder / "out.csv")


def test_rows_without_values_are_the_times_that_are_predicted(tmp_path):
    run(tmp_path, "gru_dt", "forecasting", rows(), "id,t,a,b", horizon=2.0)
    new = [["new", "3.5", "", ""], ["old", "1", "10.5", "0.5"], ["new", "1.25", "10.1", ""],
           ["old", "0.5", "", ""], ["new", "0.5", "9.9", "-0.2"]]  # fmt: skip
    told = predict(tmp_path, lines("id,t,a,b", *map(",".join, new)))
    assert [[row[name] for name in ("id", "t", "a", "b")] for row in told] == new
    ends = [f"prediction_{name}{end}" for name in "ab" for end in ("", "-lo-90", "-hi-90")]
    assert list(told[0])[4:] == ends
    # As Python says it, of the same series in order of time.
    model = zoo.load(tmp_path / "model.safetensors")
    learned = preprocessing_of(
        zoo.checkpoint.read_model(tmp_path / "model.safetensors")[0]["config"]
    )
    x = np.array([[[9.9, -0.2], [10.1, np.nan], [np.nan, np.nan]]])
    arrays = {"t": np.array([[0.5, 1.25, 3.5]]), "x": x, "mask": ~np.isnan(x)}
    mean, deviation = np.moveaxis(zoo.predict(model, learned.prepared(arrays))[0, 2], -1, 0)
    scale = learned.x_scale
    for i, name in enumerate("ab"):
        got = [float(told[0][f"prediction_{name}{end}"]) for end in ("", "-lo-90", "-hi-90")]
        middle, width = scale.mean[i] + scale.std[i] * mean[i], 1.6449 * scale.std[i] * deviation[i]
        np.testing.assert_allclose(got, [middle, middle - width, middle + width], rtol=1e-4)


def test_labels_are_written_a_row_a_series(tmp_path):
    run(tmp_path, "gru", "classification", rows(True), "id,t,a,b,kind", label="kind")
    new = ["z,1,10,0", "y,2,10,1", "z,0.5,9.5,"]
    told = predict(tmp_path, lines("id,t,a,b", *new))
    assert [row["id"] for row in told] == ["z", "y"]
    shares = [float(row["probability_a"]) + float(row["probability_b"]) for row in told]
    assert {row["prediction"] for row in told} <= {"a", "b"} and shares == pytest.approx([1, 1])


def test_arrays_of_series_are_predicted_as_arrays(tmp_path):
    data = run(tmp_path, "gru_dt", "forecasting", rows(), "id,t,a,b", horizon=2.0)
    x, t = np.full((3, 4, 2), 10.0), np.tile(np.arange(4.0), (3, 1))
    x[:, 2:] = np.nan
    np.savez(tmp_path / "new.npz", x=x, t=t)
    call("predict", str(tmp_path / "model.safetensors"), "--input", str(tmp_path / "new.npz"),
         "--output", str(tmp_path / "out.npz"))  # fmt: skip
    told = np.load(tmp_path / "out.npz")
    assert told["prediction"].shape == (3, 4, 6) and told["columns"][1] == "prediction_a-lo-90"
    assert data.preprocessing.channels == ("a", "b") and np.isfinite(told["prediction"]).all()


def test_draws_are_whole_paths_at_the_rows_of_a_table(tmp_path):
    run(tmp_path, "latent_ode", "forecasting", rows(), "id,t,a,b", horizon=2.0)
    new = ["p,0.5,10,0.5", "q,2,9.5,", "p,2.5,,"]
    source = write_file(tmp_path, lines("id,t,a,b", *new), "new.csv")
    for name in ("one.csv", "two.csv"):
        call("sample", str(tmp_path / "model.safetensors"), "--input", str(source),
             "--output", str(tmp_path / name), "--n", "3", "--seed", "7")  # fmt: skip
    told = read(tmp_path / "one.csv")
    assert told == read(tmp_path / "two.csv") and len(told) == 9
    assert [",".join(row[n] for n in ("id", "t", "a", "b")) for row in told[3:6]] == new
    assert [row["draw"] for row in told] == ["0"] * 3 + ["1"] * 3 + ["2"] * 3
    drawn = np.array([[float(row["sample_a"]), float(row["sample_b"])] for row in told])
    assert np.isfinite(drawn).all() and len(np.unique(drawn[:, 0])) == 9
