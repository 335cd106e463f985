"""A vector field fitted to paths: starts, windows, horizons, and what drives a field."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.dynamics import AbstractDynamics, Drive, DrivenDynamics
from zoo.models.series import (
    EstimatedInitial,
    GivenInitial,
    Horizon,
    Series,
    Shooting,
    Trajectory,
)
from zoo.models.series.initial import first_values, start_of_line
from zoo.models.series.windows import windows_of
from zoo.objectives.paths import path_error
from zoo.solve import Solver, solve

from .small_models.waves import Rotation, turning, turning_data

KEY = jax.random.key(0)
FINE = Solver(rtol=1e-5)


def fitted_to(model, batch, step=0):
    return path_error(model, batch, key=KEY, step=jnp.asarray(step), solver=None)


def test_each_series_is_solved_at_its_own_times_from_its_own_start():
    batch = turning()
    model = Trajectory(Rotation(), 2, solver=FINE)
    paths, stats = model.forward(model.inputs(batch))
    error = np.where(batch["mask"], paths[..., 0] - batch["x"], 0)
    assert np.abs(error).max() < 1e-4 and stats.ok.all() and batch["t"].min() > 3
    assert (paths[..., 1] == pytest.approx(1.001)) and paths.shape == (6, 9, 2, 2)


def test_windows_cover_each_value_once_and_begin_where_the_others_end():
    batch = turning(length=12)
    xs = Series.of(batch)
    windows = windows_of(xs, 4)
    counted = windows.counted.reshape(6, -1, 2)
    assert counted.sum(axis=1).tolist() == xs.mask.sum(axis=1).tolist()
    values = jnp.where(windows.counted, windows.series.x, 0).reshape(6, -1, 2).sum(axis=1)
    np.testing.assert_allclose(values, xs.x.sum(axis=1), rtol=1e-5, atol=1e-5)
    begins = (windows.start.reshape(6, 4), windows.start + windows.series.since_start[:, -1])
    np.testing.assert_allclose(begins[0][:, 1:], begins[1].reshape(6, 4)[:, :-1], atol=1e-6)
    assert windows.joined.all() and not windows_of(Series.of(turning(length=6)), 4).joined.all()


def test_windows_of_the_true_field_have_no_error_and_no_jumps():
    batch = turning(length=12, span=2.0)
    model = Trajectory(Rotation(), 2, shooting=Shooting(windows=4), solver=FINE)
    values, aux = fitted_to(model, batch)
    assert float(values.max()) < 1e-8 and aux.stats.ok.all()
    wrong = Trajectory(Rotation(1.5), 2, shooting=Shooting(windows=4), solver=FINE)
    apart = Trajectory(Rotation(1.5), 2, shooting=Shooting(4, continuity=0.0), solver=FINE)
    assert float(fitted_to(wrong, batch)[0].min()) > float(fitted_to(apart, batch)[0].max()) > 1e-3


class Pushed(AbstractDynamics):
    """dy/dt = 3 u(t) + 2 s - y, which reads what drives it."""

    def __call__(self, t, y, args):
        return 3 * y[1:2] + 2 * y[2:3] - y[:1] + 0 * t


def test_an_input_and_statics_drive_the_field_in_every_window():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 2, (3, 8)), axis=1).astype(np.float32)
    t[:, 6:] = t[:, 5:6]
    inputs, static = rng.normal(size=(3, 8, 1)), rng.normal(size=(3, 1))
    since, exact = t - t[:, :1], np.zeros((3, 8, 1))
    for row in range(3):  # by the exact solution between two times, u = a + b τ there
        y = 0.7
        for at in range(8):
            if at and (h := float(since[row, at] - since[row, at - 1])):
                a = 3 * inputs[row, at - 1, 0] + 2 * static[row, 0]
                b = 3 * (inputs[row, at, 0] - inputs[row, at - 1, 0]) / h
                y = (a - b) + b * h + (y - (a - b)) * np.exp(-h)
            exact[row, at] = y
    inputs[:, 6:] = np.nan  # padding may hold anything
    mask = np.broadcast_to((np.arange(8) < 6)[:, None], exact.shape)
    batch = {"t": t, "x": exact, "mask": mask, "inputs": inputs, "static": static}
    batch = {n: a.astype(bool if n == "mask" else np.float32) for n, a in batch.items()}
    for windows in (1, 3):
        model = Trajectory(
            DrivenDynamics(Pushed(), 1, 2), 1, shooting=Shooting(windows), solver=Solver(rtol=1e-6)
        )
        assert float(fitted_to(model, batch)[0].max()) < 1e-6
    paths, _ = model.forward(model.inputs(batch))
    np.testing.assert_allclose(paths[:, :6, :, 0], exact[:, :6], atol=1e-3)


def test_a_drive_is_linear_between_its_times_and_constant_outside():
    times = jnp.array([[0.0, 1.0, 3.0, 3.0]])
    drive = Drive(times, jnp.array([[[0.0], [2.0], [6.0], [99.0]]]), jnp.array([[7.0]]))
    read = [drive.at(t)[0].tolist() for t in (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 5.0)]
    assert read == [[u, 7.0] for u in (0.0, 0.0, 1.0, 2.0, 4.0, 6.0, 6.0)]
    field = DrivenDynamics(lambda t, y, args: args * y, 1, 2)
    both = Drive(times, drive.inputs, drive.static, jnp.array([-1.0]))
    ys, _ = solve(field, jnp.ones((1, 1)), args=both, solver=FINE)
    np.testing.assert_allclose(ys, np.exp(-1.0), rtol=1e-4)


def test_a_first_value_that_is_missing_or_noisy():
    t = np.linspace(0, 1, 8, dtype=np.float32)[None]
    x = (2 + 3 * t)[..., None] * np.ones(2, np.float32)
    mask = np.ones(x.shape, bool)
    mask[0, 0] = mask[0, 2:, 1] = False
    mask[0, 1, 1] = False
    xs = Series.of({"t": t, "x": x, "mask": mask})
    given = GivenInitial(augment=1)(xs)
    assert given.tolist() == [[pytest.approx(2 + 3 / 7), 0.0, 0.0]]
    line = start_of_line(*first_values(xs, 5))
    np.testing.assert_allclose(line, [[2.0, 0.0]], atol=1e-5)
    noisy = x + np.where(np.arange(8) == 0, 4.0, 0.0)[:, None].astype(np.float32)
    whole = Series.of({"t": t, "x": noisy})
    off = start_of_line(*first_values(whole, 5)) - 2
    assert (np.abs(off) < 2.5).all() and (GivenInitial()(whole) - 2 == 4).all()
    estimated = EstimatedInitial(2, 1, width=4, key=KEY)(whole)
    assert estimated.shape == (1, 3) and not np.allclose(estimated[:, :2], off + 2)


def test_a_horizon_grows_with_the_steps():
    xs = Series.of(turning())
    horizon = Horizon(first_share=0.3, first_steps=10)
    early, later = horizon.cut(xs, jnp.asarray(9)), horizon.cut(xs, jnp.asarray(10))
    length = xs.since_start[:, -1]
    np.testing.assert_allclose(early.since_start[:, -1], 0.3 * length, rtol=1e-5)
    kept = xs.mask & (xs.since_start <= 0.3 * length[:, None])[..., None]
    assert (horizon.within(xs, jnp.asarray(9))[..., None] & xs.mask == kept).all()
    assert (early.mask == kept).all() and (later.mask == xs.mask).all()
    assert (later.t == xs.t).all() and 0 < int(kept.sum()) < int(xs.mask.sum())
    model = Trajectory(Rotation(), 2, horizon=horizon, solver=FINE)
    steady = Horizon(0.2, 10, growing_steps=4)
    ends = [steady.cut(xs, jnp.asarray(at)).since_start[:, -1] / length for at in range(9, 15)]
    np.testing.assert_allclose(np.stack(ends)[:, 0], [0.2, 0.4, 0.6, 0.8, 1.0, 1.0], rtol=1e-5)
    nfe = [fitted_to(model, turning(), step)[1].stats.nfe for step in (0, 10)]
    assert (nfe[0] < nfe[1]).all()


def test_the_deviation_is_that_of_the_errors_and_weighs_nothing():
    batch = turning()
    noise = np.random.default_rng(0).normal(0, 0.1, (6, 9, 2))
    batch["x"] = np.where(batch["mask"], batch["x"] + noise, 0).astype(np.float32)
    made = Trajectory(Rotation(jnp.asarray(1.05)), 2, solver=FINE)

    @jax.jit
    def told(log):
        @eqx.filter_value_and_grad
        def mean(model):
            return fitted_to(model, batch)[0].mean()

        return mean(eqx.tree_at(lambda m: m.noise.log, made, log))

    paths, _ = made.forward(made.inputs(batch))
    squares = np.where(batch["mask"], paths[..., 0] - batch["x"], 0) ** 2
    count = batch["mask"].sum(axis=(1, 2))
    deviation = np.sqrt((2 * squares.sum(axis=1) / count[:, None]).mean(axis=0))
    loss, grads = told(jnp.zeros(2))
    again, at_best = told(jnp.log(deviation - 1e-3))
    assert (
        float(loss)
        == float(again)
        == pytest.approx(float((squares.sum(axis=(1, 2)) / count).mean()), rel=1e-5)
    )
    assert float(grads.dynamics.speed) == pytest.approx(float(at_best.dynamics.speed), rel=1e-6)
    assert (np.abs(grads.noise.log) > 0.1).all() and (np.abs(at_best.noise.log) < 1e-4).all()


@pytest.mark.filterwarnings("ignore:Solved forwards:zoo.ZooWarning")
def test_multiple_shooting_fits_where_a_long_path_fails():
    data = turning_data(count=8, length=40, span=6.0)
    errors = {}
    for windows in (1, 8):
        model = zoo.create_model(
            "trajectory", data, key=KEY, initial="given", windows=windows,
            dynamics_options={"time": False, "depth": 0}, solver={"rtol": 1e-3},
        )  # fmt: skip
        result = zoo.fit(model, data, steps=150, optimiser=optax.adam(2e-1))
        told = zoo.evaluate(result.model, data, split="train")
        errors[windows] = told["rmse_standardised"]
    assert errors[8] < 0.3 * errors[1] and errors[1] > 0.3
