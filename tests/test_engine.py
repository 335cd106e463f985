"""The engine against Diffrax, step for step, and its gradient against Diffrax's Direct; counts."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import MLPDynamics
from zoo.dynamics.counted import CountedDynamics, Counts
from zoo.solve import Solver, solve
from zoo.solve.engine import carry, record

pytestmark = pytest.mark.usefixtures("strict_promotion")

XS = np.random.RandomState(0).randn(5, 2)
KICKS = np.random.RandomState(1).randn(5, 2)
SHARED = np.array([0.0, 0.4, 0.41, 1.0])
OWN = np.array([[0.0, 0.4 + 0.1 * i, 1.0 + 0.1 * i, 1.0 + 0.1 * i] for i in range(5)])

MANY = np.linspace(0.0, 1.0 + 0.1 * np.arange(5), 40, axis=1)  # some four times as many as steps


class Driven(zoo.dynamics.AbstractDynamics):
    """A field of one example that uses all there is: state, time, args and parameters."""

    net: MLPDynamics

    def __call__(self, t, y, args):
        return self.net(t, y, None) + 0.3 * args * jnp.sin(t)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.fixture
def few(monkeypatch):
    """The last two of a batch of five go on without the others."""
    monkeypatch.setattr(carry, "_FROM", 5)
    monkeypatch.setattr(carry, "_PART", 2)


def driven() -> Driven:
    return Driven(MLPDynamics(2, width=8, depth=1, init_scale=6.0, key=jax.random.key(0)))


CASES = [
    ("Dopri5", {"rtol": 1e-6, "dt0": 0.3}, None),
    ("Dopri5", {"rtol": 1e-6, "dt0": 0.3, "batching": "joint"}, SHARED),
    ("Dopri5", {"rtol": 1e-6, "dt0": 0.3, "t0": 2.0, "t1": 0.5}, 2.0 - OWN),
    ("Tsit5", {"rtol": 1e-6, "dt0": 0.1, "batching": "joint-rms"}, None),
    ("Bosh3", {"rtol": 1e-4, "dt0": 0.5, "t0": 1.0, "t1": -0.5}, 1.0 - SHARED),
    ("Heun", {"rtol": 1e-3, "dt0": 0.5}, OWN),
    ("Dopri8", {"rtol": 1e-7, "dt0": 0.3}, None),
    ("Dopri5", {"rtol": 1e-5, "dt0": 0.3}, MANY),
    ("Tsit5", {"rtol": 1e-5, "dt0": 0.3, "batching": "joint"}, MANY[0]),
    ("Euler", {"steps": 37}, SHARED),
    ("Dopri5", {"dt0": 0.03, "controller": "constant", "batching": "joint"}, None),
]


@eqx.filter_jit
@eqx.filter_value_and_grad(has_aux=True)
def loss(inputs, solver, ts):
    dynamics, y0, args = inputs
    ys, stats = solve(dynamics, y0, args=args, solver=solver, ts=ts)
    return jnp.sum(jnp.sin(ys * jnp.arange(1.0, 1 + ys.size).reshape(ys.shape))), (ys, stats)


@pytest.mark.parametrize(("name", "options", "ts"), CASES)
def test_steps_values_and_gradients_are_those_of_diffrax(few, name, options, ts):
    method = getattr(diffrax, name)()
    ts = None if ts is None else jnp.asarray(ts)
    inputs = (driven(), jnp.asarray(XS), jnp.asarray(KICKS))
    results = [
        loss(inputs, Solver(method, adjoint=adjoint, **options), ts)
        for adjoint in ("replay", "direct")
    ]
    ((_, (ours, our_stats)), our_grads), ((_, (theirs, their_stats)), their_grads) = results
    assert our_stats.ok.all()
    for count in ("accepted", "rejected"):
        assert getattr(our_stats, count).tolist() == getattr(their_stats, count).tolist()
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    for a, b in zip(jax.tree.leaves(our_grads), jax.tree.leaves(their_grads), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10 * float(jnp.abs(b).max()))


def work_of(stats):
    """The work of five examples of which the last two go on alone, by Dopri5."""
    attempts = np.sort(stats.accepted + stats.rejected)
    together = int(attempts[2])
    return 5 * (2 + 6 * together) + 2 * 6 * (int(attempts[-1]) - together)


@pytest.mark.parametrize("ts", [None, SHARED, OWN], ids=["end", "times", "own times"])
def test_few_that_go_on_alone_change_nothing_but_the_work(few, monkeypatch, ts):
    inputs = (driven(), 3 * jnp.asarray(XS), jnp.asarray(KICKS))
    ts = None if ts is None else jnp.asarray(ts)
    solver = lambda max_steps: Solver(rtol=1e-6, max_steps=max_steps)  # noqa: E731
    (_, (ys, stats)), gradient = loss(inputs, solver(100), ts)
    assert int(stats.work) == work_of(stats) and len(set(stats.accepted.tolist())) > 2
    monkeypatch.setattr(carry, "_FROM", 6)
    (_, (whole, others)), expected = loss(inputs, solver(101), ts)
    assert int(others.work) == 5 * int(others.calls) > int(stats.work)
    for name in ("accepted", "rejected", "nfe", "calls", "result"):
        assert getattr(stats, name).tolist() == getattr(others, name).tolist()
    pairs = zip(jax.tree.leaves((ys, gradient)), jax.tree.leaves((whole, expected)), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("ts", [None, OWN], ids=["end", "times"])
def test_states_that_the_record_has_no_room_for_are_made_again(few, monkeypatch, ts):
    inputs = (driven(), jnp.asarray(XS), jnp.asarray(KICKS))
    ts = None if ts is None else jnp.asarray(ts)
    solver = lambda max_steps: Solver(diffrax.Bosh3(), rtol=1e-4, max_steps=max_steps)  # noqa: E731
    (_, (_, stats)), whole = loss(inputs, solver(100), ts)
    monkeypatch.setattr(record, "_ROOM", 0)
    monkeypatch.setattr(record, "_RING", 4)
    _, pieces = loss(inputs, solver(101), ts)
    assert int(stats.accepted.min()) > 4 and len(set(stats.accepted.tolist())) > 1
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(pieces), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_every_evaluation_and_pull_back_is_counted(few, batching):
    counts = Counts()
    dynamics = CountedDynamics(MLPDynamics(2, width=8, depth=1, key=jax.random.key(0)), counts)
    solver = Solver(rtol=1e-7, batching=batching)
    xs = 3 * jnp.asarray(XS)
    _, stats = solve(dynamics, xs, solver=solver)
    assert counts.read() == (int(stats.calls), 0)
    assert int(stats.calls) >= int(stats.nfe.max())
    for example in range(2):
        counts.reset()
        _, own = solve(dynamics, xs[example][None], solver=solver)
        assert counts.read()[0] == int(own.nfe[0])
        if batching == "per-sample":
            assert int(own.nfe[0]) == int(stats.nfe[example])
    counts.reset()
    loss((dynamics, xs, None), solver, None)
    steps = int(stats.accepted.max())
    # The last stage of a step is the first of the next, and y1 does not depend on it.
    assert counts.read() == (int(stats.calls) + 6 * steps, 6 * steps)


def test_order_and_company_change_nothing():
    inputs = (driven(), jnp.asarray(XS), jnp.asarray(KICKS))
    (_, (ys, stats)), _ = loss(inputs, Solver(rtol=1e-5), None)
    turned = jax.tree.map(lambda x: x[::-1], inputs[1:])
    (_, (again, back)), _ = loss((inputs[0], *turned), Solver(rtol=1e-5), None)
    np.testing.assert_allclose(again[::-1], ys, rtol=1e-12)
    assert back.nfe.tolist()[::-1] == stats.nfe.tolist()


def test_jit_changes_nothing():
    dynamics = driven()
    run = lambda: solve(dynamics, XS, args=jnp.asarray(KICKS), solver=Solver(rtol=1e-5))  # noqa: E731
    with jax.disable_jit():
        plain, counts = run()
    compiled, stats = run()
    np.testing.assert_allclose(plain, compiled, rtol=1e-12)
    assert counts.nfe.tolist() == stats.nfe.tolist()


def test_traced_tolerances_and_closures_have_gradients_and_no_new_trace():
    traces = []

    def end(scale, rtol):
        traces.append(None)
        field = lambda t, y, args: -scale * y  # noqa: E731
        return solve(field, jnp.ones((2, 1)), solver=Solver(rtol=rtol))[0].sum()

    gradient = jax.jit(jax.grad(end))
    for rtol in (1e-4, 1e-8):
        value = gradient(jnp.asarray(1.5), jnp.asarray(rtol))
        assert float(value) == pytest.approx(-2 * np.exp(-1.5), rel=10 * rtol)
    assert len(traces) == 1


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_gradients_of_output_times(batching):
    growth = lambda t, y, args: t * y  # noqa: E731
    solver = Solver(rtol=1e-9, t0=0.5, batching=batching)
    outputs = lambda ts: solve(growth, jnp.ones((2,)), ts=ts, solver=solver)[0].sum()  # noqa: E731
    ts = jnp.array([0.5, 1.0, 2.0])
    exact = np.exp((np.asarray(ts) ** 2 - 0.25) / 2) * np.asarray(ts)
    np.testing.assert_allclose(jax.grad(outputs)(ts), 2 * exact, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "order", "steps"),
    [
        ("Euler", 1, 128),
        ("Heun", 2, 64),
        ("Bosh3", 3, 32),
        ("Tsit5", 5, 32),
        ("Dopri5", 5, 32),
        ("Dopri8", 8, 8),
    ],
)
def test_convergence_orders(name, order, steps):
    # y' = a y cos t for sixteen a: at a single one leading errors may cancel.
    rates = np.linspace(-1.5, 1.5, 16)

    def error(steps):
        dt0 = jnp.asarray(2.0 / steps)
        solver = Solver(getattr(diffrax, name)(), controller="constant", dt0=dt0, t1=2.0)
        field = lambda t, y, rate: rate * y * jnp.cos(t)  # noqa: E731
        ys, _ = solve(field, jnp.ones(16), args=jnp.asarray(rates), solver=solver)
        return np.sqrt(np.mean((np.asarray(ys) - np.exp(rates * np.sin(2.0))) ** 2))

    assert np.log2(error(steps) / error(2 * steps)) == pytest.approx(order, abs=0.3)
