"""Equations with noise: paths, orders, known laws, gradients, failures, and what is refused."""

from functools import partial

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import AbstractBatchDynamics
from zoo.errors import ConfigError, DataError, DynamicsError
from zoo.solve import Outcome, Solver, solve_sde
from zoo.solve.engine import record
from zoo.solve.engine.interval import Interval, Piece
from zoo.solve.engine.step import Move
from zoo.solve.sde import bridge, increments, methods_for
from zoo.solve.sde.field import Field
from zoo.solve.sde.steppers import ReversibleHeun

KEY = jax.random.key(7)
F64 = np.dtype("float64")


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@eqx.filter_jit
def walked(words, steps, size=1, dtype=F64):
    """W at k/steps, [B, size, steps]."""
    return jnp.cumsum(bridge.increments(words, steps, size, dtype), axis=-1)


def test_every_number_of_steps_sees_the_same_path():
    words = bridge.words_of(KEY, 3000)
    w = {n: np.asarray(walked(words, n, 3)) for n in (4, 12, 64, 300)}
    for n, m in [(4, 12), (4, 64), (12, 300), (4, 300)]:
        stride = m // n
        np.testing.assert_allclose(w[m][..., stride - 1 :: stride], w[n], atol=1e-13)
    np.testing.assert_allclose(w[300][..., 74], w[64][..., 15], atol=1e-13)
    single = walked(words, 64, 3, np.dtype("float32"))
    assert single.dtype == "float32"
    np.testing.assert_allclose(single, w[64], atol=1e-3)
    for path in w.values():
        d = np.diff(path, prepend=0.0) * np.sqrt(path.shape[-1])
        z = lambda values, deviation: abs(values.mean()) * np.sqrt(values.size) / deviation  # noqa: E731
        assert z(d, 1) < 4 and z(d**2 - 1, np.sqrt(2)) < 4 and z(d**4 - 3, np.sqrt(96)) < 4
        assert z(d[..., 1:] * d[..., :-1], 1) < 4 and z(d[..., -1] * d[..., 0], 1) < 4
        assert z(d[:, 0] * d[:, 1], 1) < 4 and z(d[:, 0] * d[:, 2], 1) < 4
        assert z(d[1:] * d[:-1], 1) < 4


def growth(t, y, rates):
    return rates[0] * y


def spread(t, y, rates):
    return rates[1] * y


RATES = (1.0, 0.8)


def geometric(steps, method, calculus, count=400, rates=RATES):
    """States at 1 of dy = a y dt + b y dW and the exact ones on the same paths."""
    y0 = jnp.ones((count, 1))
    args = jnp.tile(jnp.asarray(rates), (count, 1))
    solver = Solver(method)
    options = {"key": KEY, "steps": steps, "calculus": calculus, "solver": solver}
    ys, stats = solve_sde(growth, spread, y0, args=args, **options)
    assert stats.ok.all() and (stats.accepted == steps).all()
    w = walked(bridge.words_of(KEY, count), 1)[:, :, 0]
    a = rates[0] - (rates[1] ** 2 / 2 if calculus == "ito" else 0)
    return np.asarray(ys), np.exp(a + rates[1] * np.asarray(w))


@pytest.mark.parametrize(
    ("method", "calculus", "order"),
    [
        (None, "ito", 0.5),
        (diffrax.ItoMilstein(), "ito", 1.0),
        (None, "stratonovich", 1.0),
        (diffrax.StratonovichMilstein(), "stratonovich", 1.0),
        (diffrax.ReversibleHeun(), "stratonovich", 1.0),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, diffrax.AbstractSolver) else str(x),
)
def test_strong_orders_on_one_path(method, calculus, order):
    errors = []
    for steps in (32, 512):
        ys, exact = geometric(steps, method, calculus)
        errors.append(np.sqrt(np.mean((ys - exact) ** 2)))
    assert np.log2(errors[0] / errors[1]) / 4 == pytest.approx(order, abs=0.12)


def test_weak_order_of_euler_maruyama():
    errors = []
    for steps in (8, 32):
        ys, exact = geometric(steps, None, "ito", 20_000, (1.0, 0.3))
        errors.append(np.mean(ys - exact))
        assert errors[-1] == pytest.approx((1 + 1 / steps) ** steps - np.e, abs=0.01)
    assert np.log2(errors[0] / errors[1]) / 2 == pytest.approx(1.0, abs=0.1)


