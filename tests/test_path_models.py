"""What trajectory and latent_ode share: what they never see, and what failures leave alone."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import AbstractDynamics
from zoo.objectives.losses import weighted_mean

from .small_models.waves import padded, turning, turning_data

KEY = jax.random.key(0)
SMALL = {"dynamics_options": {"width": 8, "depth": 1}}
MODELS = {
    "trajectory": {"initial": "estimated", "initial_width": 6, "windows": 3, "augment": 1},
    "trajectory, encoded": {"initial": "encoded", "initial_width": 6},
    "latent_ode": {
        "latent": 3,
        "hidden": 6,
        "decoder_width": 6,
        "encoder": "ode_rnn",
        "samples": 3,
        "training_draws": 2,
    },
}


@eqx.filter_jit
def told(model, batch):
    """The paths, the NFE, and loss and gradient of a training step."""
    loss = model.objectives["trajectory"].per_example
    paths, stats = model.forward(model.inputs(batch))

    @eqx.filter_value_and_grad
    def mean(model):
        values, aux = loss(model, batch, key=KEY, step=jnp.asarray(3), solver=None)
        return weighted_mean(values, aux.stats.ok.astype(values.dtype))

    return paths, stats.nfe, mean(model)


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    options = {**SMALL, **MODELS[request.param]}
    return zoo.create_model(request.param.split(",")[0], turning_data(), key=KEY, **options)


@pytest.fixture(scope="module")
def batch():
    arrays = turning(6)
    # A value that is missing here and there, the first of one channel too.
    mask = arrays["mask"] & (np.random.default_rng(1).uniform(size=arrays["mask"].shape) < 0.8)
    mask[0, 0, 0] = False
    return {**arrays, "mask": mask, "x": np.where(mask, arrays["x"], np.nan).astype(np.float32)}


def test_what_is_hidden_changes_no_bit(model, batch):
    changed = {**batch, "x": np.where(batch["mask"], batch["x"], 1e6).astype(np.float32)}
    assert not batch["mask"].all()
    assert eqx.tree_equal(told(model, batch), told(model, changed)).item()
    seen = {**batch, "given": batch["mask"] & (np.arange(9) < 5)[:, None]}
    moved = {**seen, "x": np.where(seen["given"], batch["x"], 7).astype(np.float32)}
    paths, of_moved = (model.forward(model.inputs(each))[0] for each in (seen, moved))
    assert (paths == of_moved).all()


def test_more_padding_changes_nothing(model, batch):
    paths, nfe, (loss, grads) = told(model, batch)
    wide_paths, wide_nfe, (wide_loss, wide_grads) = told(model, padded(batch, 4))
    np.testing.assert_allclose(wide_paths[:, :9], paths, atol=1e-6)
    assert nfe.tolist() == wide_nfe.tolist() and np.isfinite(loss)
    np.testing.assert_allclose(wide_loss, loss, rtol=1e-6)
    for a, b in zip(jax.tree.leaves(wide_grads), jax.tree.leaves(grads), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6)
    assert (wide_paths[1, 9:] == wide_paths[1, 8:9]).all()


class Ending(AbstractDynamics):
    """A field that is no number for the examples whose args say so."""

    inner: AbstractDynamics

    def __call__(self, t, y, args):
        slope = self.inner(t, y, None)
        return jnp.where((args > 0) & (t > 0.2), jnp.nan, slope)


def test_a_failed_example_changes_no_bit_of_the_others_gradients(model, batch):
    ending = eqx.tree_at(lambda m: m.dynamics, model, Ending(model.dynamics))
    weight = jnp.ones(6).at[2].set(0)
    loss = model.objectives["trajectory"].per_example

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def mean(model, batch):
        values, aux = loss(model, batch, key=KEY, step=jnp.asarray(3), solver=None)
        return weighted_mean(values, jnp.where(aux.stats.ok, weight, 0)), aux

    healthy = {**batch, "args": np.zeros(6, np.float32)}
    failing = {**batch, "args": np.eye(6, dtype=np.float32)[2]}
    (_, _), expected = mean(ending, healthy)
    (_, aux), grads = mean(ending, failing)
    assert aux.stats.ok.tolist() == [True, True, False, True, True, True]
    for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)
