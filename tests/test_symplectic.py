"""Symplectic methods: orders, energy, reversibility, counts, gradients, and what they refuse."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import zoo
from zoo.dynamics import AbstractSeparableDynamics
from zoo.errors import ConfigError, DataError, DynamicsError
from zoo.solve import (
    Leapfrog,
    SemiImplicitEuler,
    Solver,
    Yoshida4,
    method_by_name,
    solve,
    solver_from_options,
)

from .differences import check_gradient

METHODS = [(SemiImplicitEuler, 1), (Leapfrog, 2), (Yoshida4, 4)]
Q, P = np.array([[1.0], [2.0], [-0.5]]), np.array([[0.0], [0.3], [1.0]])
PUSH = np.array([0.0, 0.4, -0.7])


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


class Pendulum(AbstractSeparableDynamics):
    """A pendulum of its own mass and gravity, pushed at its own strength by args."""

    gravity: jax.Array
    mass: jax.Array

    def velocity(self, t, p, push):
        return p / self.mass

    def force(self, t, q, push):
        return -self.gravity * jnp.sin(q) + push * jnp.cos(3 * t)


PENDULUM = Pendulum(np.float64(1.3), np.float64(0.8))


def pendulum():
    return jax.tree.map(jnp.asarray, PENDULUM)


def swing(t, y, push):
    """The same field, as ordinary dynamics of a pair."""
    return y[1] / 0.8, -1.3 * jnp.sin(y[0]) + push * jnp.cos(3 * t)


def joined(q=Q, p=P):
    return jnp.concatenate([jnp.asarray(q), jnp.asarray(p)], axis=1)


TS = np.array([0.73, 2.0])


@pytest.fixture(scope="module")
def truth():
    """[B, T, 2], by SciPy."""

    def one(q, p, push):
        field = lambda t, y: swing_of_numpy(t, y, push)  # noqa: E731
        way = solve_ivp(field, (0, 2), [q, p], "DOP853", TS, rtol=1e-13, atol=1e-13)
        return way.y.T

    return np.stack([one(*each) for each in zip(Q[:, 0], P[:, 0], PUSH, strict=True)])


def swing_of_numpy(t, y, push):
    return [y[1] / 0.8, -1.3 * np.sin(y[0]) + push * np.cos(3 * t)]


@pytest.mark.parametrize(("method", "order"), METHODS)
def test_orders_at_the_end_and_between_steps(truth, method, order):
    def errors(steps):
        solver = Solver(method(), dt0=jnp.asarray(2.0 / steps), t1=2.0)
        ys, stats = solve(pendulum(), joined(), args=jnp.asarray(PUSH), solver=solver, ts=TS)
        assert stats.accepted.tolist() == [steps] * 3
        return np.abs(np.asarray(ys) - truth).max(axis=0)

    coarse, fine = errors(50), errors(100)
    np.testing.assert_allclose(np.log2(coarse[1] / fine[1]), order, atol=0.2)
    # Between steps q is a cubic of order 4 but for Euler's; p lies on a line.
    between = np.log2(coarse[0] / fine[0])
    np.testing.assert_array_less(np.array([order, min(order, 2)]) - 0.5, between)


def test_all_forms_of_a_state_give_the_same():
    solver, args = Solver(Leapfrog(), steps=20, t1=2.0), jnp.asarray(PUSH)
    halves, stats = solve(pendulum(), joined(), args=args, solver=solver)
    pair, others = solve(
        swing, (jnp.asarray(Q[:, 0]), jnp.asarray(P[:, 0])), args=args, solver=solver
    )
    tree = [{"a": jnp.asarray(Q)}, {"a": jnp.asarray(P)}]
    wrapped = lambda t, y, args: jax.tree.map(  # noqa: E731
        lambda d: {"a": d}, list(swing(t, (y[0]["a"], y[1]["a"]), args))
    )
    nested, _ = solve(wrapped, tree, args=args, solver=solver)
    np.testing.assert_allclose(jnp.stack(pair, axis=1), halves, rtol=1e-13)
    np.testing.assert_allclose(
        jnp.concatenate([x["a"] for x in nested], axis=1), halves, rtol=1e-13
    )
    assert isinstance(nested, list) and stats.nfe.tolist() == others.nfe.tolist()


class Counted(AbstractSeparableDynamics):
    """An oscillator that tells which of its parts is evaluated."""

    seen: list = eqx.field(static=True)

    def velocity(self, t, p, args):
        jax.debug.callback(lambda: self.seen.append("velocity"))
        return p

    def force(self, t, q, args):
        jax.debug.callback(lambda: self.seen.append("force"))
        return -q


@pytest.mark.parametrize(
    ("method", "velocities", "forces"),
    [(SemiImplicitEuler, 10, 10), (Leapfrog, 11, 10), (Yoshida4, 31, 30)],
)
def test_nfe_against_a_counting_field(method, velocities, forces):
    seen: list = []
    solver = Solver(method(), steps=10, batching="joint")
    _, stats = solve(Counted(seen), jnp.ones((1, 2)), solver=solver)
    jax.effects_barrier()
    assert (seen.count("velocity"), seen.count("force")) == (velocities, forces)
    assert stats.nfe.tolist() == [len(seen)] and int(stats.calls) == int(stats.work) == len(seen)


@pytest.mark.parametrize("method", [Leapfrog(), Yoshida4()])
def test_the_steps_back_undo_the_steps_there(method):
    def way(t0, t1, y0):
        solver = Solver(method, steps=400, t0=jnp.asarray(t0), t1=jnp.asarray(t1))
        return solve(pendulum(), y0, args=jnp.asarray(PUSH), solver=solver)[0]

    ends = way(0.0, 20.0, joined())
    assert float(jnp.abs(ends - joined()).max()) > 0.1
    np.testing.assert_allclose(way(20.0, 0.0, ends), joined(), atol=1e-12)


def test_energy_stays_bounded_over_ten_thousand_periods():
    periods, each = 10_000, 20
    field = lambda t, y, args: (y[1], -y[0])  # noqa: E731
    t1, h = 2 * np.pi * periods, 2 * np.pi / each
    solver = Solver(Leapfrog(), steps=periods * each, t1=t1)
    ts = np.append(np.arange(97, periods * each, 97) * h, t1)  # out of step with the periods
    (q, p), stats = solve(field, (jnp.ones(1), jnp.zeros(1)), solver=solver, ts=ts)
    assert stats.ok.all()
    q, p = np.asarray(q[0]), np.asarray(p[0])
    # Of an oscillator this method keeps q² + (1 - h²/4) p² instead of twice the energy.
    np.testing.assert_allclose(q**2 + (1 - h**2 / 4) * p**2, 1, atol=1e-9)
    error = np.abs(q**2 + p**2 - 1)
    assert 0.9 < error.max() / (h**2 / 4 / (1 - h**2 / 4)) < 1.001


@pytest.mark.parametrize(
    ("method", "t0", "t1", "batching"),
    [
        (SemiImplicitEuler, 0, 1, "joint"),
        (Leapfrog, 1, -0.5, "per-sample"),
        (Yoshida4, 0.2, 1.4, "joint"),
    ],
)
def test_gradients_against_central_differences(method, t0, t1, batching):
    ts = t0 + (t1 - t0) * jnp.array([0.31, 0.77, 1.0])
    solver = Solver(method(), steps=11, t0=t0, t1=t1, batching=batching)
    weights = jnp.asarray(np.random.RandomState(2).randn(3, 3, 2))

    @eqx.filter_jit
    @eqx.filter_value_and_grad
    def end(inputs):
        dynamics, y0, push, ts = inputs
        return jnp.sum(weights * solve(dynamics, y0, args=push, solver=solver, ts=ts)[0])

    inputs = pendulum(), joined(), jnp.asarray(PUSH), ts
    check_gradient(end, inputs)


def test_a_push_that_begins_between_steps():
    field = lambda t, y, args: (y[1], -y[0] + jnp.where(t > 0.377, 1.0, 0.0))  # noqa: E731
    exact = -np.sin(2 - 0.377), 1 - np.cos(2 - 0.377)
    y0 = jnp.zeros(2), jnp.zeros(2)

    def error(steps):
        solver = Solver(Yoshida4(), dt0=jnp.asarray(2.0 / steps), t1=2.0)
        (q, p), stats = solve(field, y0, solver=solver, jumps=np.array([0.377]))
        assert stats.ok.all() and int(stats.accepted[0]) == steps + 1
        return abs(float(q[0]) - exact[1]) + abs(float(p[0]) + exact[0])

    assert np.log2(error(20) / error(40)) == pytest.approx(4, abs=0.4)


def test_times_given_as_jumps_are_ends_of_steps(truth):
    solver = Solver(Yoshida4(), steps=200, t1=2.0)
    args = jnp.asarray(PUSH)
    ys, _ = solve(pendulum(), joined(), args=args, solver=solver, ts=TS, jumps=TS)
    np.testing.assert_allclose(ys, truth, atol=1e-8)


def test_the_name_is_enough_and_equal_steps_are_asked_for():
    for name in ("SemiImplicitEuler", "Leapfrog", "Yoshida4"):
        solver = solver_from_options({"method": name, "steps": 7})
        assert type(solver.method).__name__ == name and solver.is_constant
        assert solver.resolve().adjoint == "replay"
        assert solver_from_options(solver.options()) == solver
        assert method_by_name(name) == solver.method
    model = zoo.ODENet(pendulum(), solver=Solver(Leapfrog(), steps=5))
    assert model.forward(joined(), args=jnp.asarray(PUSH))[0].shape == (3, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rtol": 1e-3}, "Leapfrog takes equal steps and would ignore rtol"),
        ({"controller": "pid"}, "Leapfrog does not have"),
        ({"adjoint": "direct", "steps": 5}, "these can: replay"),
        ({"adjoint": "backsolve", "steps": 5}, "these can: replay"),
        ({"regulariser": lambda t, y, dy, args: 0.0, "steps": 5}, "leave the regulariser out"),
        ({"method": diffrax.SemiImplicitEuler(), "steps": 5}, r"zoo.solve.SemiImplicitEuler\(\)"),
    ],
)
def test_solvers_that_are_refused(options, words):
    with pytest.raises(ConfigError, match=words):
        Solver(**{"method": Leapfrog(), **options})


PAIR = (jnp.ones(2), jnp.ones(2))


@pytest.mark.parametrize(
    ("field", "y0", "method", "words"),
    [
        (lambda t, y, a: -y, np.ones((2, 2)), Leapfrog(), "a state that is a pair"),
        (lambda t, y, a: (y[1] - y[0], -y[0]), PAIR, Leapfrog(), "dq/dt depends on q"),
        (lambda t, y, a: (y[1], -y[0] - y[1]), PAIR, Yoshida4(), "dp/dt depends on p"),
        (lambda t, y, a: (y[1] * t, -y[0]), PAIR, Yoshida4(), "dq/dt depends on t"),
    ],
)
def test_dynamics_that_are_refused(field, y0, method, words):
    with pytest.raises(DynamicsError, match=words):
        solve(field, y0, solver=Solver(method, steps=5))


@pytest.mark.parametrize("y0", [np.ones((2, 3)), (np.ones(2),) * 3])
def test_states_that_have_no_halves(y0):
    with pytest.raises(DataError, match="expected a pair"):
        solve(Counted([]), y0, solver=Solver(Leapfrog(), steps=5))
