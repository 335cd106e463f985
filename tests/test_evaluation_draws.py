"""What evaluation draws, the same in batches of any size; metrics that are no mean of examples."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.evaluation.batched import evaluate_arrays
from zoo.objectives.updates import report_of
from zoo.train import AbstractUpdate


class Noisy(AbstractUpdate):
    """Least squares by gradient; evaluated at inputs that are moved by noise."""

    def loss(self, model, batch, *, key, step, solver):
        ys, stats = model.forward(batch["x"])
        return (ys - batch["y"])[:, 0] ** 2, zoo.Aux(stats)

    def evaluation(self, model, batch, *, key, step, solver):
        noise = jax.vmap(jax.random.normal)(key)
        ys, stats = model.forward(batch["x"] + noise[:, None])
        seen = batch["seen"].astype(noise.dtype)
        values = jnp.abs(ys - batch["y"])[:, 0]
        metrics = {"drawn": noise, "mae": seen * values}
        return values, zoo.Aux(stats, metrics, counts={"mae": seen})

    def init(self, model, optimiser):
        return optimiser.init(eqx.filter(model, eqx.is_inexact_array))

    def __call__(self, model, state, optimiser, batch, weight, *, key, step, solver):
        values, aux = self.loss(model, batch, key=key, step=step, solver=solver)
        metrics = {"seen": batch["seen"].astype(values.dtype)}
        return model, state, report_of(aux.stats, values.mean(), metrics, weight, jnp.array(True))


class Line(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = {"regression": Noisy()}
    slope: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.slope * xs, zoo.Stats.discrete(len(xs), 1)


@pytest.fixture(scope="module")
def data() -> zoo.Dataset:
    x = np.linspace(-1, 1, 60)[:, None]
    arrays = {"x": x, "y": 2 * x, "seen": np.arange(60) % 4}
    return zoo.make_dataset(zoo.RawData(arrays, ("regression",)), standardise=False)


def test_an_example_draws_the_same_in_every_batch_size(data):
    model, arrays = Line(jnp.array(2.0)), data.train
    columns = [
        evaluate_arrays(model, Noisy(), arrays, None, size)[1].metrics["drawn"]
        for size in (None, 7, 1)
    ]
    assert len(set(columns[0].tolist())) == len(arrays["x"])
    assert all((column == columns[0]).all() for column in columns[1:])
    other = evaluate_arrays(model, Noisy(), arrays, None, None, jax.random.key(1))
    assert not (other[1].metrics["drawn"] == columns[0]).any()
    measured = [zoo.evaluate(model, data, batch_size=size) for size in (None, 5)]
    for name in ("loss", "mae", "drawn"):
        assert measured[0][name] == pytest.approx(measured[1][name], rel=1e-5)
    assert zoo.evaluate(model, data, key=jax.random.key(1))["loss"] != measured[0]["loss"]


def test_a_metric_with_counts_is_a_mean_over_what_is_counted(data):
    model, arrays = Line(jnp.array(2.0)), data.test
    values, aux = evaluate_arrays(model, Noisy(), arrays, None)
    expected = np.average(values, weights=arrays["seen"])
    assert zoo.evaluate(model, data)["mae"] == pytest.approx(float(expected), rel=1e-6)
    assert abs(expected - values.mean()) > 1e-3
    stats, weight = aux.stats, jnp.ones(len(values)).at[0].set(0)
    given = {name: jnp.asarray(aux.metrics[name]) for name in ("mae", "drawn")}
    counts = {"mae": jnp.asarray(aux.counts["mae"])}
    report = report_of(stats, jnp.zeros(()), given, weight, jnp.array(True), counts=counts)
    rest = np.average(values[1:], weights=arrays["seen"][1:])
    assert float(report.metrics["mae"]) == pytest.approx(float(rest), rel=1e-6)
    assert float(report.metrics["drawn"]) == pytest.approx(
        aux.metrics["drawn"][1:].mean(), rel=1e-5
    )


def test_training_evaluates_with_the_same_draws(data):
    result = zoo.fit(Line(jnp.array(2.0)), data, steps=2, eval_every=1, optimiser=optax.sgd(0.0))
    first, last = result.history.val[0], result.history.val[-1]
    assert first["loss"] == last["loss"] > 0
    assert first["mae"] == pytest.approx(zoo.evaluate(result.model, data, split="val")["mae"])
