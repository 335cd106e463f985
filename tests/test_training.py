"""The loop: one trace, exact batches, skipped steps, averages, patience."""

import dataclasses
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ConfigError, NumericalError, TrainingDivergedError, ZooWarning
from zoo.objectives.losses import cross_entropy, squared_error
from zoo.train.feed.batches import Batches
from zoo.train.schedules import geometric
from zoo.train.watch.warned import Effort

TRACES: list[str] = []


def counted_loss(model, batch, *, key, step, solver):
    TRACES.append("train" if key is not None else "evaluate")
    return cross_entropy(model, batch, key=key, step=step, solver=solver)


class CountedODENet(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = {"classification": counted_loss}
    net: zoo.ODENet
    solver: zoo.Solver

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.net.forward(xs, args=args, solver=solver, key=key)


class Line(zoo.AbstractModel):
    """y = a x + b, and a weight that nothing depends on."""

    objectives: ClassVar[Mapping[str, Any]] = {"regression": squared_error}
    a: jax.Array
    b: jax.Array
    unused: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.a * xs + self.b, zoo.Stats.discrete(len(xs), 1)


def line() -> Line:
    return Line(jnp.zeros(()), jnp.zeros(()), jnp.zeros(()))


def line_data(n: int = 10, **options) -> zoo.Dataset:
    return zoo.load_dataset("cubic", n=n, **options)


def test_one_trace_of_update_and_one_of_evaluation_in_a_whole_run(moons):
    # 300 training examples at batch 128: a partial last batch; a tolerance schedule; an average.
    model = CountedODENet(zoo.create_model("odenet", moons, key=jax.random.key(0)), None)
    model = eqx.tree_at(lambda m: m.net.solver, model, zoo.Solver(batching="joint"))
    TRACES.clear()
    result = zoo.fit(
        model,
        moons,
        steps=40,
        optimiser=optax.adam(1e-3),
        tolerance=geometric(1e-2, 1e-3, 40),
        ema=0.9,
        patience=10,
    )
    assert TRACES.count("train") == 1
    for tolerance in (1e-1, 1e-2, 1e-3):
        zoo.evaluate(result.model, moons, solver=zoo.Solver(rtol=tolerance))
    assert TRACES.count("evaluate") <= 2  # val has 100 examples and test too: one batch size each
    assert result.history.train[-1]["loss"] < result.history.train[0]["loss"]
    assert len(result.history.train) == 40 and len(result.history.val) == 10


def test_an_epoch_shows_every_example_once_and_fills_up_with_its_own():
    batches = Batches(257, 256, jax.random.key(0))
    for epoch in range(3):
        seen: list[int] = []
        rows = batches.of_steps(2 * epoch, 2 * epoch + 2, 2)
        for indices, weight in zip(*rows, strict=True):
            assert indices.shape == (256,)
            seen += indices[weight > 0].tolist()
            assert set(indices.tolist()) == set(seen[-int(weight.sum()) :])
        assert sorted(seen) == list(range(257))
    again = Batches(257, 256, jax.random.key(0)).of_steps(3, 5, 2)
    later = batches.of_steps(3, 5, 2)
    assert all((a == b).all() for a, b in zip(again, later, strict=True))
    other = Batches(257, 256, jax.random.key(1)).of_steps(3, 5, 2)
    assert (other[0] != again[0]).any()


def test_the_chunk_length_changes_no_bit(monkeypatch):
    data = line_data(60)
    settings = {"steps": 37, "optimiser": optax.adam(1e-3), "batch_size": 16, "ema": 0.9}
    fit = lambda: zoo.fit(line(), data, **settings)  # noqa: E731
    with pytest.warns(ZooWarning, match="unused"):
        first = fit()
    monkeypatch.setattr("zoo.train.loop._next_length", lambda *_, **__: 1)
    with pytest.warns(ZooWarning, match="unused"):
        second = fit()
    assert eqx.tree_equal(first.state, second.state)
    assert first.history.train == second.history.train


def test_gradient_descent_matches_numpy():
    data = line_data(10, split="all", standardise=False)
    x, y = data.train["x"].astype(np.float64), data.train["y"].astype(np.float64)
    a = b = 0.0
    for _ in range(50):
        error = a * x + b - y
        a, b = a - 0.1 * (2 * error * x).mean(), b - 0.1 * (2 * error).mean()
    with pytest.warns(ZooWarning, match="unused"):
        result = zoo.fit(line(), data, steps=50, optimiser=optax.sgd(0.1))
    np.testing.assert_allclose([result.model.a, result.model.b], [a, b], rtol=1e-4, atol=1e-5)


def poisoned(data: zoo.Dataset) -> zoo.Dataset:
    x = data.train["x"].copy()
    x[3] = np.nan
    return dataclasses.replace(data, train={**data.train, "x": x})


def test_a_bad_step_is_skipped_and_changes_nothing_and_many_end_the_run():
    data = poisoned(line_data(60))
    with pytest.raises(TrainingDivergedError, match="10 steps in a row") as caught:
        zoo.fit(line(), data, steps=50, batch_size=36)
    assert caught.value.exit_code == 4
    state = caught.value.result.state
    assert int(state.skipped) == 10 and float(state.model.a) == 0.0
    assert all(not np.asarray(leaf).any() for leaf in jax.tree.leaves(state.optimiser))
    # One bad batch in each epoch of four: the others are taken.
    result = zoo.fit(line(), data, steps=8, batch_size=9, optimiser=optax.sgd(0.1))
    assert int(result.state.skipped) == 2 and np.isfinite(float(result.model.a))
    assert [row["skipped"] for row in result.history.train].count(1.0) == 2


@pytest.mark.filterwarnings("ignore:The evaluation at step:zoo.ZooWarning")
def test_failed_solves_skip_the_step():
    data = line_data(20)
    blow_up = zoo.ODENet(lambda t, y, args: 50 * y**2 + 50, solver=zoo.Solver(batching="joint"))
    with pytest.raises(TrainingDivergedError, match="solves of the last batch failed"):
        zoo.fit(blow_up, data, steps=20, max_bad_steps=3)


def test_moving_average_and_early_stopping():
    data = line_data(60)
    with pytest.warns(ZooWarning):
        average = zoo.fit(line(), data, steps=20, ema=0.9, optimiser=optax.sgd(0.1))
    assert 0 < float(average.model.a) < float(average.state.model.a)
    with pytest.warns(ZooWarning):
        stopped = zoo.fit(
            line(), data, steps=400, optimiser=optax.sgd(0.9), patience=2, eval_every=5
        )
    losses = [row["loss"] for row in stopped.history.val]
    assert int(stopped.state.step) < 400
    assert float(stopped.state.best_value) == pytest.approx(min(losses))
    assert zoo.evaluate(stopped.model, data, split="val")["loss"] == pytest.approx(min(losses))


def test_metrics_do_not_depend_on_the_batch_size(moons):
    model = zoo.create_model("mlp", moons, key=jax.random.key(1))
    whole, *parts = [zoo.evaluate(model, moons, batch_size=size) for size in (100, 33, 1)]
    for part in parts:
        assert part["accuracy"] == whole["accuracy"]
        assert part["loss"] == pytest.approx(whole["loss"], rel=1e-5)


def test_the_idle_share_is_that_of_the_batches(moons):
    field = lambda t, y, args: jnp.where(y[0] > 0, 30.0, 1.0) * (jnp.cos(9 * t) - y)  # noqa: E731
    told = zoo.evaluate(zoo.ODENet(field), moons, batch_size=40, task="classification")
    nfe = [
        zoo.ODENet(field).forward(jnp.asarray(moons.test["x"][i : i + 40]))[1].nfe
        for i in (0, 40, 80)
    ]
    assert told["calls"] == sum(int(n.max()) for n in nfe)  # a batch of 40 stays whole
    work = sum(int(n.sum()) for n in nfe)
    assert told["idle_share"] == pytest.approx(1 - work / (40 * told["calls"]), abs=1e-6)
    assert 0.2 < told["idle_share"] < 1


def test_refusals_before_anything_is_compiled(moons, compilations):
    model = zoo.create_model("mlp", moons, key=jax.random.key(1))
    cubic = line_data(20)
    compilations.clear()
    for options in ({"steps": 0}, {"batch_size": 0}, {"batch_size": 301}, {"task": "density"}):
        with pytest.raises(ConfigError):
            zoo.fit(model, moons, **options)
    with pytest.raises(ConfigError, match="adaptive"):
        zoo.fit(model, moons, tolerance=lambda step: 1e-3)
    assert not compilations
    broken = eqx.tree_at(lambda m: m.net.layers[0].bias, model, jnp.full(64, jnp.nan))
    with pytest.raises(NumericalError, match=r"net.layers\[0\].bias"):
        zoo.evaluate(broken, moons)
    with pytest.raises(ConfigError, match="net"):
        net = zoo.nn.dense.FeedForward(1, 1, width=4, depth=1, key=jax.random.key(0))
        zoo.fit(zoo.ODENet(lambda t, y, args: net(y)), cubic)


def test_predictions_and_targets_of_different_shape_are_refused():
    data = line_data(20)
    model = zoo.create_model("mlp", (1, 2), key=jax.random.key(0))
    with pytest.raises(zoo.ZooError, match="equal shapes"):
        zoo.fit(model, data, steps=1)


def test_predict_gives_original_units():
    data = line_data(60)
    exact = Line(jnp.ones(()), jnp.zeros(()), jnp.zeros(()))
    raw = np.array([[-2.0], [0.0], [2.0]])
    expected = data.targets(data.inputs(raw))
    np.testing.assert_allclose(zoo.predict(exact, raw, data=data), expected, rtol=1e-6)


class Hidden(zoo.AbstractModel):
    """A net where the optimiser cannot see it."""

    objectives: ClassVar[Mapping[str, Any]] = {"regression": squared_error}
    net: Any = eqx.field(static=True)

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.net(xs), zoo.Stats.discrete(len(xs), 1)


@pytest.mark.filterwarnings("ignore:A JAX array is being set as static:UserWarning")
def test_a_net_in_a_static_field_is_refused_by_name():
    net = zoo.nn.dense.FeedForward(1, 1, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(ConfigError, match="static field net"):
        zoo.fit(Hidden(net), line_data(20), steps=1)


@jax.custom_jvp
def cliff(a):
    """a itself, whose slope is infinite beyond 0.05."""
    return a


@cliff.defjvp
def _(primals, tangents):
    (a,), (da,) = primals, tangents
    return a, jnp.where(jnp.abs(a) > 0.05, jnp.inf, 1.0) * da


class Explosive(zoo.AbstractModel):
    """A line whose loss or gradient overflows once its weight has moved."""

    objectives: ClassVar[Mapping[str, Any]] = {"regression": squared_error}
    a: jax.Array
    how: str = eqx.field(static=True)

    def forward(self, xs, *, args=None, solver=None, key=None):
        if self.how == "inf gradient":
            return cliff(self.a) * xs, _one(xs)
        hole = jnp.where(jnp.abs(self.a) > 0.05, jnp.nan, 0.0)
        return self.a * xs + jax.lax.stop_gradient(hole), _one(xs)


def _one(xs):
    return zoo.Stats.discrete(len(xs), 1)


@pytest.mark.parametrize("how", ["nan loss", "inf gradient"])
def test_neither_a_nan_loss_nor_an_infinite_gradient_reaches_weights_or_optimiser(how):
    data = line_data(60)
    with pytest.raises(TrainingDivergedError) as caught:
        zoo.fit(Explosive(jnp.zeros(()), how), data, steps=50, optimiser=optax.adam(0.1))
    state = caught.value.result.state
    good = int(state.step) - int(state.bad_steps)
    assert np.isfinite(float(state.model.a)) and int(state.optimiser[0].count) == good > 0
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(state.optimiser))


@pytest.mark.filterwarnings("ignore:The evaluation at step:zoo.ZooWarning")
@pytest.mark.filterwarnings("ignore:Keeping the best weights had:zoo.ZooWarning")
def test_an_evaluation_that_overflows_is_never_the_best():
    data = line_data(60)
    val = {**data.val, "x": data.val["x"] * np.float32(1e30)}
    broken = dataclasses.replace(data, val=val)
    with pytest.warns(ZooWarning, match="unused"):
        result = zoo.fit(line(), broken, steps=20, patience=50, optimiser=optax.sgd(0.1))
    assert not np.isfinite([row["loss"] for row in result.history.val[1:]]).any()
    assert not np.isfinite(float(result.state.best_value)) or int(result.state.best_step) == 0
    assert float(result.model.a) == float(result.state.model.a)


def test_one_warning_where_the_dynamics_become_stiff():
    effort = Effort()
    effort.see(np.full(30, 20.0), 0)
    with pytest.warns(ZooWarning, match=r"Step 31 needed 500 .* median was 20"):
        effort.see(np.array([25.0, 500.0, 900.0]), 30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        effort.see(np.array([5000.0]), 33)


class Grid(zoo.dynamics.AbstractDynamics):
    """A field that turns with the time so quickly that four equal steps see none of it."""

    a: jax.Array

    def __call__(self, t, y, args):
        return self.a * jnp.cos(8 * jnp.pi * t) * jnp.ones_like(y)


def test_a_net_that_learned_its_grid_is_told_so():
    data = line_data(60)
    model = zoo.ODENet(Grid(jnp.asarray(3.0)), solver=zoo.Solver(diffrax.Euler(), steps=4))
    with pytest.warns(ZooWarning, match="learned that grid"):
        row = zoo.evaluate(model, data)["rediscretisation"]
    # Euler on four steps sees cos = 1 at each of them: y + 3; the flow itself is y + 0.
    assert row["own"]["nfe"] == 4 and row["finer"]["nfe"] == 8 and row["adaptive"]["nfe"] > 50
    assert row["adaptive"]["change"] > 1 and row["adaptive"]["loss"] < row["own"]["loss"]
    assert set(row["own"]) >= {"loss", "rmse", "r2", "failed"}
    smooth = zoo.ODENet(lambda t, y, args: -y, solver=zoo.Solver(diffrax.Tsit5(), steps=8))
    rows = zoo.evaluate(smooth, data)["rediscretisation"]
    assert rows["adaptive"]["change"] < 1e-4 and rows["finer"]["nfe"] == 2 * 48 + 1
    assert "rediscretisation" not in zoo.evaluate(zoo.ODENet(lambda t, y, args: -y), data)