def test_the_calculi_differ_by_the_known_correction():
    ito, exact_ito = geometric(256, diffrax.ItoMilstein(), "ito")
    other, exact_other = geometric(256, diffrax.StratonovichMilstein(), "stratonovich")
    assert np.exp(RATES[1] ** 2 / 2) == pytest.approx(float(np.median(other / ito)), rel=0.01)
    corrected = (RATES[0] + RATES[1] ** 2 / 2, RATES[1])
    ys, _ = geometric(256, diffrax.ItoMilstein(), "ito", rates=corrected)
    assert np.sqrt(np.mean((ys - other) ** 2)) < 0.02 * np.sqrt(np.mean(other**2))
    np.testing.assert_allclose(exact_other / exact_ito, np.exp(RATES[1] ** 2 / 2))


def test_ornstein_uhlenbeck_backwards_and_forwards_in_time():
    count, theta, sigma = 20_000, 1.5, 0.8
    mean, variance = np.exp(-theta), sigma**2 / (2 * theta) * (1 - np.exp(-2 * theta))
    y0 = jnp.ones((count, 1))
    noise = lambda t, y, args: sigma * jnp.ones_like(y)  # noqa: E731
    for sign, calculus in ((1, "ito"), (-1, "stratonovich")):
        ys, stats = solve_sde(
            lambda t, y, args: -sign * theta * y,  # noqa: B023
            noise,
            y0,
            key=KEY,
            noise="additive",
            calculus=calculus,
            steps=128,
            solver=Solver(t0=2.0, t1=2.0 + sign),
        )
        assert stats.ok.all()
        assert abs(float(ys.mean()) - mean) < 4 * np.sqrt(variance / count) + 0.01 * (sign > 0)
        assert float(ys.var()) == pytest.approx(variance, rel=4 * np.sqrt(2 / count) + 0.012)


def test_reversible_heun_is_reversible_to_rounding():
    steps, h = 64, 1 / 64
    drift = lambda t, y, args: jnp.sin(3 * t) - y**3  # noqa: E731
    diffusion = lambda t, y, args: 0.5 + 0.3 * jnp.cos(y)  # noqa: E731
    path = increments.Path(bridge.words_of(KEY, 5), steps, (2,), F64).begun()
    field, one = Field(drift, diffusion, elementwise=True), jnp.ones(())
    piece = Piece(0 * one, one, 0 * one, one)
    way = Interval(0 * one, one, one, piece, None)

    @jax.jit
    def step(k, pair):
        move = Move(way, piece, k * h, (k + 1) * h, k)
        return ReversibleHeun(path).take(field, None, move, pair, None, whole=False).y1

    @jax.jit
    def back(k, pair):
        y, other = pair
        dw = path.over(Move(way, piece, k * h, (k + 1) * h, k))
        change = lambda t, y: drift(t, y, None) * h + diffusion(t, y, None) * dw  # noqa: E731
        before = 2 * y - other - change((k + 1) * h, other)
        return y - 0.5 * (change(k * h, before) + change((k + 1) * h, other)), before

    start = jnp.linspace(-1.0, 1.0, 10).reshape(5, 2)
    pair = (start, start)
    for k in range(steps):
        pair = step(jnp.asarray(k), pair)
    assert float(jnp.abs(pair[0] - start).min()) > 1e-3
    for k in reversed(range(steps)):
        pair = back(jnp.asarray(k), pair)
    np.testing.assert_allclose(pair[0], start, atol=1e-12)
    np.testing.assert_allclose(pair[1], start, atol=1e-12)


class Drift(AbstractBatchDynamics):
    """Batch-native; of an example whose `hard` is 1 it blows up."""

    weight: jax.Array

    def batch(self, t, ys, args):
        kick, hard = args
        t = t if jnp.ndim(t) == 0 else t[:, None]
        out = jnp.tanh(ys @ self.weight.T + jnp.sin(t)) + kick[:, None]
        return jnp.where(hard[:, None] > 0, jnp.exp(40 * ys**2), out)


class Diffusion(eqx.Module):
    """Of one example; a matrix [2, m], or diagonal, g_i of y_i alone."""

    weight: jax.Array

    def __call__(self, t, y, args):
        kick, _ = args
        if self.weight.ndim == 1:
            return self.weight * jnp.cos(y + t) + 0.1 * kick
        return 0.5 * jnp.cos(y[:, None] * self.weight + t) + 0.1 * kick


MATRIX, VECTOR = np.array([[0.5, -1.0, 0.3], [1.0, 0.2, 0.7]]), np.array([0.4, -0.7])
SHARED = np.array([0.25, 0.6, 1.5])
GRADIENTS = [
    ("Euler", "ito", MATRIX, None, "per-sample"),
    ("Heun", "stratonovich", VECTOR, SHARED, "per-sample"),
    ("Midpoint", "stratonovich", MATRIX, None, "joint"),
    ("ItoMilstein", "ito", VECTOR, None, "per-sample"),
    ("StratonovichMilstein", "stratonovich", VECTOR, SHARED, "per-sample"),
    ("ReversibleHeun", "stratonovich", MATRIX, SHARED, "per-sample"),
]


