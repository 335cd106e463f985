"""Pruning, quantisation, and what an example reads of the weights, against closed forms."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.cli import main
from zoo.errors import ConfigError
from zoo.evaluation.sweep import compression_rows
from zoo.evaluation.sweep.weight_bytes import bytes_read, dense, quantised, sparse, weight_bytes
from zoo.models import fitting_models
from zoo.models.matrices import is_matrix, matrices_of

KEY = jax.random.key(0)
TRACES: list[int] = []


class Linear(zoo.dynamics.AbstractDynamics):
    """dy/dt = W y, noting each time that it is traced."""

    weight: jax.Array

    def __call__(self, t, y, args):
        TRACES.append(1)
        return self.weight @ y


@pytest.fixture(scope="module")
def moons() -> zoo.Dataset:
    return zoo.load_dataset("moons", n=60)


@pytest.fixture(scope="module")
def images() -> zoo.Dataset:
    x = np.random.default_rng(0).normal(size=(20, 4, 4, 1)).astype(np.float32)
    raw = zoo.RawData({"x": x, "y": np.arange(20) % 2}, ("classification",), kind="image")
    return zoo.make_dataset(raw)


def test_pruning_makes_the_smallest_of_all_matrices_zero_and_leaves_biases():
    net = (eqx.nn.Conv2d(2, 3, 3, key=KEY), eqx.nn.Linear(4, 5, key=KEY), zoo.Solver(rtol=1e-2))
    conv, linear, solver = zoo.prune(net, 0.3)
    old = np.concatenate([np.ravel(each.weight) for each in net[:2]])
    new = np.concatenate([np.ravel(each.weight) for each in (conv, linear)])
    assert np.mean(new == 0) == pytest.approx(0.3, abs=0.02)
    assert np.abs(old[new != 0]).min() > np.abs(old[new == 0]).max()
    np.testing.assert_array_equal(old[new != 0], new[new != 0])
    np.testing.assert_array_equal(conv.bias, net[0].bias)
    assert solver == net[2] and conv.weight.shape == (3, 2, 3, 3)
    assert not np.any(zoo.prune(net, 1.0)[1].weight)
    assert eqx.tree_equal(zoo.prune(net, 0.0), net)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_rounded_weights_are_the_nearest_multiples_of_a_step_for_each_channel(bits):
    layer = eqx.nn.Conv2d(2, 3, 5, key=KEY)
    layer = eqx.tree_at(lambda c: c.weight, layer, layer.weight.at[1].set(0).at[2].multiply(100))
    rounded = zoo.quantise(layer, bits)
    levels = 2 ** (bits - 1) - 1
    for old, new in zip(np.asarray(layer.weight), np.asarray(rounded.weight), strict=True):
        step = np.abs(old).max() / levels
        assert np.abs(old - new).max() <= step / 2 * (1 + 1e-5)
        assert np.abs(new).max() == pytest.approx(np.abs(old).max(), rel=1e-6)
        assert len(np.unique(new.round(6))) <= 2 * levels + 1
    assert not rounded.weight[1].any()
    np.testing.assert_array_equal(rounded.bias, layer.bias)


def test_shares_and_bits_that_there_are_not_are_refused():
    layer = eqx.nn.Linear(2, 2, key=KEY)
    for share in (-0.1, 1.5, float("nan")):
        with pytest.raises(ConfigError, match=r"sparsity = .* from 0"):
            zoo.prune(layer, share)
    for bits in (1, 17):
        with pytest.raises(ConfigError, match=f"bits = {bits}: expected 2 to 16"):
            zoo.quantise(layer, bits)
    with pytest.raises(ConfigError, match="LayerNorm holds no matrix"):
        zoo.quantise(eqx.nn.LayerNorm(3), 8)


def test_frozen_matrices_count_and_a_convolution_s_bias_is_none():
    conv = eqx.nn.Conv2d(1, 4, 3, key=KEY)
    assert is_matrix(conv.weight) and not is_matrix(conv.bias)
    assert len(matrices_of((zoo.frozen(conv), zoo.Solver(rtol=1e-2)))) == 1


def test_bytes_are_those_of_the_storage():
    matrix = np.zeros((4, 16), np.float32)
    matrix[:, :2] = 1.0
    assert dense(matrix) == 4 * 64 and sparse(matrix) == 64 / 8 + 4 * 8
    assert quantised(8)(matrix) == 64 + 4 * 4 and quantised(4)(matrix) == 32 + 4 * 4
    assert sparse(np.ones((4, 16), np.float32)) == 4 * 64  # a bit for each place saves nothing
    layer = eqx.nn.Linear(16, 4, key=KEY)
    assert weight_bytes(layer, quantised(8)) == 64 + 16 + 4 * 4  # the bias stays


def test_an_example_reads_the_dynamics_once_an_evaluation():
    dynamics = Linear(jnp.ones((3, 3)))
    model = zoo.ODENet(dynamics, augment=1, head=eqx.nn.Linear(3, 2, key=KEY))
    head = 4 * (3 * 2 + 2)
    assert bytes_read(model, dense, [10.0]) == 10 * 4 * 9 + head
    assert bytes_read(zoo.prune(model, 1.0), sparse, [10.0]) == 10 * 9 / 8 + 6 / 8 + 4 * 2
    net = zoo.ResNet([eqx.nn.Linear(2, 2, key=KEY)], repeats=3)
    assert bytes_read(net, dense, [3.0]) == 3 * 4 * 6
    two = eqx.nn.Sequential([zoo.ode_block(eqx.nn.Linear(2, 2, key=k)) for k in (KEY, KEY)])
    assert bytes_read(zoo.Wrapped(two), dense, [5.0, 7.0]) == 12 * 4 * 6
    assert bytes_read(zoo.Wrapped(two), dense, [5.0]) is None


def test_every_model_says_what_it_evaluates_how_often(images):
    names = fitting_models(images)
    assert len(names) >= 7
    for name in names:
        model = zoo.create_model(name, images, key=KEY)
        _, stats = model.forward(jnp.asarray(images.test["x"][:2]))
        nfe = [float(each.mean()) for each in stats.blocks.values()] or [float(stats.nfe.mean())]
        parts = model.repeated_parts(nfe)
        assert parts is not None, name
        whole = {id(leaf) for leaf in jax.tree.leaves(model)}
        held = jax.tree.leaves(eqx.filter([part for part, _ in parts], eqx.is_array))
        assert {id(leaf) for leaf in held} <= whole
        if parts:
            assert sum(often for _, often in parts) == pytest.approx(float(stats.nfe.mean())), name


def test_a_recurrent_net_is_read_at_every_time_and_a_head_at_every_time_is_not_known():
    once, every = (
        zoo.create_model("gru", {"length": 5, "channels": 1, "out_size": 2} | sizes, key=KEY)
        for sizes in ({}, {"path_size": 1})
    )
    cell = weight_bytes(once.gru, dense)
    assert bytes_read(once, dense, [4.0]) == 4 * cell + weight_bytes(once.head, dense)
    assert bytes_read(every, dense, [4.0]) is None


def test_the_sweep_is_traced_once_and_its_rows_are_those_of_evaluate(moons):
    model = zoo.ODENet(Linear(jax.random.normal(KEY, (2, 2))), solver=zoo.Solver(rtol=1e-2))
    given = {"tolerances": (1e-1, 1e-4), "sparsities": (0.25, 1.0), "bits": (8, 2)}
    sweep = compression_rows(model, moons, **given)
    original = next(sweep)
    traced = len(TRACES)
    rows = [original, *sweep]
    assert len(TRACES) == traced > 0
    by = ["original", *["tolerance"] * 2, *["pruning"] * 2, *["quantisation"] * 2]
    assert [row["by"] for row in rows] == by
    told = zoo.evaluate(zoo.quantise(model, 8), moons)
    assert rows[5]["accuracy"] == told["accuracy"] and rows[5]["nfe"] == told["nfe"]
    assert rows[5]["majority_accuracy"] == told["majority_accuracy"]
    assert rows[2]["nfe"] > rows[1]["nfe"] and rows[2]["bytes_read"] == rows[2]["nfe"] * 16
    assert rows[2]["reconstruction_error"] < rows[1]["reconstruction_error"]
    assert rows[4]["weight_bytes"] == 4 / 8  # a bit for each of four zeros


def test_a_model_that_solves_nothing_has_no_tolerances(moons):
    model = zoo.create_model("mlp", moons, width=8, key=KEY)
    rows = list(compression_rows(model, moons, sparsities=(0.5,), bits=(4,)))
    assert [row["by"] for row in rows] == ["original", "pruning", "quantisation"]
    assert all(row["bytes_read"] == row["weight_bytes"] for row in rows)
    steps = zoo.create_model("odenet", moons, solver={"steps": 2}, key=KEY)
    rows = list(compression_rows(steps, moons, sparsities=(), bits=()))
    assert [row["by"] for row in rows] == ["original"]


def test_the_command_takes_it_and_one_figure_shows_all_three(tmp_path, capsys):
    run = tmp_path / "run"
    train = ["--model", "mlp", "--dataset", "moons", "--dataset.n", "60", "--steps", "3"]
    main(["train", *train, "--out", str(run), "--no-figures"])
    main(["sweep", str(run), "--kinds", "compression"])
    assert (run / "sweep" / "sweep-compression.png").stat().st_size > 5000
    told = json.loads((run / "sweep" / "sweep.json").read_text())["compression"]
    assert {row["by"] for row in told} == {"original", "pruning", "quantisation"}
    assert "| quantisation |" in (run / "sweep" / "sweep.md").read_text()
    solved = [
        {"by": "tolerance", "rtol": rtol, "bytes_read": read, "weight_bytes": 1, "accuracy": 0.9}
        for rtol, read in ((1e-2, 4e5), (1e-5, 9e5))
    ]
    figure = plots.sweep_figures({"compression": [*solved, *told]})["sweep-compression"]
    (axes,) = figure.axes
    drawn = {line.get_label().split(" ")[0]: line.get_ydata() for line in axes.lines}
    for by in ("tolerance", "pruning", "quantisation"):
        values = [row["accuracy"] for row in [*solved, *told] if row["by"] == by]
        np.testing.assert_array_equal(drawn[by], values)
    assert drawn["majority"][0] == told[0]["majority_accuracy"]
    assert {"8", "1e-5"} < {text.get_text() for text in axes.texts}
    unread = [{k: v for k, v in row.items() if k != "bytes_read"} for row in told]
    (axes,) = plots.sweep_figures({"compression": unread})["sweep-compression"].axes
    assert axes.get_xlabel() == "bytes of all weights"
