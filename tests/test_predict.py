"""New rows of a user: predicted by what the weight file holds, and given back as they came."""

import csv
import json
import warnings
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read
from zoo.cli.predict import predict_rows
from zoo.cli.prediction_files import TableRows
from zoo.datasets import Preparation, preprocessing_of
from zoo.datasets.files.table import read_table
from zoo.datasets.preparation import TablePreparation
from zoo.errors import CheckpointError, DataError, ZooWarning

from .tables import lines, rows_of, write_file
from .test_cli import call

SPLITS = ("train", "val", "test")
X = np.random.default_rng(0).standard_normal((50, 3))


@pytest.fixture
def write(tmp_path):
    return partial(write_file, tmp_path)


def train(run, dataset, *options):
    arguments = ["--model", "mlp", "--dataset", dataset, "--model.width", "8", "--no-figures"]
    return call("train", *arguments, "--out", str(run), *options)


def predict(run, source, output, *options):
    return call("predict", str(run), "--input", str(source), "--output", str(output), *options)


@pytest.fixture(scope="module")
def built_in(tmp_path_factory):
    """`breast_cancer` and `diabetes`: a run on each, one on its csv, that csv and its inputs."""
    import sklearn.datasets

    folder = tmp_path_factory.mktemp("built-in")
    found = {}
    for name in ("breast_cancer", "diabetes"):
        loaded = getattr(sklearn.datasets, f"load_{name}")()
        y = loaded.target_names[loaded.target] if "target_names" in loaded else loaded.target
        x = loaded.data.tolist()
        table, inputs = folder / f"{name}.csv", folder / f"{name} inputs.csv"
        with table.open("w", newline="") as both, inputs.open("w", newline="") as alone:
            csv.writer(both).writerows(
                [[*loaded.feature_names, "progression"]]
                + [[*map(repr, row), label] for row, label in zip(x, y.tolist(), strict=True)]
            )
            csv.writer(alone).writerows([*map(repr, row)] for row in x)
        options = ("--steps", "20", "--seed", "3")
        assert train(folder / name, name, *options) == 0
        assert train(folder / f"{name}-csv", "csv", "--dataset.path", str(table), *options) == 0
        found[name] = (folder / name, folder / f"{name}-csv", table, inputs, loaded.data, y)
    return found


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_a_built_in_data_set_as_csv_is_the_same_to_the_last_digit(name, built_in, tmp_path, capsys):
    run, run_csv, table, inputs, x, y = built_in[name]
    data = zoo.load_dataset(name, seed=3)
    own = zoo.load_dataset("csv", path=str(table), seed=3)
    for split in SPLITS:
        for each in ("x", "y"):
            np.testing.assert_array_equal(own.split(split)[each], data.split(split)[each])
    assert own.tasks == data.tasks and own.classes == data.classes
    metrics = []
    for folder in (run, run_csv):
        assert call("evaluate", str(folder)) == 0
        metrics.append(json.loads(capsys.readouterr().out))
    assert metrics[0] == metrics[1] and metrics[0]["n"] == len(data.test["x"])
    assert predict(run, inputs, tmp_path / "a.csv") == 0
    assert predict(run_csv, table, tmp_path / "b.csv") == 0
    (_, *b), a = rows_of(tmp_path / "b.csv"), rows_of(tmp_path / "a.csv")
    features = x.shape[1]
    assert [row[features:] for row in a] == [row[features + 1 :] for row in b]
    outputs = zoo.predict(zoo.load(run / "model.safetensors"), x, data=data)
    predicted = np.array([row[features] for row in a])
    # The rows of the test split among those of the file: scored by hand they give the metric.
    place = {row.tobytes(): i for i, row in enumerate(data.inputs(x))}
    test = [place[row.tobytes()] for row in data.test["x"]]
    if name == "diabetes":
        predicted = predicted.astype(float)
        np.testing.assert_array_equal(predicted, outputs[:, 0])
        rmse = np.sqrt(np.mean((predicted[test] - y[test]) ** 2))
        assert rmse == pytest.approx(metrics[0]["rmse.progression"], rel=1e-6)
        return
    assert predicted.tolist() == [data.classes[i] for i in outputs.argmax(axis=1)]
    odds = np.exp(outputs.astype(float) - outputs.max(axis=1, keepdims=True))
    shares = np.array([row[features + 1 :] for row in a], float)
    np.testing.assert_allclose(shares, odds / odds.sum(axis=1, keepdims=True), rtol=1e-12)
    assert np.mean(predicted[test] == y[test]) == pytest.approx(metrics[0]["accuracy"], rel=1e-12)