@pytest.mark.parametrize(("name", "calculus", "weight", "ts", "batching"), GRADIENTS)
def test_gradients_against_central_differences(name, calculus, weight, ts, batching):
    fails = batching == "per-sample"
    hard = jnp.asarray([0.0, float(fails), 0.0, 0.0])
    rng = np.random.RandomState(0)
    y0, kick = jnp.asarray(rng.randn(4, 2)), jnp.asarray(rng.randn(4))
    fields = Drift(jnp.asarray(rng.randn(2, 2))), Diffusion(jnp.asarray(weight))
    noise = "diagonal" if weight.ndim == 1 else "general"
    method = getattr(diffrax, name)()

    @jax.jit
    @partial(jax.value_and_grad, argnums=(0, 1, 2, 3), has_aux=True)
    def loss(fields, y0, kick, t1):
        ys, stats = solve_sde(
            *fields,
            y0,
            args=(kick, hard),
            key=KEY,
            noise=noise,
            calculus=calculus,
            steps=12,
            ts=ts,
            solver=Solver(method, t0=0.1, t1=t1, batching=batching),
        )
        used = jnp.where(stats.ok.reshape(-1, *[1] * (ys.ndim - 1)), ys, 0)
        return jnp.sum(jnp.sin(used + jnp.arange(used.size).reshape(used.shape))), stats

    point = (fields, y0, kick, jnp.asarray(1.5))
    (_, stats), gradients = loss(*point)
    assert stats.ok.tolist() == [True, not fails, True, True]
    assert not fails or int(stats.result[1]) in (Outcome.NON_FINITE, Outcome.GREW)
    of_drift, of_diffusion = gradients[0]
    for leaf in jax.tree.leaves((of_drift, of_diffusion)):
        assert np.isfinite(leaf).all() and float(jnp.abs(leaf).min()) > 0
    # With `ts` the end is one of the times wanted, and where outputs are does not move with it.
    for i in range(4 if ts is None else 3):
        direction = jax.tree.map(lambda x: jnp.asarray(rng.randn(*x.shape)), point[i])
        values = []
        for eps in (1e-5, -1e-5):
            moved = jax.tree.map(lambda x, d, eps=eps: x + eps * d, point[i], direction)
            values.append(loss(*point[:i], moved, *point[i + 1 :])[0][0])
        expected = float(values[0] - values[1]) / 2e-5
        pairs = zip(jax.tree.leaves(gradients[i]), jax.tree.leaves(direction), strict=True)
        assert float(sum(jnp.sum(g * d) for g, d in pairs)) == pytest.approx(expected, rel=1e-6)
    if fails:
        assert not np.asarray(gradients[1][1]).any() and np.asarray(gradients[1][0]).all()


def wander(t, y, args):
    return jnp.sin(y) * jnp.cos(t)


def shake(t, y, args):
    return 0.5 * jnp.cos(y)


def test_an_example_s_path_is_its_own_in_any_company():
    y0 = jnp.linspace(-1.0, 1.0, 12).reshape(6, 2)
    run = lambda y0, key: solve_sde(wander, shake, y0, key=key, steps=16)[0]  # noqa: E731
    whole = run(y0, KEY)
    np.testing.assert_allclose(run(y0[:2], KEY), whole[:2], rtol=1e-12)
    keys = jax.random.split(KEY, 6)
    each = run(y0, keys)
    np.testing.assert_allclose(run(y0[3:5], keys[3:5]), each[3:5], rtol=1e-12)
    np.testing.assert_allclose(run(y0, jax.random.key_data(keys)), each, rtol=1e-12)
    assert len(np.unique(np.asarray(whole - y0).round(9))) == 12


