"""Models of random paths: draws, and what each is fitted by."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.checkpoint.leaves import describe
from zoo.models.series import Series
from zoo.models.stochastic.critic import PathCritic, clipped
from zoo.objectives.path_distance import features_of, path_distance

from .small_data import random_paths

KEY = jax.random.key(0)
NAMES = ("neural_sde", "latent_sde", "sde_gan")
SMALL = {
    "drift_options": {"width": 8, "depth": 1},
    "diffusion_options": {"width": 8, "depth": 1},
}
pytestmark = pytest.mark.filterwarnings("ignore:::zoo.ZooWarning")


@pytest.fixture(scope="module")
def data():
    return random_paths()


@pytest.fixture(scope="module", params=NAMES)
def model(request, data):
    return zoo.create_model(zoo.model_config(request.param, data, **SMALL), key=KEY)


def test_draws_follow_from_their_keys(model, data):
    alone = zoo.sample(model, None, 6, key=KEY, data=data)
    assert alone.shape == (6, 9, 1) and len(np.unique(alone[:, -1])) == 6
    np.testing.assert_allclose(zoo.sample(model, None, 3, key=KEY, data=data), alone[:3], 1e-5)
    given = zoo.sample(model, data, 2, key=KEY)
    assert given.shape == (2, len(data.test["x"]), 9, 1)
    # Predictions are the same in any batch: the mean and deviation of fixed draws.
    xs = Series.of({name: each[:3] for name, each in data.test.items()})
    both, _ = model.forward(xs)
    np.testing.assert_allclose(both[0], both[2], atol=1e-6)
    assert both.shape == (3, 9, 1, 2) and (both[:, 1:, :, 1] > 0).all()


def test_training_moves_and_evaluation_reports(model, data):
    result = zoo.fit(model, data, steps=2, batch_size=16, key=KEY, keep_best=False)
    before, after = (jax.tree.leaves(eqx.filter(m, eqx.is_array)) for m in (model, result.model))
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    told = zoo.evaluate(result.model, data)
    assert told["task"] == "paths" and told["failed"] == 0 and np.isfinite(told["loss"])
    assert {"mean_off", "sd_true", "sliced_w2", "coverage_90", "signature_mmd"} <= told.keys()
    again = zoo.evaluate(result.model, data, batch_size=3)
    assert again["loss"] == pytest.approx(told["loss"], rel=1e-4)


def test_options_that_came_later_are_no_part_of_a_file(model):
    assert not {"narrowed", "critic_pace", "critic.variation"} & describe(model).keys()


@pytest.mark.parametrize("kind", ["signature", "moments"])
def test_distance_has_no_bias_and_no_padding(kind, data):
    # Over many batches the distance of a law from itself is 0 but for that of the batch's mean.
    x = jnp.asarray(data.train["x"])

    class Again(eqx.Module):
        paths: jax.Array

        def inputs(self, batch):
            return batch["x"]

        def isolates_failures(self, solver=None):
            return True

        def noise_part(self):
            return None

        def forward(self, xs, *, args=None, solver=None, key=None):
            return xs, zoo.Stats.discrete(len(xs), 1)

        def sample(self, xs, *, key, args=None, solver=None):
            return self.paths, zoo.Stats.discrete(len(xs), 1)

    batch = {"x": x, "t": jnp.asarray(data.train["t"])}
    at = lambda paths, batch: path_distance(kind)(  # noqa: E731
        Again(paths), batch, key=KEY, step=jnp.asarray(0), solver=None
    )[0][0]
    count, features = len(x), np.asarray(features_of(kind, batch["t"], x), np.float64)
    width = features.std(axis=0)
    # The mean over all pairs of unlike paths, of features less the batch's mean: -1 / (n - 1).
    assert at(x, batch) == pytest.approx(-1 / (count - 1), rel=1e-3)
    assert at(x + 1.0, batch) > 1 and (width > 0).any()
    padded = {name: jnp.concatenate([each, 9 + each[:4]]) for name, each in batch.items()}
    padded["weight in this step"] = jnp.arange(count + 4) < count
    longer = at(jnp.concatenate([x, x[:4]]) + 1.0, padded)
    assert longer == pytest.approx(float(at(x + 1.0, batch)), rel=0.2)


def test_cost_of_a_posterior_path_is_its_log_density_over_the_prior(data):
    # No drift, a diffusion of 1 (and 0.001), a control of 2: z(1) = z(0) + g (2 + W(1)).
    still = {"init_scale": 0.0, "width": 8}
    options = {"drift_options": still, "diffusion_options": still, "draws": 3}
    model = zoo.create_model(zoo.model_config("latent_sde", data, **options), key=KEY)
    last = lambda m: (m.control.layers[-1].weight, m.control.layers[-1].bias)  # noqa: E731
    weight, bias = last(model)
    model = eqx.tree_at(last, model, (0 * weight, 0 * bias + 2.0))
    head = lambda m: (m.encoder.head.layer.weight, m.encoder.head.layer.bias)  # noqa: E731
    model = eqx.tree_at(head, model, tuple(0 * each for each in head(model)))
    xs = Series.of({name: each[:4] for name, each in data.test.items()})
    found = eqx.filter_jit(type(model).posterior)(model, xs, jax.random.split(KEY, 4))
    z = found.paths[..., 0]
    motion = (z[..., -1] - z[..., 0]) / 1.001 - 2
    np.testing.assert_allclose(found.cost, 2 + 2 * motion, atol=5e-3)
    assert z.shape == (4, 3, 9) and len(np.unique(motion)) == 12
    assert found.seen.shape == xs.x.shape and (found.seen != xs.x).all()


def test_narrowed_steps_are_weighed_by_their_densities(data):
    # No drift, a diffusion of 1.001, u = 0.7 and a share s with s² = 0.8 of the noise of a step.
    still = {"init_scale": 0.0, "width": 8}
    options = {"drift_options": still, "diffusion_options": still, "draws": 1000}
    config = zoo.model_config("latent_sde", data, **options, narrowed=True, substeps=1)
    model = zoo.create_model(config, key=KEY)
    last = lambda m: (m.control.layers[-1].weight, m.control.layers[-1].bias)  # noqa: E731
    weight, _ = last(model)
    u, h, share = 0.7, 1 / 8, 0.8
    bias = jnp.array([u, jnp.log((1 / share - 1) / h)])
    model = eqx.tree_at(last, model, (0 * weight, bias))
    head = lambda m: (m.encoder.head.layer.weight, m.encoder.head.layer.bias)  # noqa: E731
    model = eqx.tree_at(head, model, tuple(0 * each for each in head(model)))
    xs = Series.of({name: each[:4] for name, each in data.test.items()})
    found = eqx.filter_jit(type(model).posterior)(model, xs, jax.random.split(KEY, 4))
    cost, steps = found.cost.ravel(), jnp.diff(found.paths[..., 0]).ravel()
    near = lambda values: 4 * float(values.std()) / len(values) ** 0.5  # noqa: E731
    assert steps.std() == pytest.approx(1.001 * (share * h) ** 0.5, rel=0.02)
    # The divergence of normal laws, and a weight of 1 in the mean: densities integrate to 1.
    divergence = 8 * (u**2 * h + share - 1 - np.log(share)) / 2
    assert cost.mean() == pytest.approx(divergence, abs=near(cost))
    weights = jnp.exp(-cost)
    assert weights.mean() == pytest.approx(1, abs=near(weights)) and near(weights) < 0.2


def test_posterior_knows_of_later_values_alone(data):
    model = zoo.create_model(zoo.model_config("latent_sde", data, **SMALL), key=KEY)
    x = np.repeat(data.test["x"][:1], 2, axis=0)
    x[1, :4] += 1.0
    told, _ = model.encoder(jnp.linspace(0, 1, 9)[None].repeat(2, 0), jnp.asarray(x))
    np.testing.assert_allclose(told.values[0, 4:], told.values[1, 4:], atol=1e-6)
    assert (told.values[0, 3] != told.values[1, 3]).any()


def test_critic_is_clipped_after_the_step(data):
    model = zoo.create_model(zoo.model_config("sde_gan", data, **SMALL), key=KEY)
    most = lambda layer: jnp.abs(layer.weight).max() * layer.weight.shape[1]  # noqa: E731
    result = zoo.fit(
        model, data, steps=1, batch_size=16, optimiser=optax.sgd(1e3), key=KEY, keep_best=False
    ).model
    for layer in (*result.critic.field.net.layers, result.critic.head):
        assert most(layer) <= 1 + 1e-6
    wide = eqx.tree_at(lambda c: c.head.weight, model.critic, jnp.full((1, 16), 3.0))
    assert most(clipped(wide).head) == pytest.approx(1)
    # A generator that steps as far is not clipped.
    assert max(most(layer) for layer in result.generator.start.layers) > 2
    # Half the pace is half the step of the critic, and the generator's own.
    slow = zoo.create_model(zoo.model_config("sde_gan", data, **SMALL, critic_pace=0.5), key=KEY)
    slow = zoo.fit(
        slow, data, steps=1, batch_size=16, optimiser=optax.sgd(1e3), key=KEY, keep_best=False
    ).model
    bias = lambda m: m.critic.start.layers[0].bias - model.critic.start.layers[0].bias  # noqa: E731
    np.testing.assert_allclose(bias(result), 2 * bias(slow), rtol=1e-4)
    assert (bias(slow) != 0).any()
    for one, other in zip(result.generator.start.layers, slow.generator.start.layers, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)


def test_critic_hears_the_quadratic_variation():
    critic = PathCritic(1, hidden=2, width=4, variation=True, key=KEY)
    # A field that is 0 but for what the variation moves: the score is a constant and its sum.
    last = lambda c: (c.field.net.layers[-1].weight, c.field.net.layers[-1].bias)  # noqa: E731
    weight, _ = last(critic)
    critic = eqx.tree_at(last, critic, (0 * weight, jnp.array([0, 0, 0.5, 0, 0, 0.5])))
    ts = jnp.broadcast_to(jnp.linspace(0, 1, 5), (2, 5))
    xs = jnp.array([[0.0, 1, 0, 1, 0], [0.0, 0, 0, 0, 0]])[..., None]
    rough, flat = critic(ts, xs)
    expected = 4 * jnp.tanh(0.5) * critic.head.weight.sum()
    assert rough - flat == pytest.approx(float(expected), rel=1e-5) and expected != 0
