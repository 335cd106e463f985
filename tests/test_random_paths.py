"""Random paths: laws that are known, signatures, and what the task `paths` says of draws."""

import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.datasets.series.generated import double_well, geometric_brownian, ornstein_uhlenbeck
from zoo.tasks import task_named
from zoo.tasks.path_moments import moments_of, moments_of_law
from zoo.tasks.signatures import path_features, signature, signature_distance

from .small_data import random_paths

NAMES = ("ornstein_uhlenbeck", "geometric_brownian", "double_well")


@pytest.fixture(scope="module", params=NAMES)
def drawn(request):
    builder = zoo.registry.DATASETS[request.param].builder
    return builder(n=4000, length=9, duration=0.5, seed=3)


def test_data_follow_their_law(drawn):
    found, true = moments_of(drawn.arrays["x"][..., 0]), moments_of_law(drawn.law, 0)
    off = found.off(true)
    assert len(off) == (2 if drawn.law.autocovariance is None else 3)
    assert max(each.max() for each in off.values()) < 4  # of some 25 numbers
    # A law that is off by a twentieth is told from it.
    wrong = type(drawn.law)(drawn.law.mean + 0.05, 1.05 * drawn.law.sd)
    assert max(each.max() for each in found.off(moments_of_law(wrong, 0)).values()) > 4


def test_closed_forms_agree_with_the_equations():
    # d/dt of mean and variance of both equations, by differences of the closed forms.
    t, h = np.array([0.7]), 1e-5
    ou = {"rate": 1.3, "diffusion": 0.6, "start_sd": 0.2}
    mean = lambda t: ornstein_uhlenbeck.mean(t, 1.3, 0.4, 1.0)  # noqa: E731
    variance = lambda t: ornstein_uhlenbeck.autocovariance(t, t, **ou)[0]  # noqa: E731
    slope = lambda f: (f(t + h) - f(t - h)) / (2 * h)  # noqa: E731
    np.testing.assert_allclose(slope(mean), 1.3 * (0.4 - mean(t)), rtol=1e-6)
    np.testing.assert_allclose(slope(variance), -2 * 1.3 * variance(t) + 0.6**2, rtol=1e-6)
    second = lambda t: (  # noqa: E731
        geometric_brownian.autocovariance(t, t, 0.3, 0.5, 2.0)[0]
        + geometric_brownian.mean(t, 0.3, 2.0) ** 2
    )
    np.testing.assert_allclose(slope(second), (2 * 0.3 + 0.5**2) * second(t), rtol=1e-6)
    # Stationary: E[X (X - X³)] + diffusion²/2 = 0.
    x, chances = double_well.stationary(0.7)
    assert chances @ (x**2 - x**4) + 0.7**2 / 2 == pytest.approx(0, abs=1e-6)


def test_signature_by_hand():
    steps = np.random.default_rng(0).normal(size=(2, 3, 2))
    one, two, three = signature(steps, 3)
    np.testing.assert_allclose(one, steps.sum(axis=1))
    # Level 2: ordered pairs of pieces, and half the square of each. Level 3 of one piece: d³/6.
    pairs = [(i, j, 0.5 if i == j else 1) for j in range(3) for i in range(j + 1)]
    by_hand = sum(w * steps[:, i, :, None] * steps[:, j, None, :] for i, j, w in pairs)
    np.testing.assert_allclose(two, by_hand.reshape(2, -1), atol=1e-14)
    d = steps[:, :1]
    cube = d[:, 0, :, None, None] * d[:, 0, None, :, None] * d[:, 0, None, None, :] / 6
    np.testing.assert_allclose(signature(d, 3)[2], cube.reshape(2, -1), atol=1e-14)
    # A piece that is cut in two is the same path, and JAX gives the same numbers.
    halves = np.repeat(steps / 2, 2, axis=1)
    np.testing.assert_allclose(signature(halves, 3)[2], three, atol=1e-14)
    np.testing.assert_allclose(signature(jnp.asarray(steps), 3)[2], three, atol=1e-5)


def test_signature_distance_hears_the_noise():
    # Two laws with the same marginals at all times: Brownian motion, and lines to its end.
    rng = np.random.default_rng(0)
    t = np.broadcast_to(np.linspace(0, 1, 17), (2000, 17))
    rough = np.zeros((2000, 17))
    rough[:, 1:] = np.cumsum(rng.standard_normal((2000, 16)) / 4, axis=1)
    smooth = np.sqrt(t) * rng.standard_normal((2000, 1))
    features = [path_features(t[:1000], x[..., None]) for x in (rough[:1000], rough[1000:])]
    same, other = (
        signature_distance(f, features[0])
        for f in (features[1], path_features(t, smooth[..., None]))
    )
    assert same < 0.1 and other > 5 * same


def test_metrics_tell_the_law_from_another():
    data = random_paths(count=2000)
    task = task_named("paths")
    ok = np.ones(len(data.test["x"]), bool)
    good = task.metrics(data.val["x"], data.test, data, ok)
    flat = task.metrics(0.5 * data.val["x"], data.test, data, ok)
    for told in (good, flat):
        assert told["sd_true"] == pytest.approx(good["sd_true"])
    assert good["mean_off"] < 4 and good["sd_off"] < 4 and good["autocovariance_off"] < 4
    assert flat["sd_off"] > 8 and flat["autocovariance_off"] > 8
    assert 0.85 < good["coverage_90"] < 0.95 and flat["coverage_90"] < 0.75
    for name in ("signature_mmd", "sliced_w2"):
        assert good[name] < 3 * good[f"{name}_train"] < flat[name]
    # In the user's units: the true deviation of the last value, 0.354.
    assert good["sd_true"]["100 %"] == pytest.approx(0.3535, abs=1e-3)


def test_data_without_a_law_are_compared_with_held_out_paths():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.standard_normal((60, 5, 2)), axis=1)
    data = zoo.make_dataset(zoo.RawData({"x": x}, ("paths",), kind="paths"))
    task = task_named("paths")
    task.check_data(data)
    told = task.metrics(data.test["x"], data.test, data, np.ones(len(data.test["x"]), bool))
    assert told["x1_sd_data"] == told["x1_sd"] and told["x0_mean_off"] == 0
    assert "x0_sd_true" not in told and told["signature_mmd"] == 0