def test_what_memory_has_no_room_for_is_made_again(monkeypatch):
    y0 = jnp.linspace(-1.0, 1.0, 12).reshape(6, 2)

    def gradient(diffusion):
        end = lambda y0: jnp.sin(solve_sde(wander, diffusion, y0, key=KEY, steps=16)[0]).sum()  # noqa: E731
        return jax.value_and_grad(end)(y0)

    whole = gradient(shake)
    monkeypatch.setattr(record, "_ROOM", 0)  # states, of which every fourth is kept
    monkeypatch.setattr(record, "_RING", 4)
    monkeypatch.setattr(increments, "_ROOM", 4 * 6 * 2 * 8)  # increments over four parts
    pieces = gradient(lambda t, y, args: shake(t, y, args))
    for a, b in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_values_on_the_grid_are_states_and_between_them_on_a_line():
    y0 = jnp.linspace(-1.0, 1.0, 6).reshape(3, 2)
    ts = np.array([[0.25, 0.375, 0.5, 0.5], [0.0, 0.7, 0.75, 1.0], [0.25, 0.3, 0.5, 0.75]])
    ys, _ = solve_sde(wander, shake, y0, key=KEY, steps=4, ts=ts)
    assert ys.shape == (3, 4, 2)
    states, increments_of = [y0], bridge.increments(bridge.words_of(KEY, 3), 4, 2, F64)
    for k in range(4):
        y, dw = states[-1], increments_of[..., k]
        states.append(y + 0.25 * wander(0.25 * k, y, None) + shake(0, y, None) * dw)
    for row in range(3):
        for at, y in zip(ts[row], ys[row], strict=True):
            k, share = int(at // 0.25), at % 0.25 / 0.25
            after = states[min(k + 1, 4)][row]
            expected = states[k][row] + share * (after - states[k][row])
            np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)
    end = states[-1]
    with jax.enable_x64(False):
        small, stats = solve_sde(wander, shake, y0.astype("bfloat16"), key=KEY, steps=4)
        assert small.dtype == "bfloat16" and stats.ok.all()
        np.testing.assert_allclose(small.astype("float32"), end, atol=0.05)
    assert solve_sde(wander, shake, jnp.ones((0, 2)), key=KEY, steps=4, ts=ts[0])[0].shape == (
        0,
        4,
        2,
    )


ADDITIVE = lambda t, y, args: 0.3 + 0.2 * t + 0 * args * jnp.eye(2)  # noqa: E731


def test_a_method_of_diffrax_has_the_engine_s_law():
    # Its path is another one: the laws are compared.
    def run(method):
        options = {"noise": "additive", "steps": 16, "solver": Solver(method, t0=0.5, t1=1.5)}
        return solve_sde(wander, ADDITIVE, y0, args=args, key=KEY, **options)

    y0, args = jnp.ones((2000, 2)), jnp.ones((2000,))
    theirs, stats = run(diffrax.ShARK())
    ours, _ = run(diffrax.Heun())
    assert stats.ok.all() and (stats.accepted == 16).all() and (stats.nfe == -1).all()
    scale = float(ours.std()) / np.sqrt(2000)
    np.testing.assert_allclose(theirs.mean(axis=0), ours.mean(axis=0), atol=5 * scale)
    assert float(theirs.std()) == pytest.approx(float(ours.std()), rel=0.1)


def test_adaptive_steps_by_diffrax_and_what_a_failed_path_does_there():
    y0 = jnp.ones((6, 2))
    solver = Solver(diffrax.Heun(), rtol=1e-3, t1=0.5, adjoint="recursive")
    assert not Solver(diffrax.SPaRK(), rtol=1e-3).isolates_failures
    assert not solver.isolates_failures and Solver(diffrax.Heun(), steps=4).isolates_failures
    ts = jnp.array([0.0, 0.3, 0.5])
    blow = lambda t, y, c: jnp.where(c > 0, 1e3 * y**3, wander(t, y, None))  # noqa: E731

    @jax.jit
    def end(y0, hard):
        options = {"key": KEY, "calculus": "stratonovich", "solver": solver, "ts": ts}
        ys, stats = solve_sde(blow, shake, y0, args=hard, **options)
        return jnp.where(stats.ok[:, None, None], ys, 0).sum(), (ys, stats)

    gradient = jax.jit(jax.grad(end, has_aux=True))
    g, (ys, stats) = gradient(y0, jnp.zeros(6))
    assert stats.ok.all() and np.isfinite(g).all() and len(set(stats.accepted.tolist())) > 1
    np.testing.assert_allclose(ys[:, 0], y0)
    np.testing.assert_allclose(stats.reached, 1.0)
    g, (ys, stats) = gradient(y0, jnp.zeros(6).at[2].set(1.0))
    assert stats.ok.tolist() == [True, True, False, True, True, True]
    assert np.isnan(ys[2]).all() and np.isfinite(ys[3]).all()
    assert stats.result[2] in (Outcome.STOPPED, Outcome.NON_FINITE, Outcome.OTHER)


