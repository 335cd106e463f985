"""`Stats` of several solves as those of one, and the time up to which each was solved."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.solve import Outcome, Solver, explain, solve, solve_sde, until
from zoo.types import UNKNOWN_NFE


def hole(t, y, at):
    """A field that is not a number from the example's own time on."""
    return jnp.where(t > at, jnp.nan, -y)


def test_two_solves_in_a_row():
    healthy = jnp.full(3, 9.0)
    _, first = solve(hole, jnp.ones(3), args=healthy.at[1].set(0.5), solver=Solver(rtol=1e-2))
    late = Solver(rtol=1e-4, t0=2.0, t1=4.0)
    _, second = solve(hole, jnp.ones(3), args=healthy.at[:2].set(3.0), solver=late)
    both = first.then(second)
    for name in ("accepted", "rejected", "nfe", "calls", "work", "penalty"):
        total = np.asarray(getattr(first, name)) + np.asarray(getattr(second, name))
        np.testing.assert_array_equal(getattr(both, name), total)
    assert both.ok.tolist() == [False, False, True]
    np.testing.assert_allclose(both.time, [3.0, 0.5, 4.0], atol=0.1)
    np.testing.assert_allclose(both.reached, [0.5, 0.5, 1.0], atol=0.05)
    unknown = zoo.Stats.discrete(3, 2).then(solve(hole, jnp.ones(3), args=healthy, solver=Solver(
        diffrax.Kvaerno3(), rtol=1e-2))[1])  # fmt: skip
    assert unknown.nfe.tolist() == [UNKNOWN_NFE] * 3 and unknown.ok.all()


def test_several_solves_for_each_example():
    at = jnp.array([9.0, 9.0, 9.0, 0.5, 9.0, 0.25])
    _, each = solve(hole, jnp.ones(6), args=at, solver=Solver(rtol=1e-2))
    by_two, by_three = each.grouped(2), each.grouped(3)
    assert by_two.ok.tolist() == [True, False, False]
    assert by_three.ok.tolist() == [True, False] and by_three.result[1] == Outcome.NON_FINITE
    np.testing.assert_allclose(by_three.time, [1.0, 0.5], atol=0.1)  # of the first that failed
    np.testing.assert_array_equal(by_two.nfe, np.asarray(each.nfe).reshape(3, 2).sum(axis=1))
    assert int(by_two.work) == int(each.work)
    layers = zoo.Stats.discrete(4, 1).grouped(4)
    assert layers.nfe.tolist() == [4]


ROUTES = {
    "engine": Solver(t0=1.0, t1=3.0),
    "equal": Solver(t0=1.0, t1=3.0, steps=100),
    "joint": Solver(t0=1.0, t1=3.0, batching="joint"),
    "diffrax": Solver(t0=1.0, t1=3.0, adjoint="recursive"),
    "implicit": Solver(diffrax.Kvaerno3(), t0=1.0, t1=3.0),
}


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_tells_the_time(route):
    solver = ROUTES[route]
    _, well = solve(hole, jnp.ones(2), args=jnp.full(2, 9.0), solver=solver)
    np.testing.assert_allclose(well.time, 3.0)
    _, ill = solve(hole, jnp.ones(2), args=jnp.full(2, 1.5), solver=solver)
    assert (np.abs(np.asarray(ill.time) - 1.5) < 0.2).all() and not ill.ok.any()
    np.testing.assert_allclose(ill.time, 1 + 2 * np.asarray(ill.reached), rtol=1e-6)
    back = Solver(t0=3.0, t1=1.0).over(solver)
    _, stats = solve(lambda t, y, a: -y, jnp.ones(2), solver=back)
    np.testing.assert_allclose(stats.time, 1.0)


@pytest.mark.parametrize("adjoint", ["replay", "recursive"])
def test_words_name_the_time_where_ts_decide_the_end(adjoint):
    blow_up = lambda t, y, args: 1 + y**2  # noqa: E731
    solver = Solver(adjoint=adjoint)  # whose own interval, 0 to 1, is not the one solved
    _, stats = solve(blow_up, jnp.zeros(1), ts=jnp.array([1.0, 8.0]), solver=solver)
    assert not stats.ok.any() and "t≈1.57" in explain(stats)
    rows = jnp.array([[0.5, 1.0], [2.0, 8.0]])
    _, stats = solve(blow_up, jnp.zeros(2), ts=rows, solver=solver)
    assert stats.ok.tolist() == [True, False] and "t≈1.57" in explain(stats)
    np.testing.assert_allclose(stats.time[0], 1.0)


def test_the_time_of_an_event_and_of_an_equation_with_noise():
    fall = lambda t, y, args: jnp.stack([y[1], -jnp.ones_like(y[1])])  # noqa: E731
    floor = lambda t, y, args: y[0]  # noqa: E731
    y0 = jnp.array([[0.5, 0.0], [800.0, 0.0]])
    hit, stats = until(fall, y0, floor, direction="down", solver=Solver(t1=5.0, rtol=1e-5))
    assert hit.happened.tolist() == [True, False]
    np.testing.assert_allclose(stats.time, [1.0, 5.0], rtol=1e-4)
    np.testing.assert_array_equal(stats.time, hit.t)
    key = jax.random.key(0)
    for method in (diffrax.Euler(), diffrax.SPaRK()):
        solver = Solver(method, t0=1.0, t1=3.0, steps=8)
        noise = lambda t, y, args: jnp.ones_like(y)  # noqa: E731
        calculus = "ito" if isinstance(method, diffrax.Euler) else "stratonovich"
        options = {"key": key, "calculus": calculus, "solver": solver}
        _, stats = solve_sde(lambda t, y, a: -y, noise, jnp.ones((2, 1)), **options)
        np.testing.assert_allclose(stats.time, 3.0)
