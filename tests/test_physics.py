"""Motions of known equations: their paths, energies, what is held out, and fits without a solve."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.datasets.physics import bouncing_ball, double_pendulum
from zoo.dynamics import AbstractDynamics
from zoo.errors import ConfigError
from zoo.models.series import EstimatedInitial, Trajectory
from zoo.objectives.derivatives import derivative_error, differences
from zoo.plots.every import OF_STATES
from zoo.registry import DATASETS
from zoo.runs.config import ResolvedConfig, RunConfig
from zoo.runs.prepare import prepare
from zoo.runs.resume import as_asked
from zoo.solve import Solver
from zoo.tasks import task_named
from zoo.tasks.rollouts import Rollouts, energy_metrics, horizon_metrics

MECHANICS = ("spring", "pendulum", "double_pendulum", "two_body", "three_body")
KEY = jax.random.key(0)


class Spring(AbstractDynamics):
    """The true field of the data set `spring`, at a speed."""

    speed: float = 2.0

    def __call__(self, t, y, args):
        return self.speed * jnp.stack([y[1], -y[0]])


def built(name, **options):
    """What a builder returns of few paths without noise, and its arrays."""
    raw = DATASETS[name].builder(**{"n": 4, "length": 9, "noise": 0.0, **options})
    return raw, {**raw.inputs.arrays, **raw.arrays}


@pytest.mark.parametrize("name", [*MECHANICS, "lotka_volterra"])
def test_true_paths_keep_their_energy(name):
    raw, arrays = built(name)
    energies = raw.energy(arrays["x"])
    assert energies.shape == (4, 9) and np.ptp(energies[:, 0]) > 1e-3
    np.testing.assert_allclose(energies - energies[:, :1], 0, atol=1e-8)


@pytest.mark.parametrize("name", [*MECHANICS, "sir", "bouncing_ball"])
def test_given_derivatives_are_those_of_the_paths(name):
    _, arrays = built(name, length=401, duration=0.2, derivatives=True)
    every = jnp.ones((4, 401), bool)
    slope, known = differences(jnp.asarray(arrays["t"]), jnp.asarray(arrays["x"]), every)
    assert known[:, 1:-1].all() and not known[:, [0, -1]].any()
    np.testing.assert_allclose(slope[:, 1:-1], arrays["dx"][:, 1:-1], atol=5e-3)


def test_differences_need_three_neighbours_and_are_exact_of_parabolas():
    t = jnp.array([[0.0, 0.1, 0.4, 1.0, 1.5, 1.5]])
    slope, known = differences(t, (t**2)[..., None], jnp.array([[1, 1, 1, 1, 1, 0]], bool))
    assert known.tolist() == [[False, True, True, True, False, False]]
    np.testing.assert_allclose(slope[0, 1:4, 0], 2 * t[0, 1:4], rtol=1e-5)


def test_momenta_and_velocities_are_one_double_pendulum():
    _, angles = built("double_pendulum")
    _, canonical = built("double_pendulum", momenta=True)
    converted = double_pendulum.momenta_of(angles["x"])
    np.testing.assert_allclose(canonical["x"], converted, atol=1e-8)
    np.testing.assert_allclose(double_pendulum.velocities_of(converted), angles["x"], atol=1e-8)


def test_a_ball_bounces_at_the_times_of_the_closed_form():
    fall = np.sqrt(2 * 2.0 / 9.81)
    top = fall * (1 + 0.8)  # after the first bounce it rises to 0.64 of its height
    t = np.array([[0.0, 0.5 * fall, top, 2.6 * fall + 0.64 * fall, 1e3]])
    (path,) = bouncing_ball.paths(np.array([[2.0, 0.0]]), t)
    np.testing.assert_allclose(path[:3], [[2, 0], [1.5, -9.81 * fall / 2], [1.28, 0]], atol=1e-9)
    np.testing.assert_allclose(path[3], [0.64 * 1.28, 0], atol=1e-9)
    assert (path[4] == 0).all()


@pytest.mark.parametrize("standardise", [False, True])
def test_rollouts_are_the_test_split_longer_and_without_noise(standardise):
    options = {"n": 8, "length": 9, "rollouts": 3, "rollout_length": 12, "rollout_duration": 9.0}
    data = zoo.load_dataset("spring", standardise=standardise, derivatives=True, **options)
    learned, test = data.preprocessing, data.test
    assert len(test["x"]) == 3 and test["mask"].all()
    assert not data.train["mask"][:, 9:].any() and data.train["mask"][:, :9].all()
    assert (test["t"] * learned.time_unit).max() == pytest.approx(9.0)
    np.testing.assert_allclose(np.ptp(data.energy(learned.raw(test["x"])), axis=1), 0, atol=1e-5)
    assert np.ptp(data.energy(learned.raw(data.train["x"][:, :9])), axis=1).min() > 0.05
    # The derivatives are by prepared times, of prepared values.
    unit = learned.x_scale.std if standardise else 1.0
    raw = learned.raw(test["x"])
    slope = np.stack([2 * raw[..., 1], -2 * raw[..., 0]], -1) * learned.time_unit / unit
    np.testing.assert_allclose(test["dx"], slope, atol=1e-4)


@pytest.mark.parametrize("name", [*MECHANICS, "sir", "bouncing_ball", "heat"])
def test_a_law_s_own_units_are_kept_unless_somebody_says_otherwise(name):
    raw, arrays = built(name)
    kept = zoo.make_dataset(raw, split="all")
    np.testing.assert_array_equal(kept.train["x"], arrays["x"].astype(np.float32))
    assert kept.options["standardise"] is False and kept.x_scale is None
    told = zoo.make_dataset(raw, split="all", standardise=True)
    assert np.ptp(told.train["x"]) != np.ptp(kept.train["x"]) and told.x_scale is not None


def test_a_run_says_how_its_data_were_scaled_and_one_of_before_keeps_its_own():
    asked = RunConfig(model="trajectory", dataset="spring", dataset_options={"n": 8, "length": 9})
    written = prepare(asked).config.to_json()
    assert written["dataset_options"]["standardise"] is False
    written["dataset_options"]["standardise"] = True  # as all runs of before had it
    before = as_asked(ResolvedConfig.from_json(written))
    data = zoo.load_dataset(before.dataset, seed=before.seed_of_split, **before.dataset_options)
    assert data.x_scale is not None


def test_the_true_field_has_no_error_and_a_wrong_one_has():
    data = zoo.load_dataset("spring", n=6, noise=0.0, derivatives=True, standardise=False)
    batch = {name: jnp.asarray(values) for name, values in data.train.items()}
    without = {name: values for name, values in batch.items() if name != "dx"}

    def error(field, batch):
        model = Trajectory(field, 2, solver=Solver())
        values, aux = derivative_error(model, batch, key=None, step=jnp.array(0), solver=None)
        assert aux.counts["derivative_mse"].sum() > 0
        return float(values.max())

    assert error(Spring(), batch) < 1e-9 and error(Spring(), without) < 1e-3
    assert error(Spring(1.5), batch) > 1e-3 and error(Spring(1.5), without) > 1e-3


def test_a_field_is_fitted_to_derivatives_and_judged_by_its_rollouts():
    data = zoo.load_dataset("spring", standardise=False, derivatives=True, rollouts=4, noise=0.0)
    options = {"initial": "given", "dynamics_options": {"width": 16, "time": False}}
    config = zoo.model_config("trajectory", data, **options)
    model = zoo.create_model(config, key=KEY)
    loss = zoo.registry.LOSSES["derivative"].builder()
    fitted = zoo.fit(model, data, steps=150, batch_size=8, loss=loss, key=KEY).model
    before, after = (zoo.evaluate(each, data, task="dynamics") for each in (model, fitted))
    assert after["rmse_standardised"] < 0.5 * before["rmse_standardised"]
    assert after["energy_mse"] < 0.5 * before["energy_mse"]
    assert after["valid_time"] > before["valid_time"] and after["rollout_time"] == 20.0
    with pytest.raises(ConfigError, match="EstimatedInitial"):
        Trajectory(Spring(), 2, initial=EstimatedInitial(2, width=4, key=KEY)).derivatives(
            data.train
        )


def test_rollouts_are_valid_up_to_their_first_error():
    t = np.broadcast_to(np.arange(5.0), (2, 5))
    true, told = np.zeros((2, 5, 1)), np.zeros((2, 5, 1))
    told[0, :, 0] = [0, 0.3, 0.5, 0, 9]  # beyond 0.4 at time 2
    seen = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
    rolled = Rollouts(t=t, seen=seen, told=told, true=true, unit=np.ones(1))
    metrics = horizon_metrics(rolled, "")
    assert metrics["valid_time"] == (1 + 2) / 2 and metrics["rollout_time"] == 3.0
    errors = metrics["error_by_time"]
    assert list(errors) == ["1", "2", "3", "4"] and errors["3"] == 0.0 and errors["4"] == 9.0
    assert errors["2"] == pytest.approx(0.5 / np.sqrt(2))

    def energy(x):
        return x[..., 0]

    found = energy_metrics(rolled, energy, "")
    assert found["energy_drift"] == 4.5
    assert found["energy_mse"] == pytest.approx((0.09 + 0.25 + 81) / 8)
    told[0, 1] = np.nan
    assert energy_metrics(rolled, energy, "")["energy_mse"] is None


def test_a_motion_that_stays_keeps_its_energy_and_is_not_valid_for_long():
    data = zoo.load_dataset(
        "pendulum", n=6, length=9, rollouts=3, rollout_length=40, standardise=False
    )
    still = np.repeat(data.test["x"][:, :1], 40, axis=1)
    found = task_named("dynamics").metrics(still, data.test, data, np.ones(3, bool))
    assert found["energy_mse"] == pytest.approx(0, abs=1e-9) and found["valid_time"] < 10
    assert found["first_value_valid_time"] == found["valid_time"]
    assert found["mean_energy_mse"] > 0.1


def two_bodies():
    """Two rollouts of a field that stands still, on the orbits of two bodies."""
    data = zoo.load_dataset("two_body", n=8, length=9, duration=2.0, standardise=False)
    model = Trajectory(Still(), 8, solver=Solver())
    return model, data


class Still(AbstractDynamics):
    """dy/dt = 0."""

    def __call__(self, t, y, args):
        return jnp.zeros_like(y)


def test_figures_of_rollouts_tell_errors_by_time_and_the_energy_beside_the_true_one():
    model, data = two_bodies()
    errors, energies = plots.rollouts_by_time({"still": model}, data).axes
    curve = errors.get_lines()[0].get_ydata()
    assert curve[0] == pytest.approx(0, abs=1e-6) and curve[-1] > curve[1] > 0
    true, rolled = (line.get_ydata() for line in energies.get_lines())
    np.testing.assert_allclose(true, data.energy(data.test["x"][0]), rtol=1e-5)
    np.testing.assert_allclose(rolled, true[0], rtol=1e-5)
    assert {"rollouts", "bodies", "series"} <= fitting(model, data)
    sick = zoo.load_dataset("sir", n=8, length=5)
    assert not {"rollouts", "bodies", "steps"} & fitting(
        Trajectory(Still(), 3, solver=Solver()), sick
    )


def fitting(model, data):
    """The figures of how a model computes that fit it and data, by name."""
    return {name for name, figure in OF_STATES.items() if figure.fits(model, data)}


def test_bodies_move_as_the_data_say():
    model, data = two_bodies()
    moving = plots.bodies_animation(model, data, frames=9)
    (axes,) = moving.figure.axes
    rings, discs = axes.collections[:2]
    moving.show(moving.frames - 1)
    np.testing.assert_allclose(rings.get_offsets(), data.test["x"][0, -1, :4].reshape(2, 2))
    np.testing.assert_allclose(discs.get_offsets(), data.test["x"][0, 0, :4].reshape(2, 2))
