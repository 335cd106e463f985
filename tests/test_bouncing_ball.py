"""A ball fitted through its bounces: its paths, and its two parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.models.series import BouncingBall
from zoo.objectives.huber import huber_errors
from zoo.solve import Solver


def balls(**options):
    return zoo.load_dataset("bouncing_ball", **options)


def test_the_true_ball_follows_its_closed_form_and_lies_still_after_its_last_bounce():
    data = balls(n=8, length=60, duration=3.0)
    model = BouncingBall(gravity=9.81, restitution=0.8, bounces=3, solver=Solver(rtol=1e-5))
    paths, stats = model.forward(model.inputs(data.train))
    means, fall = np.asarray(paths[..., 0]), np.sqrt(2 * data.train["x"][:, :1, 0] / 9.81)
    last = data.train["t"] > fall * (1 + 2 * 0.8 + 2 * 0.64)  # the third bounce
    assert stats.ok.all() and stats.nfe.min() > 0 and last[:, -1].all() and not last[:, 20].any()
    np.testing.assert_allclose(means[~last, 0], data.train["x"][~last, 0], atol=2e-4)
    assert (means[last] == 0).all()
    assert model.physical_parameters() == pytest.approx({"gravity": 9.81, "restitution": 0.8})


def test_a_ball_that_noise_puts_below_the_floor_bounces_all_the_same():
    data = balls(n=8, length=60, duration=3.0)
    model = BouncingBall(gravity=9.81, restitution=0.8, bounces=3, solver=Solver(rtol=1e-5))
    landing = {**data.train, "x": np.array(data.train["x"])}
    landing["x"][:, 0] = [-1e-3, -4.0]
    paths, stats = model.forward(model.inputs(landing))
    rise = 3.2 - 9.81 * landing["t"][:, 1]
    assert stats.ok.all()
    np.testing.assert_allclose(paths[:, 1, 1, 0], rise, atol=2e-2)


def test_errors_of_huber_grow_like_their_root_beyond_the_limit():
    errors = jnp.array([-3.0, -0.1, 0.0, 0.05, 2.0])
    found, slopes = jax.jvp(lambda e: huber_errors(e, 0.1) ** 2, (errors,), (jnp.ones(5),))
    np.testing.assert_allclose(found, [0.59, 0.01, 0, 0.0025, 0.39], atol=1e-6)
    np.testing.assert_allclose(slopes, [-0.2, -0.2, 0, 0.1, 0.2], atol=1e-6)


def test_gravity_and_restitution_are_found_through_the_bounces():
    data = balls(n=10, length=21, duration=1.5, noise=0.01)
    model = BouncingBall(gravity=6.0, restitution=0.6, bounces=2, windows=5)
    optimiser = optax.adam(optax.cosine_decay_schedule(5e-2, 150))
    fitted = zoo.fit(model, data, steps=150, optimiser=optimiser, key=jax.random.key(0)).model
    found = fitted.physical_parameters()
    assert found["gravity"] == pytest.approx(9.81, rel=0.02)
    assert found["restitution"] == pytest.approx(0.8, rel=0.02)
