"""Fields that jump, a largest step, and last times that are repeated."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import MLPDynamics
from zoo.dynamics.counted import CountedDynamics, Counts
from zoo.errors import ConfigError, DataError
from zoo.solve import Solver, solve

KNOTS = np.array([0.3, 0.35, 0.9])
OWN = np.array([[0.3, 0.35, 0.9], [0.2, 0.6, np.inf], [0.9, 0.1, 0.1]])


def pulse(t, y, args):
    return jnp.where((t >= 1) & (t < 2), 1.0, 0.0) + 0 * y


@eqx.filter_jit
def pulsed(solver, jumps=None):
    return solve(pulse, jnp.zeros((2, 1)), solver=solver, jumps=jumps)


@pytest.mark.parametrize(
    ("adjoint", "batching", "options"),
    [
        ("replay", "per-sample", {"rtol": 1e-5}),
        ("replay", "joint", {"steps": 20}),
        ("direct", "joint", {"rtol": 1e-5}),
        ("direct", "per-sample", {"steps": 20}),
    ],
    ids=str,
)
def test_a_pulse_between_two_steps(adjoint, batching, options):
    for t0, t1 in ((0.0, 40.0), (40.0, 0.0), (-3.0, 2.0), (1.0, 2.0)):
        solver = Solver(t0=t0, t1=t1, adjoint=adjoint, batching=batching, **options)
        ys, stats = pulsed(solver.traced(), jnp.array([2.0, 1.0, 99.0]))
        np.testing.assert_allclose(ys, np.sign(t1 - t0), rtol=1e-5)
        assert stats.ok.all() and int(stats.rejected.max()) == 0


def test_a_largest_step_does_not_pass_over_a_pulse():
    missed, stats = pulsed(Solver(t1=40.0, rtol=1e-4, dt0=4.0))
    assert float(missed[0, 0]) == 0.0 and stats.ok.all()  # what the two means are for
    for adjoint in ("replay", "direct"):
        solver = Solver(t1=40.0, rtol=1e-4, dt0=4.0, dtmax=0.5, adjoint=adjoint)
        ys, stats = pulsed(solver)
        assert float(ys[0, 0]) == pytest.approx(1.0, abs=2e-2) and int(stats.accepted[0]) >= 80
    with pytest.raises(ConfigError, match="dtmax"):
        Solver(steps=10, dtmax=0.1)
    assert Solver(steps=10).over(Solver(dtmax=0.1)).resolve().dtmax is None


def test_jumps_that_make_no_sense():
    for jumps in (np.float64(1.0), np.ones((3, 2)), np.array([0.1, np.nan])):
        with pytest.raises(DataError, match="umps"):
            solve(pulse, jnp.zeros(2), jumps=jumps)


@pytest.mark.parametrize("adjoint", ["replay", "direct"])
def test_no_jumps_are_those_of_a_smooth_field(adjoint):
    solver = Solver(t1=0.9, adjoint=adjoint)
    ys, stats = pulsed(solver, np.zeros(0))
    assert stats.ok.all() and ys.tolist() == pulsed(solver)[0].tolist()


class Linear(eqx.Module):
    """dy/dt = net(y) + c(t): c the slope of a piecewise linear control, of each example."""

    net: MLPDynamics

    def __call__(self, t, y, args):
        knots, slopes = args
        piece = jnp.searchsorted(knots, t, side="right")
        return self.net(t, y, None) + slopes[piece] * y


def driven(batch=3, knots=OWN, slope=3.0):
    rng = np.random.RandomState(0)
    net = MLPDynamics(2, width=8, depth=1, time=False, init_scale=3.0, key=jax.random.key(0))
    slopes = jnp.asarray(slope * rng.randn(batch, knots.shape[-1] + 1))
    sorted_knots = jnp.sort(jnp.broadcast_to(jnp.asarray(knots), (batch, knots.shape[-1])), axis=1)
    return Linear(net), jnp.asarray(rng.randn(batch, 2)), (sorted_knots, slopes)


@eqx.filter_jit
@eqx.filter_value_and_grad(has_aux=True)
def loss(inputs, solver, jumps, ts):
    dynamics, y0, (knots, slopes) = inputs
    ys, stats = solve(dynamics, y0, args=(knots, slopes), solver=solver, jumps=jumps, ts=ts)
    return jnp.sum(jnp.sin(ys * jnp.arange(1.0, 1 + ys.size).reshape(ys.shape))), (ys, stats)


@pytest.mark.parametrize(
    ("options", "jumps", "ts"),
    [
        ({"rtol": 1e-11}, OWN, None),
        ({"rtol": 1e-11, "batching": "joint"}, KNOTS, np.array([0.0, 0.35, 1.0])),
        ({"rtol": 1e-11, "t0": 1.0, "t1": 0.0}, OWN, None),
        ({"steps": 40}, OWN, None),
    ],
    ids=str,
)
def test_values_and_gradients_are_those_of_diffrax(options, jumps, ts):
    compare_with_diffrax(options, jumps, ts, 64, 1e-9)


def test_so_they_are_in_single_precision():
    # Of a field that grows less: rounding grows with it.
    compare_with_diffrax({"rtol": 3e-6}, OWN, None, 32, 1e-5, slope=0.5)


def compare_with_diffrax(options, jumps, ts, bits, near, slope=3.0):
    with jax.enable_x64(bits == 64):
        dynamics, y0, args = driven(knots=jumps, slope=slope)
        ts = None if ts is None else jnp.asarray(ts)
        both = []
        for adjoint in ("replay", "recursive"):
            solver = Solver(adjoint=adjoint, **{"max_steps": 2000, **options})
            both.append(loss((dynamics, y0, args), solver, jnp.asarray(jumps), ts))
        ((_, (ours, stats)), mine), ((_, (theirs, others)), expected) = both
        assert stats.ok.all() and others.ok.all()
        np.testing.assert_allclose(ours, theirs, rtol=10 * near)
        pairs = zip(jax.tree.leaves(mine), jax.tree.leaves(expected), strict=True)
        for a, b in pairs:
            np.testing.assert_allclose(a, b, atol=near * float(jnp.abs(b).max()))


def test_a_jump_renews_the_slope_and_every_evaluation_is_counted():
    with jax.enable_x64(True):
        counts = Counts()
        dynamics, y0, args = driven()
        counted = CountedDynamics(dynamics, counts)
        ys, stats = solve(counted, y0, args=args, solver=Solver(rtol=1e-6), jumps=OWN)
        assert counts.read()[0] == int(stats.calls)
        for row in range(3):
            alone = jax.tree.map(lambda x, r=row: x[r : r + 1], (y0, args))
            counts.reset()
            y, own = solve(
                counted, alone[0], args=alone[1], solver=Solver(rtol=1e-6), jumps=OWN[row]
            )
            assert counts.read()[0] == int(own.nfe[0]) == int(stats.nfe[row])
            np.testing.assert_allclose(y[0], ys[row], rtol=1e-12)
        _, blind = solve(dynamics, y0, args=args, solver=Solver(rtol=1e-6))
        assert int(blind.nfe.sum()) > 1.5 * int(stats.nfe.sum())


def test_jumps_keep_the_order_of_a_method():
    with jax.enable_x64(True):
        dynamics, y0, args = driven()

        def run(**options):
            return solve(dynamics, y0, args=args, jumps=OWN, solver=Solver(**options))[0]

        exact = run(rtol=1e-12, max_steps=4096)
        error = lambda n: float(jnp.abs(run(method=diffrax.Bosh3(), steps=n) - exact).max())  # noqa: E731
        assert np.log2(error(32) / error(64)) == pytest.approx(3, abs=0.5)


def test_a_last_time_that_is_repeated_costs_nothing_and_changes_no_bit():
    dynamics = MLPDynamics(2, width=8, depth=1, key=jax.random.key(0))
    y0 = jnp.asarray(np.random.RandomState(0).randn(3, 2), "float32")
    real = np.sort(np.random.RandomState(1).uniform(0, 1, (3, 4)), axis=1)
    padded = np.concatenate([real, np.repeat(real[:, -1:], 5, axis=1)], axis=1)

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def total(dynamics, ts, weights):
        ys, stats = solve(dynamics, y0, ts=ts)
        return jnp.sum(ys * weights[..., None]), (ys, stats)

    weights = jnp.asarray(np.random.RandomState(2).randn(3, 9), "float32")
    (_, (ys, stats)), gradient = total(dynamics, jnp.asarray(padded, "float32"), weights)
    folded = weights[:, :4].at[:, -1].add(weights[:, 4:].sum(axis=1))
    short = jnp.asarray(real, "float32")
    (_, (expected, others)), wanted = total(dynamics, short, folded)
    assert (ys[:, :4] == expected).all() and (ys[:, 4:] == expected[:, -1:]).all()
    assert stats.nfe.tolist() == others.nfe.tolist()
    for a, b in zip(jax.tree.leaves(gradient), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)
