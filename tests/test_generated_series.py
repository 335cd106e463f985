"""Series made up from equations: they solve them, at times of their own."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import zoo
from zoo.datasets.series.generated import damped_oscillators, driven_pendulum, lorenz
from zoo.datasets.series.generated import lotka_volterra as predators
from zoo.datasets.series.generated.exact import solution
from zoo.errors import ConfigError
from zoo.registry import DATASETS

NAMES = (
    "archimedean_spirals",
    "damped_oscillators",
    "driven_pendulum",
    "lorenz",
    "lotka_volterra",
    "nonlinear_oscillators",
    "periodic",
    "spirals",
)


def made(name, **options):
    """The arrays of a data set as its builder makes them, in the user's units."""
    raw = DATASETS[name].builder(**{"n": 6, "length": 15, **options})
    return {**raw.inputs.arrays, **raw.arrays}


@pytest.mark.parametrize("name", NAMES)
def test_times_noise_and_seed(name):
    arrays = made(name, duration=3.0, noise=0.0)
    t = arrays["t"]
    assert (t[:, 0] == 0).all() and (t <= 3).all() and len(np.unique(t[:, -1])) > 1
    assert (np.diff((t / 3).astype(np.float32)) > 0).all()
    regular = made(name, duration=3.0, times="regular", length=4)["t"]
    np.testing.assert_allclose(regular, np.broadcast_to([0, 1, 2, 3], (6, 4)))
    again = made(name, duration=3.0, noise=0.0)
    noisy = made(name, duration=3.0, noise=0.5)
    other = made(name, duration=3.0, noise=0.0, seed=1)
    assert (again["x"] == arrays["x"]).all() and (other["x"] != arrays["x"]).any()
    spread = (noisy["x"] - arrays["x"]).std()
    assert spread == pytest.approx(0.5, rel=0.25)


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_thinned_and_hidden(name):
    data = zoo.load_dataset(name, n=10, length=20, drop=0.5, hide=0.5, horizon=0.5, duration=2.0)
    assert data.tasks[:2] == ("forecasting", "interpolation")
    assert data.train["x"].shape[1] == 10
    hidden = data.train["mask"] & ~data.train["given"]
    assert hidden.any(axis=(1, 2)).all() and data.train["given"].any(axis=(1, 2)).all()
    assert ("inputs" in data.train) == (name == "driven_pendulum")


def test_linear_motions_are_exponentials_of_their_matrices():
    arrays = made("spirals")
    t, x = arrays["t"], arrays["x"].copy()
    x[arrays["y"] == 1, :, 0] *= -1
    matrix = np.array([[-0.3, 2], [-2, -0.3]])
    np.testing.assert_allclose(np.linalg.norm(x[:, 0], axis=1), 1, rtol=1e-12)
    for series in range(len(x)):
        end = expm(t[series, -1] * matrix) @ x[series, 0]
        np.testing.assert_allclose(x[series, -1], end, atol=1e-12)
    y0, times = np.array([[0.7, -1.2]]), np.array([[0.0, 0.4, 2.9]])
    found = damped_oscillators.motion(y0, times)
    matrix = np.array([[-0.1, 1.3], [-1, -0.1]])
    for place, time in enumerate(times[0]):
        np.testing.assert_allclose(found[0, place], expm(time * matrix) @ y0[0], atol=1e-12)


def test_half_of_the_archimedean_spirals_turn_clockwise_around_another_centre():
    arrays = made("archimedean_spirals", n=8, length=40, noise=0.0)
    for t, x, clockwise in zip(arrays["t"], arrays["x"], arrays["y"], strict=True):
        turned = np.unwrap(np.arctan2(x[:, 1], x[:, 0] + (5 if clockwise else -5)))
        radius = np.hypot(x[:, 0] + (5 if clockwise else -5), x[:, 1])
        np.testing.assert_allclose(turned - turned[0], -t if clockwise else t, atol=1e-9)
        angle = 15 / radius if clockwise else radius / 0.3  # Archimedes: the radius tells the angle
        np.testing.assert_allclose(angle - angle[0], -t if clockwise else t, atol=1e-9)
    assert arrays["y"].tolist() == [0, 1] * 4