def test_what_is_traced_and_cannot_be_refused_ends_as_invalid():
    y0 = jnp.ones((2, 2))

    @jax.jit
    def run(ts):
        return solve_sde(wander, shake, y0, key=KEY, steps=4, ts=ts)

    good, stats = run(jnp.array([0.5, 1.0]))
    assert stats.ok.all() and np.isfinite(good).all()
    for ts in ([0.5, 1.5], [0.5, 0.2]):
        ys, stats = run(jnp.array(ts))
        assert np.isnan(ys).all() and (stats.result == Outcome.INVALID).all()


def solved(y0=None, diffusion=shake, **options):
    y0 = jnp.ones((2, 2)) if y0 is None else y0
    return solve_sde(wander, diffusion, y0, **{"key": KEY, "steps": 4} | options)


PENALTY = lambda t, y, dy, args: 0.0  # noqa: E731
MATRIX_OF = lambda t, y, args: jnp.ones((2, 3))  # noqa: E731
REFUSED = [
    ({"solver": Solver(diffrax.Heun())}, ConfigError, "stratonovich.*expected one of Euler, ItoMi"),
    ({"solver": Solver(diffrax.Euler()), "calculus": "stratonovich"}, ConfigError, "of the ito"),
    ({"solver": Solver(diffrax.Dopri5())}, ConfigError, "Dopri5 does not solve equations with"),
    (
        {"solver": Solver(diffrax.ItoMilstein()), "noise": "general", "diffusion": MATRIX_OF},
        ConfigError,
        "ItoMilstein needs the areas .* expected one of Euler",
    ),
    (
        {"solver": Solver(diffrax.ShARK()), "calculus": "stratonovich"},
        ConfigError,
        "ShARK needs additive noise",
    ),
    ({"noise": "scalar"}, ConfigError, "scalar"),
    ({"calculus": "strato"}, ConfigError, "stratonovich"),
    ({"solver": Solver(rtol=1e-3), "steps": None}, ConfigError, "Euler takes equal steps .* rtol"),
    ({"steps": None}, ConfigError, "no number of them: give steps=64"),
    ({"solver": Solver(steps=5)}, ConfigError, "steps=4 and Solver.steps=5."),
    ({"solver": Solver(rtol=1e-3)}, ConfigError, "rtol"),
    (
        {"solver": Solver(diffrax.EulerHeun(), dt0=0.1), "steps": None, "calculus": "stratonovich"},
        ConfigError,
        "does not estimate its error",
    ),
    ({"solver": Solver(dt0=0.1, controller="constant"), "steps": None},
     ConfigError, "by their number"),
    ({"solver": Solver(adjoint="backsolve")}, ConfigError, "expected one of replay, recursive"),
    ({"solver": Solver(regulariser=PENALTY)}, ConfigError, "regulariser"),
    (
        {"solver": Solver(batching="joint", adjoint="direct")},
        ConfigError,
        "an example at a time: use batching='per-sample'",
    ),
    ({"y0": (jnp.ones((2, 2)),)}, DataError, "y0 is a tuple"),
    ({"key": jax.random.split(KEY, 3)}, DataError, r"keys of shape \(3,\): expected .*\(2,\)"),
    ({"key": 0}, DataError, "key is 0: expected jax.random.key"),
    ({"ts": np.array([0.5, 2.0])}, DataError, r"Times reach 2, .* Solver\(t1=2\)"),
    ({"diffusion": MATRIX_OF}, DynamicsError, r"float64\[2, 3\]\n  expected: float64\[2\], the"),
    ({"noise": "general"}, DynamicsError, r"expected: float64\[2, m\] for m motions"),
    ({"noise": "additive"}, DynamicsError, "or noise='diagonal'"),
    ({"diffusion": lambda y, t, args: y}, DynamicsError, r"no field of \(t, y, args\)"),
]  # fmt: skip


@pytest.mark.wrong_types
@pytest.mark.parametrize(("options", "error", "words"), REFUSED)
def test_what_is_refused(options, error, words):
    with pytest.raises(error, match=words):
        solved(**options)


def test_methods_by_kind():
    assert methods_for("general", "ito") == ["Euler"]
    assert methods_for("diagonal", "ito") == ["Euler", "ItoMilstein"]
    general = methods_for("general", "stratonovich")
    assert {"Heun", "EulerHeun", "SPaRK"} < set(general) and "ShARK" not in general
    assert {"Euler", "Heun", "ShARK", "SRA1"} < set(methods_for("additive", "ito"))
    # What is not additive by its derivative alone is not refused: there the calculi agree.
    jumping = lambda t, y, args: jnp.where(y > 0, 0.5, 0.2)  # noqa: E731
    assert solved(noise="additive", diffusion=jumping)[1].ok.all()
