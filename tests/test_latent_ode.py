"""The latent ODE: its bound, its mixture, its draws, and `zoo.sample` of these."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.models.series import LatentODE
from zoo.models.series.posterior import mixture
from zoo.nn.dense import FeedForward
from zoo.objectives.latent import elbo
from zoo.solve import Solver

from .small_models.waves import turning, turning_data

KEY = jax.random.key(0)
SMALL = {"latent": 3, "hidden": 4, "decoder_width": 4, "solver": {"steps": 2}}


@pytest.fixture(scope="module")
def data():
    return zoo.make_dataset(
        zoo.RawData({**turning(12), "given": turning(12)["mask"]}, ("forecasting",), kind="series")
    )


@pytest.fixture(scope="module")
def model(data):
    return zoo.create_model("latent_ode", data, key=KEY, samples=64, **SMALL)


class Exact(eqx.Module):
    """An encoder that knows the posterior of a constant path under noise of deviation 1.001."""

    def __call__(self, xs):
        variance = 1 / (1 + xs.mask.sum(axis=1) / 1.001**2)
        mean = variance * xs.x.sum(axis=1) / 1.001**2
        raw = 2 + jnp.log(jnp.expm1(jnp.sqrt(variance) - 1e-4))
        return jnp.concatenate([mean, raw], axis=-1)


def test_the_bound_of_the_exact_posterior_is_the_log_evidence():
    batch = turning(4)
    identity = FeedForward(2, 2, width=2, depth=0, key=KEY)
    identity = eqx.tree_at(
        lambda f: (f.layers[0].weight, f.layers[0].bias), identity, (jnp.eye(2), jnp.zeros(2))
    )
    rest = lambda t, y, args: 0 * y  # noqa: E731
    model = LatentODE(
        rest, Exact(), identity, 2, training_draws=4000, anneal=0, solver=Solver(steps=1)
    )
    values, aux = elbo(model, batch, key=KEY, step=jnp.asarray(0), solver=None)
    for row, count in enumerate(batch["mask"].sum(axis=1)[:, 0]):
        covariance = 1.001**2 * np.eye(count) + 1  # of the values of a channel
        x = batch["x"][row, :count].astype(float)
        fit = np.einsum("td,td->", x, np.linalg.solve(covariance, x))
        _, volume = np.linalg.slogdet(covariance)
        evidence = -0.5 * (fit + 2 * volume + 2 * count * np.log(2 * np.pi))
        assert float(values[row]) * 2 * count == pytest.approx(-evidence, abs=0.1)
    assert aux.counts["nll"].tolist() == batch["mask"].sum(axis=(1, 2)).tolist()


def test_the_divergence_is_annealed_in_training(model, data):
    batch = {name: values[:3] for name, values in data.train.items()}
    losses = [
        elbo(model, batch, key=KEY, step=jnp.asarray(step), solver=None) for step in (0, 299, 9999)
    ]
    count, kl = (losses[0][1].counts["nll"], losses[0][1].metrics["divergence"])
    np.testing.assert_allclose(losses[1][0] - losses[0][0], kl / count * 299 / 300, rtol=1e-4)
    assert losses[1][0].tolist() == losses[2][0].tolist() and float(kl.min()) > 0


def test_the_mixture_has_the_moments_of_what_is_drawn_from_it():
    rng = np.random.default_rng(0)
    paths, deviation = rng.normal(size=(2, 3, 4, 2)), np.array([0.5, 2.0])
    told = mixture(jnp.asarray(paths), jnp.asarray(deviation))
    np.testing.assert_allclose(told[..., 0], paths.mean(axis=1), rtol=1e-5)
    total = np.sqrt(paths.var(axis=1, ddof=1) + deviation**2)
    np.testing.assert_allclose(told[..., 1], total, rtol=1e-5)
    np.testing.assert_allclose(mixture(jnp.asarray(paths[:, :1]), jnp.ones(2))[..., 1], 1.0)


def test_predictions_are_the_same_in_any_batch_and_as_wide_as_what_is_drawn(model, data):
    xs = model.inputs(data.test)
    both, stats = model.forward(xs)
    alone, _ = model.forward(jax.tree.map(lambda x: x[1:2], xs))
    np.testing.assert_allclose(alone[0], both[1], atol=1e-6)
    assert stats.nfe.shape == (len(xs.x),) and stats.ok.all()
    assert (both[..., 1] > model.noise.deviation).all()
    drawn = zoo.sample(model, data, 500, key=KEY)
    expected = zoo.predict(model, turning_of(data), data=data)
    where = np.asarray(data.test["mask"])
    center, spread = drawn.mean(axis=0), drawn.std(axis=0)
    assert np.abs(center - expected[..., 0])[where].max() < 0.3 * expected[..., 1].max()
    np.testing.assert_allclose(spread[where], expected[..., 1][where], rtol=0.25)


def turning_of(data):
    """The test split in the user's units."""
    learned = data.preprocessing
    raw = {"x": learned.raw(data.test["x"]), "t": learned.t_scale.invert(data.test["t"])}
    return {**raw, "mask": data.test["mask"]}


def test_draws_follow_from_key_place_and_number_alone(model, data):
    drawn = zoo.sample(model, data, 3, key=KEY)
    assert drawn.shape == (3, *data.test["x"].shape)
    few = zoo.sample(model, data, 2, key=KEY, batch_size=2)
    np.testing.assert_allclose(few, drawn[:2], rtol=1e-4, atol=1e-5)
    raw = zoo.sample(model, turning_of(data), 3, key=KEY, data=data)
    np.testing.assert_allclose(raw, drawn, rtol=1e-3, atol=1e-4)
    assert not np.allclose(zoo.sample(model, data, 3, key=jax.random.key(1)), drawn)
    assert zoo.sample(model, turning_of(data)["x"][:0], 3, key=KEY).shape == (3, 0, 9, 2)


class Points(zoo.AbstractModel):
    """A model of a density, which draws without inputs."""

    objectives = zoo.losses.PREDICTION

    def forward(self, xs, *, args=None, solver=None, key=None):
        return xs, zoo.Stats.discrete(len(xs), 1)

    def sample(self, xs, *, key, args=None, solver=None):
        return jax.vmap(lambda key: jax.random.normal(key, (2,)))(key), zoo.Stats.discrete(
            len(key), 1
        )


def test_a_model_may_draw_without_inputs_and_others_refuse(moons):
    drawn = zoo.sample(Points(), None, 500, key=KEY, data=moons, batch_size=99)
    again = zoo.sample(Points(), None, 5, key=KEY)
    assert drawn.shape == (500, 2)
    np.testing.assert_allclose(moons.inputs(drawn[:5]), again, atol=1e-5)
    assert len(np.unique(drawn[:, 0])) == 500
    with pytest.raises(ConfigError, match=r"no distribution to draw from: .*latent_ode"):
        zoo.sample(zoo.create_model("mlp", moons, key=KEY), moons, 2, key=KEY)


def test_draws_of_a_trajectory_lie_around_its_path():
    data = turning_data(count=12)
    model = zoo.create_model("trajectory", data, key=KEY, solver={"steps": 2}, initial="given")
    drawn = zoo.sample(model, data, 2000, key=KEY)
    paths, _ = model.forward(model.inputs(data.test))
    np.testing.assert_allclose(drawn.mean(axis=0), paths[..., 0], atol=0.15)
    np.testing.assert_allclose(drawn.std(axis=0), paths[..., 1], rtol=0.15)
