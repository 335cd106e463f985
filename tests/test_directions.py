"""Solves backwards, and the gradients of their ends."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.regularisers import kinetic
from zoo.solve import Solver, first, solve

tilt = lambda t, y, args: t * y  # noqa: E731


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize(("adjoint", "batching"), [("replay", "per-sample"), ("direct", "joint")])
def test_a_regulariser_charges_for_the_way_in_both_directions(adjoint, batching):
    solver = Solver(rtol=1e-9, regulariser=kinetic(weight=1.0), adjoint=adjoint, batching=batching)
    there = lambda t, y, args: -y  # noqa: E731
    exact = (1 - np.exp(-2.0)) / 2
    ys, stats = solve(there, jnp.ones((2, 1)), solver=solver)
    np.testing.assert_allclose(stats.penalty, exact, rtol=1e-6)
    back = Solver(t0=1.0, t1=0.0).over(solver)
    _, stats = solve(there, ys, solver=back)
    np.testing.assert_allclose(stats.penalty, exact, rtol=1e-6)
    if batching == "per-sample":
        ts = np.array([[0.5, 1.0], [-0.5, -1.0]])
        _, stats = solve(there, jnp.ones((2, 1)), ts=ts, solver=solver)
        np.testing.assert_allclose(stats.penalty, [exact, (np.exp(2.0) - 1) / 2], rtol=1e-6)


def test_a_regulariser_charges_for_the_part_that_is_controlled():
    field = lambda t, y, args: (jnp.array([1.0, 0.0]), jnp.asarray(10.0))  # noqa: E731
    solver = Solver(regulariser=kinetic(weight=1.0))
    state = (jnp.zeros((1, 2)), jnp.zeros(1))
    _, stats = solve(field, state, solver=solver, error_of=first)
    assert float(stats.penalty[0]) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("adjoint", ["replay"])
def test_a_start_that_is_tied_to_the_first_time_moves_nothing(adjoint):
    def first_value(t0):
        ts = jnp.stack([t0, t0 + 1.0])
        ys, _ = solve(tilt, 3 * jnp.ones(1), ts=ts, solver=Solver(t0=t0, adjoint=adjoint))
        return ys[0, 0]

    assert float(jax.grad(first_value)(1.0)) == pytest.approx(0.0, abs=1e-12)


STRETCHED = [
    (diffrax.Dopri5(), "replay", None, None),
    (diffrax.Dopri5(), "replay", [0.9], 3),
    (diffrax.Euler(), "replay", [0.9], None),
    (diffrax.Heun(), "replay", None, 3),
    (diffrax.Euler(), "direct", [0.9], 3),
]


@pytest.mark.parametrize(("method", "adjoint", "jumps", "times"), STRETCHED, ids=repr)
def test_equal_steps_stretch_with_both_ends(method, adjoint, jumps, times):
    def end(t0, t1):
        solver = Solver(method, steps=5, t0=t0, t1=t1, adjoint=adjoint)
        field = lambda t, y, args: jnp.cos(3 * t) * jnp.sin(y) - y  # noqa: E731
        ts = None if times is None else t0 + jnp.linspace(0.1, 1.0, times) * (t1 - t0)
        ys, _ = solve(field, jnp.array([1.0, 0.5]), ts=ts, solver=solver, jumps=jumps)
        return jnp.sum(ys * jnp.arange(1.0, 1 + ys.size).reshape(ys.shape))

    value = jax.jit(end)
    for backwards in (False, True):
        ends = (0.5, 1.5)[:: -1 if backwards else 1]
        slopes = jax.jit(jax.grad(end, argnums=(0, 1)))(*ends)
        for which in (0, 1):
            h = 1e-6 * np.eye(2)[which]
            difference = (value(*(ends + h)) - value(*(ends - h))) / 2e-6
            assert float(slopes[which]) == pytest.approx(float(difference), rel=1e-6, abs=1e-8)