def test_the_weight_file_holds_what_was_learned_exactly(built_in):
    for name, (run, run_csv, *_) in built_in.items():
        for folder in (run, run_csv):
            config = read(folder / "model.safetensors")[0]["config"]
            options = config["dataset_options"]
            data = zoo.load_dataset(config["dataset"], seed=config["seed"], **options)
            again = preprocessing_of(config)
            assert again.to_json() == data.preprocessing.to_json() and again.tasks == data.tasks
            assert (again.x_scale.mean == data.x_scale.mean).all()
            assert (again.x_scale.std == data.x_scale.std).all()
            assert again.classes == data.classes, name


@pytest.mark.parametrize("labels", [[0, 3, 7], ["a", "ä"], [0.1, 0.25], [False, True]])
def test_classes_keep_their_type_through_json(labels):
    y = np.array(labels)[np.arange(50) % len(labels)]
    kept = zoo.make_dataset(zoo.RawData({"x": X, "y": y}, ("classification",))).preprocessing
    again = Preparation.from_json(json.loads(json.dumps(kept.to_json())))
    assert again.classes == tuple(labels)
    assert [type(label) for label in again.classes] == [type(label) for label in labels]
    np.testing.assert_array_equal(again.inputs(X), kept.inputs(X))


def test_a_file_without_preprocessing_or_with_a_changed_one_is_refused(built_in):
    config = read(built_in["diabetes"][0] / "model.safetensors")[0]["config"]
    for other in (None, {}, {**config, "preprocessing": {}}, {**config, "in_size": 4}):
        with pytest.raises(CheckpointError):
            preprocessing_of(other)


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    """A run on a table with everything in it: its folder and the table."""
    folder = tmp_path_factory.mktemp("sales")
    path = folder / "sales.csv"
    rows = [f"{i};{i % 5},5;{['süß', 'a;b', 'x'][i % 3]};{[0, 3, 7][i % 3]}" for i in range(60)]
    rows = [row.replace("a;b", '"a;b"') for row in rows]
    path.write_text("\ufeff" + lines("id;größe;art;sorte", *rows), encoding="utf-8")
    options = ["--dataset.path", str(path), "--dataset.ignore", "id", "--dataset.missing", "mean"]
    assert train(folder / "run", "csv", *options, "--steps", "60", "--lr", "3e-2") == 0
    return folder / "run", path


