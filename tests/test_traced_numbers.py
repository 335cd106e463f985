"""What a solve refuses outside of a transformation it does not take inside one; late times."""

import warnings

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.errors import ConfigError, DataError, ZooWarning
from zoo.solve import Outcome, Solver, explain, solve

decay = lambda t, y, args: -y  # noqa: E731
ONE = jnp.ones((1,))
ADJOINTS = ("replay", "direct")
BOTH = [("replay", "per-sample"), ("direct", "joint")]


def solved(**options):
    solver = Solver(**options)
    return lambda ts: solve(decay, ONE, ts=ts, solver=solver)


@pytest.mark.parametrize(("adjoint", "batching"), BOTH)
def test_times_that_turn_back_are_not_solved(adjoint, batching):
    run = jax.jit(solved(adjoint=adjoint, batching=batching))
    for ts in ([1.0, 0.0, 0.5], [-1.0, 1.0, 2.0], [0.1, np.nan, 1.0], [0.5, 0.7, 0.0]):
        with pytest.raises(DataError):
            solved(adjoint=adjoint, batching=batching)(np.array(ts))
        ys, stats = run(jnp.asarray(ts))
        assert np.isnan(ys).all() and stats.result.tolist() == [Outcome.INVALID]
        assert float(stats.reached[0]) in (0.0, 1.0)
        assert "run one way" in explain(stats, 0.0, 1.0)
    ys, stats = run(jnp.array([0.1, 0.5, 1.0]))
    np.testing.assert_allclose(ys[0], np.exp([-0.1, -0.5, -1.0]), rtol=1e-2)


def test_one_row_of_times_that_turns_back_leaves_the_others_alone():
    run = jax.jit(lambda ts: solve(decay, jnp.ones(2), ts=ts))
    ys, stats = run(jnp.array([[0.5, 0.2, 1.0], [0.2, 0.5, 1.0]]))
    assert stats.result.tolist() == [Outcome.INVALID, Outcome.SUCCESS]
    assert np.isnan(ys[0]).all() and np.isfinite(ys[1]).all()
    gradient = jax.grad(lambda ts: jnp.nansum(run(ts)[0]))(
        jnp.array([[0.5, 0.2, 1], [0.2, 0.5, 1]])
    )
    np.testing.assert_allclose(gradient[1], -np.exp([-0.2, -0.5, -1.0]), rtol=1e-2)


NONSENSE = [
    ({}, "rtol", -1e-3),
    ({}, "rtol", 5.0),
    ({}, "atol", 0.0),
    ({}, "dtmax", -1.0),
    ({"method": diffrax.Euler()}, "dt0", -0.1),
    ({"method": diffrax.Euler()}, "dt0", np.nan),
    ({}, "stretch", 0.0),
    ({}, "t1", np.inf),
]


@pytest.mark.parametrize(("options", "name", "value"), NONSENSE, ids=str)
def test_numbers_that_make_no_sense(options, name, value):
    with pytest.raises(ConfigError, match=name):
        Solver(**options, **{name: jnp.asarray(value)})

    def run(x, adjoint="replay"):
        return solve(decay, ONE, solver=Solver(adjoint=adjoint, **options, **{name: x}))

    # Diffrax's loop is given an interval of length zero, whichever number it is.
    for adjoint in ADJOINTS if name in ("t1", "dt0") else ("replay",):
        ys, stats = jax.jit(run, static_argnums=1)(value, adjoint)
        assert np.isnan(ys).all() and stats.result.tolist() == [Outcome.INVALID]
    ys = jax.vmap(lambda x: run(x)[0])(jnp.array([value, 0.5]))
    assert np.isnan(ys[0]) and np.isfinite(ys[1])


def test_rows_of_times_in_both_directions_share_no_steps():
    ts = np.array([[0.5, 1.0], [-0.5, -1.0]])
    with pytest.raises(DataError, match="both directions"):
        solve(decay, jnp.ones(2), ts=ts, solver=Solver(batching="joint"))
    run = jax.jit(lambda ts: solve(decay, jnp.ones(2), ts=ts, solver=Solver(batching="joint")))
    assert run(jnp.asarray(ts))[1].result.tolist() == [Outcome.INVALID] * 2
    ys, _ = solve(decay, jnp.ones(2), ts=ts, solver=Solver(rtol=1e-5))
    np.testing.assert_allclose(ys, np.exp(-ts), rtol=1e-4)


