"""The log density of a model in the user's units, and that of a Gaussian beside it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import zoo
from zoo.errors import ConfigError
from zoo.tasks import task_named
from zoo.tasks.density import gaussian_log_density


def negative_log_likelihood(model, batch, *, key, step, solver):
    log_density, stats = model.forward(batch["x"])
    return -log_density, zoo.Aux(stats, {}, log_density)


class StandardNormal(zoo.AbstractModel):
    """log N(z; 0, 1) of what it is given."""

    objectives: ClassVar[Mapping[str, Any]] = {"density": negative_log_likelihood}

    def forward(self, xs, *, args=None, solver=None, key=None):
        values = -0.5 * (xs**2 + jnp.log(2 * jnp.pi)).reshape(len(xs), -1).sum(axis=-1)
        return values, zoo.Stats.discrete(len(xs), 1)


MIXED = np.array([[3.0, 1e-3, 40.0], [0.0, 2e-3, 10.0], [0.0, 0.0, 5.0]])
X = np.random.default_rng(0).normal(size=(200, 3)) @ MIXED + [1000.0, 0.5, -20.0]
DATA, RAW = (
    zoo.make_dataset(zoo.RawData({"x": X}, ("density",)), standardise=standardise)
    for standardise in (True, False)
)


def test_both_are_densities_of_the_user_s_rows():
    train, test = (RAW.split(name)["x"].astype(float) for name in ("train", "test"))
    told = zoo.evaluate(StandardNormal(), DATA)
    mean, std = DATA.x_scale.mean, DATA.x_scale.std
    by_feature = norm.logpdf(test, mean, std).sum(axis=1)
    assert told["nll"] == pytest.approx(-by_feature.mean(), rel=1e-5)
    whole = multivariate_normal(train.mean(axis=0), np.cov(train.T, ddof=0))
    expected = -whole.logpdf(test).mean()
    assert told["gaussian_nll"] == pytest.approx(expected, abs=1e-3)
    assert zoo.evaluate(StandardNormal(), RAW)["gaussian_nll"] == pytest.approx(expected, abs=1e-3)
    assert told["gaussian_nll"] < told["nll"]  # the features are correlated
    np.testing.assert_allclose(
        zoo.predict(StandardNormal(), test, data=DATA), by_feature, rtol=1e-4
    )
    score = task_named("density").score(told)
    assert (score.figure, score.score, score.baseline) == ("nll", told["nll"], told["gaussian_nll"])


def test_an_input_of_several_axes_has_the_volume_of_all_of_them():
    x = np.random.default_rng(0).normal(size=(60, 4, 3, 2)) * [5.0, 0.1]
    data = zoo.make_dataset(zoo.RawData({"x": x}, ("density",)))
    expected = norm.logpdf(data.x_scale.invert(data.test["x"]), data.x_scale.mean, data.x_scale.std)
    told = zoo.evaluate(StandardNormal(), data)["nll"]
    assert told == pytest.approx(-expected.sum(axis=(1, 2, 3)).mean(), rel=1e-5)


def test_rows_that_fill_no_volume_have_no_gaussian():
    x = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    assert np.isfinite(gaussian_log_density(x, x)).all()
    flat = {
        "a constant": np.c_[x, np.ones(50)],
        "a sum": np.c_[x, x.sum(axis=1)],
        "few rows": x[:2],
    }
    for rows in flat.values():
        assert gaussian_log_density(rows.astype(np.float32), rows) is None
    data = zoo.make_dataset(zoo.RawData({"x": flat["a constant"]}, ("density",)))
    told = zoo.evaluate(StandardNormal(), data)
    assert told["gaussian_nll"] is None and np.isfinite(told["nll"])


def test_what_was_not_solved_is_left_out_of_both():
    ok = np.arange(40) != 3
    outputs = np.where(ok, -1.0, np.nan)
    measure = task_named("density").metrics
    told = measure(outputs, DATA.test, DATA, ok)
    assert told["nll"] == pytest.approx(1.0 + np.log(DATA.x_scale.std).sum())
    assert measure(outputs, DATA.test, DATA, ok & False) == {"nll": None, "gaussian_nll": None}


def test_outputs_that_are_no_log_density_are_refused_before_training():
    task = task_named("density")
    for shape in (None, (40, 2), (39,)):
        with pytest.raises(ConfigError, match=r"of each, of shape \(40,\)"):
            task.check_outputs(shape, 40)

    def hiding(model, batch, *, key, step, solver):
        values, aux = negative_log_likelihood(model, batch, key=key, step=step, solver=solver)
        return values, zoo.Aux(aux.stats, {"nll": values})

    for call in (zoo.evaluate, lambda *args, **kw: zoo.fit(*args, steps=1, **kw)):
        with pytest.raises(ConfigError, match="got no prediction for"):
            call(StandardNormal(), DATA, loss=hiding)
    with pytest.raises(ConfigError, match="do not have task 'classification'"):
        zoo.predict(StandardNormal(), X, data=DATA, task="classification")
