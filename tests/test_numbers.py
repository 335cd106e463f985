"""Values, counts and refusals of a solve, from closed forms."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import AbstractBatchDynamics
from zoo.errors import ConfigError, DataError, DynamicsError, ZooWarning
from zoo.solve import Outcome, Solver, explain, solve

decay = lambda t, y, args: -y  # noqa: E731
tilt = lambda t, y, args: t * y  # noqa: E731
ONE = jnp.ones((1,))


class Recorder(AbstractBatchDynamics):
    """-50 (y - cos t), telling each time at which it is evaluated."""

    seen: list = eqx.field(static=True)

    def batch(self, t, ys, args):
        jax.debug.callback(lambda t: self.seen.append(float(t)), t)
        return -50.0 * (ys - jnp.cos(t))


@pytest.mark.parametrize(
    ("method", "nfe"),
    [(diffrax.Dopri5(), 61), (diffrax.Tsit5(), 61), (diffrax.Heun(), 20), (diffrax.Euler(), 10)],
)
def test_nfe_of_ten_equal_steps(method, nfe):
    for _ in range(2):
        _, stats = solve(decay, ONE, solver=Solver(method, t1=3.0, steps=10))
        assert stats.nfe.dtype == jnp.int32 and stats.nfe.tolist() == [nfe]


@pytest.mark.parametrize("name", ["Dopri5", "Tsit5", "Bosh3", "Heun", "Dopri8", "Euler"])
def test_nfe_against_a_counting_field(name):
    seen: list = []
    method = getattr(diffrax, name)()
    adaptive = {"rtol": 1e-3, "dt0": 1.0, "max_steps": 2000}
    options = {"steps": 100} if name == "Euler" else adaptive
    solver = Solver(method, batching="joint", **options)
    _, stats = solve(Recorder(seen), jnp.ones((3, 1)), solver=solver)
    jax.effects_barrier()
    assert stats.ok.all() and stats.nfe.tolist() == [len(seen)] * 3
    assert int(stats.calls) == len(seen)
    if name != "Euler":
        assert int(stats.rejected[0]) >= 2  # the first attempts, where FSAL has nothing to reuse


class Sizes(AbstractBatchDynamics):
    """A rate for each example, telling of how many at once it is evaluated."""

    seen: list = eqx.field(static=True)

    def batch(self, t, ys, args):
        jax.debug.callback(lambda: self.seen.append(ys.shape[0]))
        return args * (jnp.cos(t) - ys)


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_work_is_what_a_counting_field_saw(batching):
    seen: list = []
    rates = jnp.linspace(1.0, 60.0, 128)
    solver = Solver(rtol=1e-4, batching=batching)
    _, stats = solve(Sizes(seen), jnp.zeros(128), args=rates, solver=solver)
    jax.effects_barrier()
    assert (len(seen), sum(seen)) == (int(stats.calls), int(stats.work))
    # The last sixteenth of the examples goes on without the others.
    assert set(seen) == ({128, 8} if batching == "per-sample" else {128})
    assert float(stats.idle_share) == pytest.approx(1 - int(stats.nfe.sum()) / sum(seen))


@pytest.mark.parametrize(("t0", "t1"), [(0.0, 1.0), (1.0, 0.9), (-0.001, 0.0)])
def test_an_explicit_field_never_sees_a_time_outside(t0, t1):
    seen: list = []
    field = lambda t, y, args: jax.debug.callback(lambda t: seen.append(float(t)), t) or jnp.sin(t)  # noqa: E731
    solve(field, jnp.zeros((1,)), solver=Solver(t0=t0, t1=t1))
    jax.effects_barrier()
    low, high = sorted(np.float32([t0, t1]))
    assert len(seen) > 2 and low <= min(seen) and max(seen) <= high


@pytest.mark.parametrize(
    ("field", "y0", "options", "expected"),
    [
        (tilt, np.exp(2.0), {"t0": 2.0, "t1": 0.0}, 1.0),
        (tilt, 1.0, {"t0": -2.0, "t1": -1.0}, 0.223130),
        (lambda t, y, args: t + 0 * y, 0.0, {}, 0.5),
        (lambda t, y, args: 3.0 * decay(3.0 * t, y, args), 1.0, {}, np.exp(-3.0)),
    ],
)
def test_closed_forms(field, y0, options, expected):
    ys, _ = solve(field, jnp.full((1,), y0), solver=Solver(rtol=1e-5, **options))
    assert float(ys[0]) == pytest.approx(expected, rel=1e-4)


def test_the_last_equal_step_is_clipped():
    solver = Solver(diffrax.Euler(), t1=5.9, dt0=1e-4, max_steps=60_000)
    ys, stats = solve(lambda t, y, args: y, ONE, solver=solver)
    assert float(ys[0]) == pytest.approx(364.930, rel=1e-3)
    assert float(stats.reached[0]) == 1.0


def test_output_times():
    ys, _ = solve(lambda t, y, args: y, jnp.ones((2,)), ts=jnp.array([0.0, 0.0]))
    assert ys.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    ts = jnp.array([[0.0, 0.5, 1.0], [0.0, 2.0, 2.0]])
    ys, _ = solve(lambda t, y, args: y, jnp.ones((2,)), ts=ts, solver=Solver(rtol=1e-5))
    np.testing.assert_allclose(ys, np.exp(ts), rtol=1e-4)
    with pytest.raises(DataError, match=r"0.5 is followed by 0.2 at index 1"):
        solve(decay, ONE, ts=jnp.array([0.5, 0.2, 1.0]))
    joint = Solver(rtol=1e-5, batching="joint")
    ys, _ = solve(lambda t, y, args: y, jnp.ones((2,)), ts=ts, solver=joint)
    np.testing.assert_allclose(ys, np.exp(ts), rtol=1e-4)
    with pytest.raises(DataError, match="per-sample"):
        solve(decay, jnp.ones((2,)), ts=ts, solver=Solver(batching="joint", adjoint="direct"))


@pytest.mark.parametrize("dtype", ["int32", "bfloat16", "float16"])
def test_small_types_are_solved_in_float32_and_given_back(dtype):
    ys, stats = solve(decay, jnp.ones((1,), dtype), solver=Solver(rtol=1e-4))
    assert ys.dtype == ("float32" if dtype == "int32" else dtype) and stats.ok.all()
    assert float(ys[0]) == pytest.approx(np.exp(-1.0), rel=1e-2)


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_args_are_per_example(batching):
    field = lambda t, y, u: -y + u  # noqa: E731
    solver = Solver(rtol=1e-5, batching=batching)
    ys, _ = solve(field, jnp.zeros((2,)), args=jnp.array([1.0, 2.0]), solver=solver)
    np.testing.assert_allclose(ys, [0.632121, 1.264241], rtol=1e-4)
    with pytest.raises(DataError, match=r"args has shape \(3,\)"):
        solve(field, jnp.zeros((2,)), args=jnp.zeros(3), solver=solver)


def driven(t, y, hard):
    return jnp.where(hard > 0, 50.0 * (jnp.cos(t) - y), 0.0)


def test_joint_is_as_exact_as_its_worst_example_and_per_sample_as_if_alone():
    hard = jnp.zeros(1024).at[7].set(1.0)
    exact = 50 / 2501 * (50 * np.cos(1.0) + np.sin(1.0) - 50 * np.exp(-50.0))
    joint = Solver(rtol=1e-4, batching="joint")
    ys, _ = solve(driven, jnp.zeros(1024), args=hard, solver=joint)
    assert abs(float(ys[7]) - exact) < 10 * 1e-4
    each = Solver(rtol=1e-4)
    with jax.enable_x64(True):  # vector and scalar code round differently on some processors
        hard = hard.astype(float)
        ys, stats = solve(driven, jnp.zeros(1024), args=hard, solver=each)
        alone, cost = solve(driven, jnp.zeros(1), args=hard[7:8], solver=each)
        assert float(ys[7]) == pytest.approx(float(alone[0]), rel=1e-11)
    assert int(stats.nfe[7]) == int(cost.nfe[0])
    assert int(stats.nfe[0]) < int(stats.nfe[7])
    # The one goes on in a batch of 64: the 1,023 do not wait for it.
    assert 1024 * int(stats.nfe[7]) > 3 * int(stats.work) and 0 < float(stats.idle_share) < 0.2


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_both_batchings_are_within_ten_tolerances_of_the_truth(batching):
    rates = jnp.linspace(1.0, 60.0, 20)
    field = lambda t, y, rate: rate * (jnp.cos(t) - y)  # noqa: E731
    r = np.asarray(rates, np.float64)
    exact = r / (1 + r**2) * (r * np.cos(1.0) + np.sin(1.0) - r * np.exp(-r))
    for rtol in (1e-3, 1e-4, 1e-5):
        solver = Solver(rtol=jnp.asarray(rtol), batching=batching)
        ys, stats = solve(field, jnp.zeros(20), args=rates, solver=solver)
        assert stats.ok.all() and np.abs(np.asarray(ys) - exact).max() < 10 * rtol


def test_a_net_in_args_is_refused_by_the_name_of_its_leaf():
    net = zoo.nn.dense.FeedForward(2, 2, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(DataError, match=r"args.layers\[0\].weight has shape \(4, 2\)"):
        solve(lambda t, y, net: net(y), jnp.ones((3, 2)), args=net)


def test_failures_have_words_and_leave_the_others_alone():
    field = lambda t, y, c: 1 + c * y**2  # noqa: E731
    ys, stats = solve(field, jnp.zeros(2), args=jnp.array([1.0, 0.0]), solver=Solver(t1=2.0))
    assert stats.result.tolist() == [Outcome.GREW, Outcome.SUCCESS]
    assert np.isnan(ys[0]) and float(ys[1]) == pytest.approx(2.0)
    assert "t≈1.57" in explain(stats, 0.0, 2.0) and "1 of 2" in explain(stats, 0.0, 2.0)
    hole = lambda t, y, args: y * jnp.where(t > 0.5, jnp.nan, 1.0)  # noqa: E731
    ys, stats = solve(hole, ONE, solver=Solver(steps=10))
    assert stats.result.tolist() == [Outcome.NON_FINITE] and np.isnan(ys[0])
    _, stats = solve(decay, ONE, solver=Solver(rtol=1e-5, t1=20.0, max_steps=3))
    assert stats.result.tolist() == [Outcome.MAX_STEPS]
    assert "max_steps" in explain(stats, 0.0, 20.0)


def test_states_that_no_solver_takes():
    with pytest.raises(DataError, match="complex"):
        solve(decay, jnp.ones((1,), jnp.complex64))
    with pytest.raises(DataError, match="batch axis"):
        solve(decay, jnp.ones(()))
    assert solve(decay, jnp.ones((0, 2)))[0].shape == (0, 2)
    with pytest.raises(DynamicsError, match=r"float32\[2\]\n.*float32\[1\]"):
        solve(lambda t, y, args: jnp.zeros(2), jnp.ones((3, 1)))


REFUSED = [
    {"rtol": -1.0},
    {"rtol": 0.0},
    {"atol": float("nan")},
    {"rtol": 2.0},
    {"rtol": 1e-9},
    {"dt0": 0.0},
    {"dt0": -0.1},
    {"dt0": float("nan")},
    {"t0": 1.0, "t1": 1.0},
    {"t1": float("inf")},
    {"method": diffrax.Euler(), "rtol": 1e-3},
    {"controller": "constant", "rtol": 1e-3},
    {"method": diffrax.Euler(), "controller": "pid"},
    {"steps": 10, "rtol": 1e-3},
    {"steps": 10, "dt0": 0.1},
    {"steps": 0},
    {"adjoint": "backsolv"},
    {"batching": "together"},
    {"method": diffrax.SemiImplicitEuler()},
    {"method": diffrax.Kvaerno5(), "adjoint": "backsolve"},
]


@pytest.mark.wrong_types
@pytest.mark.parametrize("options", REFUSED, ids=str)
def test_solvers_that_are_refused(options):
    with pytest.raises(ConfigError):
        Solver(**options)


def test_equal_steps_that_nobody_chose_are_refused():
    for solver in (Solver(diffrax.Euler()), Solver(controller="constant")):
        with pytest.raises(ConfigError, match="neither"):
            zoo.ODENet(decay, solver=solver)


def test_what_is_given_is_laid_over():
    grid = Solver(diffrax.Tsit5(), steps=10, t1=2.0)
    finer = Solver(rtol=1e-2).over(grid).resolve()
    assert finer.controller == "pid" and finer.steps is None and finer.t1 == 2.0
    assert finer.rtol == finer.atol == 1e-2 and isinstance(finer.method, diffrax.Tsit5)
    assert Solver(steps=5).over(Solver(rtol=1e-2)).resolve().rtol is None
    with pytest.warns(ZooWarning, match="noise"):
        Solver(rtol=5e-7)


def test_numbers_of_a_model_are_never_trained():
    model = zoo.ODENet(decay, solver=Solver(rtol=np.float32(1e-2), t1=jnp.asarray(2.0)))
    assert not any(map(eqx.is_inexact_array, jax.tree.leaves(model)))
    assert zoo.count_parameters(model) == 0


def test_a_float32_state_where_64_bits_are_on():
    with jax.enable_x64(True):
        ys, _ = solve(decay, jnp.ones((1,), "float32"), solver=Solver(rtol=1e-4, batching="joint"))
        assert ys.dtype == jnp.float32 and float(ys[0]) == pytest.approx(np.exp(-1.0), rel=1e-3)