def test_an_interval_that_comes_back_to_its_start_is_refused():
    with pytest.raises(DataError, match="one way"):
        solve(decay, ONE, ts=np.array([1.0, 0.0]))


@pytest.mark.parametrize("adjoint", ADJOINTS)
def test_ends_may_be_traced(adjoint):
    end = lambda t1: solve(decay, ONE, solver=Solver(t1=t1, rtol=1e-5, adjoint=adjoint))[0][0]  # noqa: E731
    start = lambda t0: solve(decay, ONE, solver=Solver(t0=t0, rtol=1e-5, adjoint=adjoint))[0][0]  # noqa: E731
    t1 = jnp.array([0.5, 2.0])
    if adjoint == "replay":
        np.testing.assert_allclose(jax.vmap(end)(t1), np.exp(-t1), rtol=1e-4)
    assert float(jax.jit(jax.grad(end))(2.0)) == pytest.approx(-np.exp(-2.0), rel=1e-3)
    assert float(jax.jit(jax.grad(start))(0.5)) == pytest.approx(np.exp(-0.5), rel=1e-3)


@pytest.mark.parametrize(("adjoint", "batching"), BOTH)
def test_late_times_lose_nothing(adjoint, batching):
    options = {"adjoint": adjoint, "batching": batching}
    quick = lambda t, y, args: -y / 0.02  # noqa: E731
    solver = Solver(t0=738000.0, t1=738000.02, rtol=1e-5, **options)
    ys, stats = solve(quick, ONE, solver=solver)
    assert float(ys[0]) == pytest.approx(np.exp(-1.0), rel=1e-4) and int(stats.accepted[0]) > 2
    ts = np.linspace(738000.0, 738000.02, 5)
    ys, _ = solve(quick, ONE, ts=ts, solver=Solver(t0=738000.0, rtol=1e-5, **options))
    np.testing.assert_allclose(ys[0], np.exp(-np.linspace(0, 1, 5)), rtol=1e-4)
    slow = lambda t, y, args: -y / 100  # noqa: E731
    late = Solver(t0=1.6e9, t1=1.6e9 + 600, steps=10, **options)
    early, _ = solve(slow, ONE, solver=Solver(t1=600.0, steps=10, **options))
    for given in (late, late.traced()):
        ys, stats = solve(slow, ONE, solver=given)
        assert stats.accepted.tolist() == [10]
        np.testing.assert_allclose(ys, early, rtol=1e-6)


def test_a_field_of_late_times_is_warned_of_and_another_is_not():
    late = Solver(t0=738000.0, t1=738000.02, rtol=1e-3)
    for run in (solve, eqx.filter_jit(solve)):
        with pytest.warns(ZooWarning, match="looks at the time"):
            run(lambda t, y, args: jnp.cos(t) * y, ONE, solver=late)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solve(decay, ONE, solver=late)
        solve(lambda t, y, args: t * y, ONE, solver=Solver(t0=738000.0, t1=738010.0, max_steps=4))


def test_times_of_single_precision_begin_where_the_solver_does():
    ys, _ = solve(decay, ONE, ts=jnp.array([0.7, 1.7]), solver=Solver(t0=0.7, rtol=1e-5))
    np.testing.assert_allclose(ys[0], [1.0, np.exp(-1.0)], rtol=1e-4)
    with jax.enable_x64(True):
        ys, _ = solve(decay, ONE, ts=jnp.array([0.7, 1.7], "float32"), solver=Solver(t0=0.7))
    assert float(ys[0, 0]) == 1.0


def test_the_interval_stretches():
    solver = Solver(t0=1.0, t1=3.0, rtol=1e-5)
    end = lambda s: solve(decay, ONE, solver=Solver(stretch=s).over(solver))[0][0]  # noqa: E731
    assert float(end(0.5)) == pytest.approx(np.exp(-1.0), rel=1e-4)
    value, slope = jax.jit(jax.value_and_grad(end))(1.5)
    assert float(value) == pytest.approx(np.exp(-3.0), rel=1e-4)
    assert float(slope) == pytest.approx(-2 * np.exp(-3.0), rel=1e-3)
    ys, _ = solve(decay, ONE, ts=np.array([2.0, 3.0]), solver=Solver(stretch=0.1).over(solver))
    np.testing.assert_allclose(ys[0], np.exp([-1.0, -2.0]), rtol=1e-4)