def test_so_many_times_of_a_spiral_are_observed_before_the_horizon():
    some = {"n": 10, "length": 20, "times": "regular", "duration": 1.9, "horizon": 1.0}
    arrays = made("archimedean_spirals", observed=4, **some)
    shown, t = arrays["given"].any(axis=2), arrays["t"]
    assert arrays["mask"].all() and (shown == (np.arange(14) < 4)).all()
    assert (t[:, 3] < 0.95).all() and (t[:, 4:] > 0.95).all()
    assert len({tuple(each) for each in t.round(3)}) > 1
    with pytest.raises(ConfigError, match="a series has 10 times before the horizon"):
        zoo.load_dataset("archimedean_spirals", observed=11, **some)


def test_solutions_are_those_of_tighter_tolerances():
    rng = np.random.default_rng(0)
    torque = driven_pendulum.drawn_torque(rng, 2)
    for field, y0, end in (
        (lorenz.convection, np.array([[1.0, 2.0, 20.0], [-7.0, -3.0, 30.0]]), 2.0),
        (predators.growth, np.array([[0.5, 1.5], [1.2, 0.6]]), 10.0),
        (driven_pendulum.pendulum(torque), np.array([[1.0, 0.0], [-0.5, 0.0]]), 10.0),
    ):
        found = solution(field, y0, np.array([[0, 0.1, 0.5 * end], [0, 0.3 * end, end]]))

        def flat(t, y, field=field, shape=y0.shape):
            return field(np.full(2, t), y.reshape(shape)).ravel()

        kept = solve_ivp(flat, (0, end), y0.ravel(), "DOP853", rtol=1e-13, atol=1e-13,
                         t_eval=[0.1, 0.3 * end, 0.5 * end, end])  # fmt: skip
        exact = kept.y.T.reshape(4, *y0.shape)
        np.testing.assert_allclose(found[0, 1:], exact[[0, 2], 0], atol=1e-6)
        np.testing.assert_allclose(found[1, 1:], exact[[1, 3], 1], atol=1e-6)


def test_cycles_of_predators_keep_their_invariant():
    prey, eaters = np.moveaxis(made("lotka_volterra")["x"], -1, 0)
    kept = prey - np.log(prey) + 4 / 3 * eaters - 2 / 3 * np.log(eaters)
    assert np.ptp(kept, axis=1).max() < 1e-8


def test_a_pendulum_follows_its_inputs():
    arrays = made("driven_pendulum", times="regular", length=400, duration=4.0)
    (angle, velocity), torque = np.moveaxis(arrays["x"], -1, 0), arrays["inputs"][..., 0]
    slope = (velocity[:, 2:] - velocity[:, :-2]) / 0.02 * (399 / 400)
    expected = (torque - np.sin(angle) - 0.2 * velocity)[:, 1:-1]
    np.testing.assert_allclose(slope, expected, atol=1e-3)
    assert abs(torque).max() > 0.1


def test_periodic_series_have_one_frequency_each():
    arrays = made("periodic", n=50, length=200, times="regular", noise=0.0, duration=20.0)
    x = arrays["x"][..., 0]
    assert abs(np.ptp(x, axis=1) - 2).max() < 0.02
    rises = ((x[:, 1:] > x[:, :1]) & (x[:, :-1] <= x[:, :1])).sum(axis=1) / 20
    assert rises.min() >= 0.35 and rises.max() <= 0.85 and rises.std() > 0.05


def test_orbits_of_the_nonlinear_oscillators_are_closed():
    x = made("nonlinear_oscillators")["x"]
    kept = (x - np.log1p(x)).sum(axis=-1)
    assert np.ptp(kept, axis=1).max() < 1e-8 and np.ptp(x[:, :, 0], axis=1).max() > 0.5
