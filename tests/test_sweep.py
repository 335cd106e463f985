"""Sweeps: what they say of closed forms, one trace for all tolerances, and the command."""

import json

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.cli import main
from zoo.errors import ConfigError
from zoo.evaluation.sweep import (
    adjoint_rows,
    compute_rows,
    effort_rows,
    rank_correlations,
    stiffness_rows,
    tolerance_rows,
)
from zoo.evaluation.sweep.compute import prune

TRACES: list[int] = []


class Turn(zoo.dynamics.AbstractDynamics):
    """A turn about the origin, noting each time that it is traced."""

    speed: jax.Array

    def __call__(self, t, y, args):
        TRACES.append(1)
        return self.speed * jnp.array([-y[1], y[0]])


@pytest.fixture(scope="module")
def data() -> zoo.Dataset:
    return zoo.load_dataset("circles", n=150)


@pytest.fixture(scope="module")
def trained(data):
    model = zoo.create_model(
        "odenet", data, augment=1, dynamics_options={"width": 16}, key=jax.random.key(0)
    )
    return zoo.fit(model, data, steps=60, batch_size=90, optimiser=optax.adam(1e-3)).model


def test_errors_are_those_of_the_truth_and_a_sweep_is_traced_once(data):
    model = zoo.ODENet(Turn(jnp.asarray(2.0)))
    TRACES.clear()
    tolerances = (1e-2, 1e-3, 1e-4, 1e-5)
    options = {"methods": ["Tsit5"], "batchings": ["per-sample"], "limit": 30}
    rows = list(
        tolerance_rows(model, data, tolerances=tolerances, task="classification", **options)
    )
    traced = len(TRACES)
    TRACES.clear()
    list(tolerance_rows(model, data, tolerances=(1e-2,), **options))
    assert traced > 0 and len(TRACES) == 0
    xs = data.test["x"][:30].astype(np.float64)
    cos, sin = np.cos(2.0), np.sin(2.0)
    truth = xs @ np.array([[cos, sin], [-sin, cos]])
    for row, rtol in zip(rows, tolerances, strict=True):
        ys, stats = model.forward(
            jnp.asarray(data.test["x"][:30]), solver=zoo.Solver(diffrax.Tsit5(), rtol=rtol)
        )
        relative = (np.asarray(ys) - truth) / (1 + np.abs(truth))
        error = np.sqrt((relative**2).mean(axis=1))
        assert row["achieved"] == pytest.approx(error.mean(), rel=0.05, abs=3e-7)
        assert row["violations"] == pytest.approx((error > rtol).mean(), abs=0.05)
        assert row["nfe"] == pytest.approx(float(np.mean(stats.nfe)))
        assert row["calls"] == int(stats.calls) and row["seconds"] > 0
    assert rows[-1]["nfe"] > rows[0]["nfe"] and rows[-1]["achieved"] < rows[0]["achieved"]
    assert rows[-1]["reconstruction_error"] < 1e-3


def test_below_one_in_a_million_the_sweep_is_in_float64(data):
    model = zoo.ODENet(Turn(jnp.asarray(2.0)))
    options = {"methods": ["Dopri8"], "batchings": ["joint"], "limit": 10}
    (row,) = tolerance_rows(model, data, tolerances=(1e-8,), task="classification", **options)
    assert row["dtype"] == "float64" and row["achieved"] < 1e-8
    assert not jax.config.read("jax_enable_x64")


def test_gradients_of_every_adjoint_are_near_the_float64_one(trained, data):
    rows = {row["adjoint"]: row for row in adjoint_rows(trained, data, limit=32)}
    assert set(rows) == set(zoo.solve.ADJOINTS)
    for row in rows.values():
        assert 0 < row["gradient_error"] < 0.1 and row["bytes"] > 0 and row["seconds"] > 0
    assert rows["direct"]["bytes"] > rows["backsolve"]["bytes"]
    same = rows["replay"]["gradient_error"]
    assert rows["direct"]["gradient_error"] == pytest.approx(same, rel=0.05)


def test_effort_and_its_rank_correlation(trained, data):
    rows = effort_rows(trained, data)
    _, stats = trained.forward(jnp.asarray(data.test["x"]))
    assert [row["nfe"] for row in rows] == np.asarray(stats.nfe).tolist()
    assert all(0 <= row["margin"] <= 1 for row in rows)
    made = [{"nfe": n, "loss": -float(n), "margin": float(n) ** 3} for n in range(5)]
    found = rank_correlations(made)
    assert found["margin"] == pytest.approx(1) and found["loss"] == pytest.approx(-1)
    assert rank_correlations([{"nfe": 3, "loss": 1.0}, {"nfe": 3, "loss": 2.0}]) == {"loss": None}


def test_pruning_cuts_the_smallest_and_counts_what_is_left(trained, data):
    rows = list(compute_rows(trained, data, tolerances=(1e-2,), shares=(0.0, 0.5, 1.0)))
    by_tolerance, whole, half, none = rows
    assert by_tolerance["by"] == "tolerance" and none["multiply_adds"] == 0
    assert half["multiply_adds"] / half["nfe"] == pytest.approx(
        whole["multiply_adds"] / whole["nfe"] / 2, rel=0.02
    )
    old, new = trained.dynamics.net.layers[1].weight, prune(trained, 0.5).dynamics.net.layers[1]
    kept = np.asarray(new.weight) != 0
    assert np.abs(old[kept]).min() > np.abs(old[~kept]).max()
    with pytest.raises(ConfigError, match="MLP solves no ODE"):
        list(compute_rows(zoo.create_model("mlp", data, key=jax.random.key(0)), data))


def test_the_stiffness_knob_costs_an_explicit_solver_and_not_an_implicit_one():
    rows = {(r["method"], r["knob"]): r for r in stiffness_rows(("Tsit5", "Kvaerno5"), (1.0, 1e3))}
    assert rows["Tsit5", 1e3]["steps"] > 50 * rows["Tsit5", 1.0]["steps"]
    assert rows["Kvaerno5", 1e3]["steps"] < 5 * rows["Kvaerno5", 1.0]["steps"]
    assert all(row["error"] < 1e-3 for row in rows.values())


def test_the_command(tmp_path, capsys):
    run = tmp_path / "run"
    train = ["--model", "odenet", "--dataset", "moons", "--dataset.n", "60", "--steps", "3"]
    main(["train", *train, "--out", str(run), "--no-figures"])
    main(["sweep", str(run), "--kinds", "compute", "effort"])
    told = json.loads((run / "sweep" / "sweep.json").read_text())
    assert len(told["effort"]) == 12 and {r["by"] for r in told["compute"]} >= {"tolerance"}
    text = (run / "sweep" / "sweep.md").read_text()
    assert "Spearman" in text and "| pruning |" in text
    with pytest.raises(SystemExit) as end:
        main(["train", "--model", "mlp", *train[2:], "--out", str(tmp_path / "m"), "--no-figures"])
        main(["sweep", str(tmp_path / "m")])
    assert end.value.code == 2 and "solves no ODE" in capsys.readouterr().err
