"""What every registered model of series must keep: what it is not shown changes nothing."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.tasks import Output, task_named

from .series_models import outputs_of, padded, pairs
from .small_data import labelled_series

KEY = jax.random.key(0)
CAUSAL = ("gru", "gru_dt", "neural_cde", "ode_rnn")
PAIRS = pytest.mark.parametrize(("name", "task"), pairs(), ids=str)


def made(name: str, task: str):
    """A model and six series of its data, one of which is shown at its first time alone."""
    data = labelled_series()
    model = zoo.create_model(name, data, task=task, key=KEY)
    arrays = {each: np.array(values[:6]) for each, values in data.train.items()}
    arrays["given"] |= task_named(task).output is not Output.PATH
    arrays["mask"][5, 1:] = False
    return model, arrays


@eqx.filter_jit
@eqx.filter_value_and_grad(has_aux=True)
def loss(model, arrays, real):
    ys, stats = outputs_of(model, arrays)
    shown = ys[:, :real] if ys.ndim > 2 else ys
    return jnp.sum(jnp.sin(shown)), (shown, stats)


@PAIRS
def test_padding_and_what_is_hidden_change_nothing(name, task):
    with jax.enable_x64(True):
        model, arrays = made(name, task)
        length = arrays["t"].shape[1]
        (_, (ys, stats)), gradient = loss(model, arrays, length)
        assert stats.ok.all() and jnp.isfinite(ys).all()
        hidden = ~(arrays["mask"] & arrays["given"])
        odd = {**arrays, "x": np.where(hidden, np.nan, arrays["x"])}
        (_, (same, _)), a = loss(model, odd, length)
        assert (same == ys).all(), "what is hidden or not given is seen"
        (_, (wide, others)), b = loss(model, padded(arrays), length)
        np.testing.assert_allclose(wide, ys, atol=1e-6)
        assert others.nfe.tolist() == stats.nfe.tolist()
        for other in (a, b):
            leaves = zip(jax.tree.leaves(other), jax.tree.leaves(gradient), strict=True)
            for got, expected in leaves:
                largest = max(1.0, float(jnp.abs(expected).max()))
                np.testing.assert_allclose(got, expected, atol=1e-6 * largest)


@pytest.mark.parametrize("name", CAUSAL)
def test_what_comes_later_changes_no_bit_of_what_was_said_before(name):
    model, arrays = made(name, "forecasting")
    ys = jax.jit(lambda a: outputs_of(model, a)[0])
    before, after = 4, np.arange(arrays["t"].shape[1])[:, None] >= 4
    arrays["given"][:] = True
    changed = {**arrays, "x": np.where(after, -arrays["x"], arrays["x"])}
    one, other = ys(arrays), ys(changed)
    assert (one[:, : before + 1] == other[:, : before + 1]).all()
    assert (one[:5, before + 1 :] != other[:5, before + 1 :]).any()


@pytest.mark.filterwarnings("ignore:Batches of:zoo.ZooWarning")
@pytest.mark.parametrize("name", CAUSAL)
def test_a_few_steps_lower_the_loss_of_what_is_to_be_found(name):
    data = labelled_series()
    model = zoo.create_model(name, data, task="forecasting", hidden=8, key=KEY)
    before = zoo.evaluate(model, data, task="forecasting")
    result = zoo.fit(model, data, task="forecasting", steps=20, optimiser=optax.adam(1e-2))
    after = zoo.evaluate(result.model, data, task="forecasting")
    assert after["loss"] < before["loss"] and after["failed"] == 0