def test_rows_keep_their_order_columns_and_spelling(sales, tmp_path):
    run, path = sales
    path.rename(path.with_name("gone.csv"))  # predicting needs nothing but the weight file
    try:
        text = '\ufeffart;note;größe\r\n"süß"; "q ""1""";1,50\r\n"a;b";;2\r\nx;"two\nlines";3\r\n'
        (tmp_path / "new.csv").write_bytes(text.encode())
        assert predict(run / "model.safetensors", tmp_path / "new.csv", tmp_path / "out.csv") == 0
    finally:
        path.with_name("gone.csv").rename(path)
    out = (tmp_path / "out.csv").read_bytes().decode()
    begins = text.removesuffix("\r\n").split("\r\n")
    for line, begin in zip(out.removesuffix("\r\n").split("\r\n"), begins, strict=True):
        assert line.startswith(begin + ";")
    head, *rows = rows_of(tmp_path / "out.csv", ";")
    assert head[3:] == ["prediction", "probability_0", "probability_3", "probability_7"]
    assert [row[3] for row in rows] == ["0", "3", "7"]
    assert all("," in cell for row in rows for cell in row[4:])  # decimals as in the user's own
    shares = np.array([[cell.replace(",", ".") for cell in row[4:]] for row in rows], float)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    assert shares.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_missing_cell_is_filled_and_an_unknown_category_told(sales, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(lines("größe;art", ";x", "2,5;neu"), encoding="utf-8")
    with pytest.warns(ZooWarning, match="line 3, column 'art'.*'neu'"):
        assert predict(sales[0], path, tmp_path / "out.csv") == 0
    assert rows_of(tmp_path / "out.csv", ";")[1][2] == "7"


BAD_INPUTS = {
    "a column less": (lines("größe;ort", "1;x"), "no column 'art'"),
    "a column misspelt": (lines("Größe;art", "1;x"), "Did you mean 'Größe'"),
    "no header": (lines("1;x", "2;x"), "no line of column names"),
    "a word among numbers": (
        lines("größe;art", "1;x", "klein;x"),
        "line 3, column 'größe': 'klein'",
    ),
    "ragged": (lines("größe;art", "1;x;2"), "line 2 has 3 cells"),
    "empty": ("", "is empty"),
    "a header alone": (lines("größe;art"), "no row of data"),
    "taken": (lines("größe;art;prediction", "1;x;2"), "a column 'prediction' already"),
    "latin-1": (lines("größe;art", "1;x").encode("latin-1"), "--encoding latin-1"),
    "too large": (lines("größe;art", "1;x", "1e200;x"), "line 3: a number is too large"),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_rows_that_cannot_be_predicted_are_refused(case, sales, write, tmp_path, capsys):
    content, words = BAD_INPUTS[case]
    assert predict(sales[0], write(content), tmp_path / "out.csv") == 2
    assert words in capsys.readouterr().err and not (tmp_path / "out.csv").exists()


def test_other_encodings_come_back_as_they_were(sales, tmp_path, capsys):
    path, out = tmp_path / "new.csv", tmp_path / "out.csv"
    path.write_bytes(lines("größe;art", "1;süß").encode("latin-1"))
    assert predict(sales[0], path, out, "--encoding", "latin-1") == 0
    assert out.read_bytes().decode("latin-1").startswith("größe;art;prediction")


def test_an_output_that_cannot_be_written_is_refused_before_anything(
    sales, write, tmp_path, capsys, compilations
):
    path, out = write(lines("größe;art", "1;x")), tmp_path / "out.csv"
    out.write_text("mine")
    compilations.clear()
    taken = ((out, "--overwrite"), (out / "deeper.csv", "no folder"), (tmp_path, "is a folder"))
    for target, words in taken:
        assert predict(sales[0], path, target) == 5
        assert words in capsys.readouterr().err
    assert not [event for event in compilations if "backend_compile" in event]
    assert predict(sales[0], path, tmp_path / "out.npz") == 2
    assert predict(tmp_path / "none", path, tmp_path / "b.csv") == 3
    assert predict(sales[0], path, tmp_path / "b.csv", "--solver.rtol", "1e-3") == 2
    assert "no solver" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert predict(sales[0], path, out, "--overwrite") == 0
    assert out.read_text(encoding="utf-8").startswith("größe;art;prediction")


def test_without_a_header_columns_go_by_position(write, tmp_path, capsys):
    rows = [f"{i % 7},{(i % 2 and 'on') or 'off'},{i % 3}.5" for i in range(40)]
    path = write(lines(*rows))
    options = ["--dataset.path", path, "--dataset.target", "c1", "--steps", "3"]
    assert train(tmp_path / "run", "csv", *options) == 0
    with_target, inputs = tmp_path / "a.csv", tmp_path / "b.csv"
    assert predict(tmp_path / "run", path, with_target) == 0
    alone = write(lines(*(f"{i % 7},{i % 3}.5" for i in range(40))), "inputs.csv")
    assert predict(tmp_path / "run", alone, inputs) == 0
    assert [row[3:] for row in rows_of(with_target)] == [row[2:] for row in rows_of(inputs)]
    assert len(rows_of(inputs)) == 40 and "added prediction" in capsys.readouterr().err
    four = write(lines("1,2,3,4", "1,2,3,4"), "four.csv")
    assert predict(tmp_path / "run", four, tmp_path / "c.csv") == 2
    assert "has 4 columns: expected 3 as in training, or the 2 inputs" in capsys.readouterr().err


def test_arrays_in_arrays_out(built_in, sales, tmp_path, capsys):
    for name in ("breast_cancer", "diabetes"):
        run, run_csv, _, inputs, x, _ = built_in[name]
        source, out = tmp_path / "x.npz", tmp_path / f"{name}.npz"
        np.savez(source, x=x, y=x)
        assert predict(run, source, out) == 0
        assert predict(run_csv, source, out, "--overwrite") == 0
        assert predict(run, inputs, tmp_path / f"{name}.csv") == 0
        written = [row[x.shape[1] :] for row in rows_of(tmp_path / f"{name}.csv")]
        with np.load(out) as arrays:
            assert [row[0] for row in written] == [str(value) for value in arrays["prediction"]]
            if name == "breast_cancer":
                shares = np.array([row[1:] for row in written], float)
                np.testing.assert_array_equal(arrays["probability"], shares)
                assert arrays["classes"].tolist() == ["benign", "malignant"]
    for values, words in (
        ({"x": x[:, :4]}, "(examples, ..., 10)"),
        ({"x": np.where(x == x[3, 2], np.nan, x)}, "x[3, 2] is nan"),
        ({"x": x, "args": x}, "args"),
        ({"y": x}, "none of x"),
        ({"x": x.astype(object)}, "Python objects"),
    ):
        np.savez(source, **values)
        assert predict(run, source, tmp_path / "none.npz") == 2
        assert words in capsys.readouterr().err
    assert predict(sales[0], source, tmp_path / "none.npz") == 2


def test_a_failed_solve_is_an_empty_prediction_and_told(write):
    # y' = y² from x reaches infinity at t = 1/x: within the interval for x > 1.
    model = zoo.ODENet(lambda t, y, args: y**2, solver=zoo.Solver(rtol=1e-5))
    path = write(lines("x,note", "0.5,a", "", "3,b", "-1,c"))
    rows = TableRows(read_table(path))
    numbers = TableRows(read_table(write(lines("0.5", "", "3", "-1"), "x.csv")))
    about = TablePreparation(tasks=("regression",), in_size=1, target_names=("y",))
    with pytest.warns(ZooWarning) as told:
        predictions = predict_rows(model, numbers, about, "regression", None)
    assert any("no prediction for line 3" in str(w.message) for w in told)
    first, second, third = rows_of(write(rows.with_predictions(predictions), "out.csv"))[1:]
    assert first[:2] == ["0.5", "a"] and float(first[2]) == pytest.approx(1.0, rel=1e-3)
    assert second == ["3", "b", ""] and float(third[2]) == pytest.approx(-0.5, rel=1e-3)
    labels = TablePreparation(tasks=("classification",), in_size=2, classes=(0, 3))
    pairs = TableRows(read_table(write(lines("0.5,0.1", "3,0.1", "-1,0.1"), "pairs.csv")))
    with pytest.warns(ZooWarning) as told:
        predictions = predict_rows(model, pairs, labels, "classification", None)
    assert any("no prediction for line 2" in str(w.message) for w in told)
    lines_out = pairs.with_predictions(predictions).decode().split("\n")
    assert lines_out[1] == "3,0.1,,," and lines_out[2].startswith("-1,0.1,3,")
    assert jnp.isnan(predictions.probability[1]).all()


def test_two_targets_of_different_scale_are_learned_and_predicted(write, tmp_path, capsys):
    x = np.random.default_rng(0).uniform(-1, 1, (150, 2))
    a, b = x[:, 0] - x[:, 1], 5000 + 1000 * x[:, 0] * x[:, 1]
    rows = [",".join(map(repr, row)) for row in np.column_stack([a, x, b]).tolist()]
    path = write(lines("a,u,v,b", *rows))
    options = ["--dataset.path", path, "--dataset.target", "b,a", "--steps", "600", "--lr", "1e-2"]
    assert train(tmp_path / "run", "csv", *options) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert [name for name in metrics if name.startswith("r2.")] == ["r2.b", "r2.a"]
    assert min(metrics["r2.b"], metrics["r2.a"]) > 0.95
    assert metrics["mean_rmse.b"] > 100 > 2 > metrics["mean_rmse.a"]
    assert predict(tmp_path / "run", path, tmp_path / "out.csv") == 0
    got = rows_of(tmp_path / "out.csv")
    assert got[0] == ["a", "u", "v", "b", "prediction_b", "prediction_a"]
    errors = np.array(got[1:], float)[:, [4, 5]] - np.column_stack([b, a])
    assert (np.sqrt((errors**2).mean(axis=0)) < [80, 0.2]).all()


def test_a_file_that_changed_since_training_is_told_of(tmp_path):
    table = tmp_path / "t.csv"
    rows = [f"{i / 7:.4f},{i % 3}" for i in range(40)]
    table.write_text("\n".join(["x,y", *rows]) + "\n")
    path = ["--dataset", "csv", "--dataset.path", str(table), "--task", "regression"]
    short = ["--steps", "1", "--no-figures", "--out", str(tmp_path / "run")]
    call("train", "--model", "mlp", *path, *short)
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["task"] == config["dataset_options"]["task"] == "regression"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert call("evaluate", str(tmp_path / "run")) == 0
    table.write_text("\n".join(["x,y", *rows[5:]]) + "\n")
    with pytest.warns(zoo.ZooWarning, match="are not those that .* was trained on"):
        assert call("evaluate", str(tmp_path / "run")) == 0


@pytest.mark.parametrize(
    ("xs", "words"),
    [
        ([], r"float64 of shape \(0,\): expected numbers of shape \(examples, ..., 2\)"),
        ([["a", "b"]], r"<U1 of shape \(1, 2\)"),
        (np.ones((4, 3)), r"of shape \(4, 3\)"),
        ([[0.0, 1.0], [2.0]], "rows of unlike lengths"),
    ],
)
def test_inputs_that_are_no_rows_of_the_data_s_numbers_are_refused(xs, words):
    data = zoo.load_dataset("moons", n=60)
    net = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(DataError, match=words):
        zoo.predict(net, xs, data=data)
    assert zoo.predict(net, [[0, 1], [2, 3]], data=data).shape == (2, 2)
