"""Data without targets: files, every command, figures."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from compare import compare

import zoo
from zoo import plots
from zoo.cli import main
from zoo.cli.first_pass import CommandLine
from zoo.errors import ConfigError, DataError
from zoo.evaluation.sweep import compute_rows, tolerance_rows
from zoo.registry import DATASETS
from zoo.tasks import Target

from .small_models.flow import Flow

RAW = zoo.make_dataset(
    zoo.RawData({"x": np.random.default_rng(1).normal(size=(30, 2))}, ("density",)), name="csv"
)


@pytest.fixture
def table(tmp_path, monkeypatch) -> Path:
    """A table of two columns of numbers, in the current folder."""
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(60, 2)) * [5, 0.1] + [100, 3]
    lines = [",".join(map(repr, row)) for row in rows.tolist()]
    Path("points.csv").write_text("\n".join(["a,b", *lines]) + "\n")
    np.savez("points.npz", x=rows, y=np.arange(60))
    return Path("points.csv")


def test_files_without_targets(table):
    csv = zoo.load_dataset("csv", path="points.csv", target="none")
    npz = zoo.load_dataset("npz", path="points.npz", target="none")
    for data in (csv, npz):
        assert data.tasks == ("density",) and set(data.train) == {"x"} and data.in_size == 2
        np.testing.assert_array_equal(data.train["x"], csv.train["x"])
        assert data.target is Target.NOTHING and data.target_size == 0
    assert any("no targets, as told; y is left out" in note for note in npz.notes)
    supervised = zoo.load_dataset("csv", path="points.csv")
    assert supervised.target_names == ("b",)
    np.savez("unlabelled.npz", x=np.ones((9, 2)))
    with pytest.raises(ConfigError, match=r"no array 'y'.*--dataset\.target none"):
        zoo.load_dataset("npz", path="unlabelled.npz")
    with pytest.raises(ConfigError, match=r"--dataset\.task regression with --dataset\.target"):
        zoo.load_dataset("csv", path="points.csv", target="none", task="regression")
    Path("towns.csv").write_text("a,town\n" + "".join(f"{i},{'xyz'[i % 3]}\n" for i in range(30)))
    with pytest.raises(DataError, match=r"'?town'? holds words.*--dataset\.ignore town"):
        zoo.load_dataset("csv", path="towns.csv", target="none")
    Path("named.csv").write_text("a,none\n" + "".join(f"{i},{i}.5\n" for i in range(30)))
    assert zoo.load_dataset("csv", path="named.csv", target="none").target_names == ("none",)


def test_a_density_passes_every_command(table, capsys):
    use = ["--use", Flow.__module__]
    data = ["--dataset", "csv", "--dataset.path", "points.csv", "--dataset.target", "none"]
    train = ["train", "--model", f"{Flow.__module__}:flow", *data, "--task", "density"]
    main([*train, "--steps", "3", "--schedule", "constant", "--out", "run"])
    figures = {path.name for path in Path("run/figures").iterdir()}
    still = {"log_density", "depth", "field", "effort", "steps", "training"}
    assert figures == {"flow.gif", *(f"{name}.png" for name in still)}
    trained = capsys.readouterr().out
    main(["train", "--resume", "--out", "run", "--steps", "4", "--no-figures", *use])
    main(["evaluate", "run", *use])
    printed = capsys.readouterr()
    metrics = printed.out.splitlines()[-1]
    assert metrics != trained and '"nll": ' in metrics and '"gaussian_nll": ' in metrics
    for kind in ("csv", "npz"):
        io = ["--input", f"points.{kind}", "--output", f"out.{kind}"]
        if kind == "npz":
            np.savez("points.npz", x=np.loadtxt("points.csv", delimiter=",", skiprows=1))
        main(["predict", "run", *use, *io])
    header, *rows = Path("out.csv").read_text().splitlines()
    assert header == "a,b,log_prob,percentile" and len(rows) == 60
    given = np.array([row.split(",")[-2] for row in rows], float)
    np.testing.assert_allclose(np.load("out.npz")["log_prob"], given, rtol=1e-6)
    # What `predict` writes of the test rows is what `evaluate` measures.
    flow = zoo.load("run/model.safetensors")
    points = zoo.load_dataset("csv", path="points.csv", target="none")
    nll = zoo.evaluate(flow, points)["nll"]
    assert f'"nll": {nll}' in metrics
    raw = points.x_scale.invert(points.test["x"])
    assert -zoo.predict(flow, raw, data=points).mean() == pytest.approx(nll, rel=1e-5)
    _, taken = zoo.transfer("run", RAW, key=jax.random.key(0))
    assert str(taken).startswith("all 10 arrays") and "target" not in str(taken)
    main(["sweep", "run", *use, "--kinds", "effort", "--out", "sweep"])
    assert "12 examples" in Path("sweep/sweep.md").read_text()
    (row,) = compute_rows(flow, points, tolerances=(1e-2,), shares=())
    assert row["nll"] == nll


def test_a_sweep_over_tolerances_measures_a_density():
    one = {"tolerances": (1e-3,), "methods": ("Tsit5",), "batchings": ("joint",)}
    flow = Flow(2, key=jax.random.key(0))
    (row,) = tolerance_rows(flow, RAW, **one)
    assert row["nll"] == pytest.approx(zoo.evaluate(flow, RAW)["nll"], rel=1e-2)
    assert row["gaussian_nll"] == pytest.approx(zoo.evaluate(flow, RAW)["gaussian_nll"])


def test_figures_of_data_without_targets():
    x = np.random.default_rng(0).normal(size=(40, 2))
    data = zoo.make_dataset(zoo.RawData({"x": x}, ("density",)))
    net = zoo.ODENet(lambda t, y, args: jnp.array([-y[1], y[0]]), solver=zoo.Solver(rtol=1e-2))
    lines = plots.state_against_depth({"net": net}, data, points=10).axes[0].lines
    assert len(lines) == 8 and len({tuple(line.get_color()) for line in lines}) == 1
    (effort,) = plots.effort_map(net, data, resolution=4).axes
    assert [bar.get_ylabel() for bar in effort.child_axes] == ["evaluations (NFE)"]
    assert len(plots.vector_field(net, data, resolution=4).axes) == 3
    film = plots.flow_animation(net, data, frames=3)
    film.show(2)
    (axes,) = film.figure.axes
    assert not axes.child_axes
    end = np.asarray(axes.collections[0].get_offsets())
    np.testing.assert_allclose(np.hypot(*end.T), np.hypot(*data.test["x"].T), rtol=5e-2)


def test_compare_skips_data_that_it_has_no_contender_for(tmp_path, capsys):
    @zoo.register_dataset("points-of-a-test")
    def points() -> zoo.RawData:
        """Points."""
        return zoo.RawData({"x": np.random.default_rng(0).normal(size=(40, 2))}, ("density",))

    page = tmp_path / "page.md"
    page.write_text("nothing")
    to = ["--out", str(tmp_path / "rows.json"), "--page", str(page)]
    try:
        compare(CommandLine.of(["--datasets", "points-of-a-test", *to]))
    finally:
        del DATASETS._entries["points-of-a-test"]
    assert "points-of-a-test: no model is compared" in capsys.readouterr().err
    assert not (tmp_path / "rows.json").exists()
