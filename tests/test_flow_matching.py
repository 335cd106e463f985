"""Flow matching against closed forms: its loss, its couplings, its views."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

import zoo
from zoo.dynamics import AbstractBatchDynamics
from zoo.errors import ConfigError
from zoo.evaluation.batched import evaluate_arrays
from zoo.evaluation.straightness import squared_wasserstein, straightness
from zoo.models.densities.couplings import OptimalTransport, assignment
from zoo.models.densities.paths import AbstractPath, Linear, VariancePreserving
from zoo.objectives.matching import FLOW_MATCHING
from zoo.registry import COUPLINGS, MODELS
from zoo.registry import PATHS as PATH_NAMES

from .small_data import IMAGE

KEY = jax.random.key(0)
MEAN, DEVIATION = 0.7, 0.4
PATHS = [Linear(), Linear(0.3), VariancePreserving()]
QUIET = pytest.mark.filterwarnings("ignore:Solved forwards:zoo.ZooWarning")


class BetweenGaussians(AbstractBatchDynamics):
    """The velocity of the path between N(MEAN, DEVIATION²) and N(0, 1) that are independent."""

    path: AbstractPath
    factor: float = 1.0

    def batch(self, t, ys, args):
        s = jnp.broadcast_to(jnp.asarray(t, ys.dtype), ys.shape[:1])
        at = jax.vmap(self.path.at)(s)
        a, b, da, db = (each[:, None] for each in (at.data, at.base, at.data_rate, at.base_rate))
        variance = a**2 * DEVIATION**2 + b**2 + self.path.sigma**2
        slope = (a * da * DEVIATION**2 + b * db) / variance
        return self.factor * (da * MEAN + slope * (ys - a * MEAN))


def between(path, factor=1.0, **options):
    return zoo.FlowMatching(BetweenGaussians(path, factor), (2,), path=path, **options)


@eqx.filter_jit
def errors(model, xs, key=KEY, labels=None):
    return model.velocity_errors(xs, key=key, labels=labels)


def data_rows(count):
    return MEAN + DEVIATION * jax.random.normal(jax.random.key(5), (count, 2))


@pytest.mark.parametrize("path", PATHS, ids=["linear", "noisy", "variance preserving"])
def test_the_loss_at_the_best_field_is_the_variance_that_is_left(path):
    xs = data_rows(20_000)
    loss = errors(between(path), xs).mean()
    at = jax.vmap(path.at)(jnp.linspace(0.0, 1.0, 2001))
    a, b, da, db = at.data, at.base, at.data_rate, at.base_rate
    covariance = a * da * DEVIATION**2 + b * db
    left = da**2 * DEVIATION**2 + db**2
    left -= covariance**2 / (a**2 * DEVIATION**2 + b**2 + path.sigma**2)
    assert loss == pytest.approx(np.trapezoid(left, dx=1 / 2000), rel=0.02)
    for factor in (0.8, 1.2):
        assert errors(between(path, factor), xs).mean() > loss


def test_the_interval_of_the_solver_scales_the_velocity():
    class Doubled(AbstractBatchDynamics):
        def batch(self, t, ys, args):
            return BetweenGaussians(Linear()).batch((t - 1) / 2, ys, args) / 2

    xs = data_rows(8)
    other = zoo.FlowMatching(Doubled(), (2,), solver=zoo.Solver(t0=1.0, t1=3.0))
    expected = errors(between(Linear()), xs)
    np.testing.assert_allclose(errors(other, xs), expected, rtol=1e-5)


@pytest.mark.parametrize("path", PATHS[::2], ids=["linear", "variance preserving"])
def test_the_flow_and_its_sde_have_the_density_of_the_data(path):
    model = between(path, solver=zoo.Solver(rtol=1e-6))
    xs = data_rows(8)
    logs, stats = model.log_prob(xs)
    expected = norm.logpdf(np.asarray(xs), MEAN, DEVIATION).sum(axis=1)
    np.testing.assert_allclose(logs, expected, atol=1e-4)
    keys = jax.random.split(KEY, 20_000)
    for view in (model, model.stochastic(steps=128)):
        drawn, stats = view.sample(key=keys)
        assert stats.ok.all()
        np.testing.assert_allclose(drawn.mean(axis=0), MEAN, atol=0.015)
        np.testing.assert_allclose(drawn.std(axis=0), DEVIATION, atol=0.015)
    assert (view.log_prob(xs)[0] == logs).all()
    # A draw follows its key, in a batch of any size.
    np.testing.assert_allclose(view.sample(key=keys[7:9])[0], drawn[7:9], atol=1e-5)


@pytest.mark.parametrize("name", zoo.list_paths())
def test_every_path_goes_from_data_to_base(name):
    path = PATH_NAMES[name].builder()
    ends = [np.asarray(path.weights(jnp.asarray(s))) for s in (0.0, 1.0)]
    np.testing.assert_allclose(ends, [[1, 0], [0, 1]], atol=1e-6)


@pytest.mark.parametrize("name", zoo.list_couplings())
def test_every_coupling_permutes_the_draws(name):
    xs, zs = jax.random.normal(KEY, (2, 9, 2))
    real = jnp.arange(9) < 7
    paired = np.asarray(COUPLINGS[name].builder().pairs(xs, zs, real))
    order = [int(np.flatnonzero((zs == row).all(axis=1))[0]) for row in paired]
    assert sorted(order) == list(range(9)) and order[7:] == [7, 8]


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_the_assignment_is_the_cheapest(count):
    rng = np.random.default_rng(count)
    for costs in (rng.normal(size=(count, count)), rng.integers(0, 3, (count, count)) * 1.0):
        columns = np.asarray(assignment(jnp.asarray(costs, jnp.float32)))
        assert sorted(columns) == list(range(count))
        least = costs[linear_sum_assignment(costs)].sum()
        assert costs[range(count), columns].sum() == pytest.approx(least, abs=1e-5)


def test_optimal_transport_pairs_within_blocks_and_leaves_out_what_fills_up():
    xs, zs = jax.random.normal(KEY, (2, 22, 3))
    real = jnp.arange(22) < 19
    paired = OptimalTransport(block=8).pairs(xs, zs, real)
    blocks = [slice(0, 8), slice(8, 16), slice(16, 19)]
    for rows in blocks:
        costs = ((xs[rows, None] - zs[rows]) ** 2).sum(axis=-1)
        least = np.asarray(costs)[linear_sum_assignment(costs)].sum()
        assert ((paired[rows] - xs[rows]) ** 2).sum() == pytest.approx(least, rel=1e-5)
        assert {tuple(row) for row in np.asarray(paired[rows])} == {
            tuple(row) for row in np.asarray(zs[rows])
        }
    assert (paired[19:] == zs[19:]).all()
    other = OptimalTransport(block=8).pairs(xs.at[19:].set(9.0), zs, real)
    assert (other == paired).all()


def test_training_tells_the_loss_which_rows_fill_up_the_batch():
    model = between(Linear(), coupling=OptimalTransport(block=4))
    xs = data_rows(4)
    weight = jnp.asarray([1.0, 1.0, 0.0, 0.0])

    def loss(xs):
        state = FLOW_MATCHING.init(model, optax.sgd(0.1))
        given = (model, state, optax.sgd(0.1), {"x": xs}, weight)
        *_, report = FLOW_MATCHING(*given, key=KEY, step=jnp.asarray(0), solver=None)
        return float(report.loss)

    zs = model.base_draws(jax.random.split(KEY, 2))
    assert loss(xs) == loss(xs.at[2:].set(zs))


def labelled(classes=3, **options):
    sizes = {"in_size": 2, "out_size": 2, "classes": classes}
    small = {"dynamics_options": {"width": 8, "depth": 1}, "classes": True, **options}
    return zoo.create_model("flow_matching", sizes, key=KEY, **small)


def test_a_class_is_told_and_guidance_goes_beyond_it():
    model = labelled()
    field, ys = model.dynamics, data_rows(4)
    t = jnp.linspace(0.1, 0.9, 4)
    told, none = field.batch(t, ys, jnp.full(4, 1)), field.batch(t, ys, None)
    assert (told != none).any() and (none == field.batch(t, ys, jnp.full(4, 3))).all()
    plain, guided = (model.of_class(1, guidance).dynamics for guidance in (1.0, 2.5))
    np.testing.assert_allclose(plain.batch(t, ys, None), told, rtol=1e-6)
    np.testing.assert_allclose(guided.batch(t, ys, None), none + 2.5 * (told - none), atol=1e-5)
    views = [model.of_class(1), model.of_class(1, 2.5), model.of_class(2)]
    logs = [np.asarray(view.log_prob(ys)[0]) for view in views]
    assert len({each.tobytes() for each in logs}) == 3
    keys = jax.random.split(KEY, 3)
    assert np.isfinite(model.of_class(1, 2.5).stochastic(steps=4).sample(key=keys)[0]).all()


def test_dropped_labels_teach_the_field_without_a_class():
    xs, labels = data_rows(64), jnp.arange(64) % 3
    shares = {}
    for drop in (0.0, 0.5, 1.0):
        model = labelled(drop=drop)
        none = errors(model, xs)
        shares[drop] = (errors(model, xs, labels=labels) == none).mean()
    assert shares[0.0] == 0 and 0.3 < shares[0.5] < 0.7 and shares[1.0] == 1


@QUIET
def test_a_flow_from_one_data_set_to_another():
    data = zoo.load_dataset("circles", n=60)
    options = {"source": "moons", "coupling": "optimal_transport"}
    small = {"dynamics_options": {"width": 8, "depth": 1}}
    model = zoo.create_model("flow_matching", data, task="density", key=KEY, **options, **small)
    rows = {tuple(row) for row in zoo.load_dataset("moons").train["x"]}
    keys = jax.random.split(KEY, 5)
    assert {tuple(row) for row in np.asarray(model.base_draws(keys))} <= rows
    result = zoo.fit(model, data, task="density", steps=3, batch_size=25)
    told = zoo.evaluate(result.model, data, task="density")
    assert told["nll"] is None and told["loss"] > 0 and told["gaussian_nll"] > 0
    assert (result.model.source.rows == model.source.rows).all()
    for refused in (model.log_prob, model.stochastic):
        with pytest.raises(ConfigError, match="source = 'normal'"):
            refused(data.test["x"]) if refused == model.log_prob else refused()


@QUIET
@pytest.mark.parametrize("dynamics", ["mlp", "conv_concat_squash"])
def test_images_of_few_levels_are_matched_and_reported(dynamics):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (40, *IMAGE)).astype(np.float32)
    raw = zoo.RawData({"x": x, "y": rng.integers(0, 2, 40)}, ("classification", "density"))
    data = zoo.make_dataset(raw)
    options = {"dynamics": dynamics, "classes": True, "coupling": "optimal_transport"}
    options["solver"] = {"steps": 3}
    sizes = {"in_shape": IMAGE, "class_count": 2, "quanta": (0.5,)}
    model = MODELS["flow_matching"].builder(24, **sizes, **options, key=KEY)
    result = zoo.fit(model, data, task="density", steps=2, batch_size=10)
    arrays = {"x": data.test["x"]}
    three, eight = (evaluate_arrays(result.model, FLOW_MATCHING, arrays, None, n) for n in (3, 8))
    assert three[1].stats.ok.all() and (three[1].prediction == -three[0]).all()
    np.testing.assert_allclose(three[0], eight[0], atol=1e-4)
    assert zoo.sample(result.model.of_class(1), None, 3, key=KEY).shape == (3, *IMAGE)


def test_what_an_example_draws_follows_from_its_key():
    model = labelled()
    xs, keys = data_rows(6), jax.random.split(KEY, 6)
    whole = errors(model, xs, keys)
    part = errors(model, xs[2:4], keys[2:4])
    np.testing.assert_allclose(part, whole[2:4], rtol=1e-5)


def test_straightness_is_zero_of_a_translation():
    class Shift(eqx.Module):
        def __call__(self, t, y, args):
            return jnp.asarray([-3.0, 1.0])

    model = zoo.FlowMatching(Shift(), (2,), solver=zoo.Solver(t0=0.0, t1=0.5))
    keys = jax.random.split(jax.random.split(KEY)[0], 32)
    xs = model.base_draws(keys) + jnp.asarray([1.5, -0.5])
    found = straightness(model, xs, key=KEY)
    assert found.energy == pytest.approx(2.5, rel=1e-5) and found.normalised < 1e-4
    points = np.asarray(xs)
    assert squared_wasserstein(points, points[::-1]) == pytest.approx(0, abs=1e-9)
