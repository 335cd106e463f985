"""Equilibrium models: their steady state, its gradient, its cost, and the ODE that it ends."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ConfigError, DynamicsError
from zoo.models import EquilibriumCell
from zoo.solve import Outcome, Solver, explain, fixed_point, solve

KEYS = jax.random.split(jax.random.key(0), 4)


def model(**options):
    return zoo.create_model("equilibrium", (3, 2), size=5, **options, key=KEYS[0])


@pytest.fixture(scope="module")
def xs():
    return jax.random.normal(KEYS[1], (6, 3))


@eqx.filter_jit
def forward(net, xs, solver=None):
    return net.forward(xs, solver=solver)


def test_it_is_a_steady_state_and_each_example_stops_by_itself(xs):
    net = model()
    lifted = jax.vmap(net.lift)(xs)
    zs, stats = fixed_point(net.field, jnp.zeros((6, 5)), lifted, rtol=1e-5)
    np.testing.assert_allclose(jax.vmap(net.field)(zs, lifted), zs, atol=1e-4)
    assert stats.ok.all() and len(set(stats.nfe.tolist())) > 1 and (stats.reached == 1).all()
    assert int(stats.calls) == int(stats.nfe.max()) and int(stats.work) == 6 * int(stats.calls)
    for i in range(6):
        alone, cost = fixed_point(net.field, jnp.zeros((1, 5)), lifted[i : i + 1], rtol=1e-5)
        np.testing.assert_allclose(alone[0], zs[i], atol=1e-6)
        assert int(cost.nfe[0]) == int(stats.nfe[i])
    plain = fixed_point(net.field, jnp.zeros((6, 5)), lifted, rtol=1e-5, window=1)[1]
    assert (plain.nfe > stats.nfe).all()


def test_it_is_where_the_ode_of_the_same_field_comes_to_rest(xs):
    net = model()
    lifted = jax.vmap(net.lift)(xs)
    relaxation = lambda t, z, x: net.field(z, x) - z  # noqa: E731
    zs, found = fixed_point(net.field, jnp.zeros((6, 5)), lifted, rtol=1e-5)
    start, long = jnp.zeros((6, 5)), Solver(t1=20.0, rtol=1e-4, max_steps=512)
    ends, solved = solve(relaxation, start, args=lifted, solver=long)
    np.testing.assert_allclose(zs, ends, atol=1e-3)
    assert solved.ok.all() and (solved.nfe > 5 * found.nfe).all()


def test_gradients_are_those_of_central_differences(xs):
    with jax.enable_x64(True):
        net = zoo.create_model(
            "equilibrium", (3, 2), size=4, rtol=1e-11, max_steps=200, key=KEYS[0]
        )
        xs = np.asarray(xs, np.float64)
        arrays, static = eqx.partition((net, xs), eqx.is_inexact_array)

        @jax.jit
        def loss(arrays):
            net, xs = eqx.combine(arrays, static)
            ys, stats = net.forward(xs)
            return jnp.sum(jnp.sin(ys)), stats.ok

        (_, ok), grads = jax.value_and_grad(loss, has_aux=True)(arrays)
        assert ok.all()
        flat, back = jax.flatten_util.ravel_pytree(arrays)
        gradient = jax.flatten_util.ravel_pytree(grads)[0]
        for place in range(0, len(flat), 7):
            step = np.zeros(len(flat))
            step[place] = 1e-6
            ends = [loss(back(flat + sign * step))[0] for sign in (1, -1)]
            np.testing.assert_allclose(gradient[place], (ends[0] - ends[1]) / 2e-6, atol=1e-7)
        # Forward mode too, in a random direction.
        step = jax.random.normal(KEYS[2], flat.shape, flat.dtype)
        _, moved = jax.jvp(lambda flat: loss(back(flat))[0], (flat,), (step,))
        np.testing.assert_allclose(moved, gradient @ step, rtol=1e-6)


class Rotation(eqx.Module):
    """z <- R z + x, whose weight turns by a quarter and stretches by args: unstable above 1."""

    weight: jax.Array

    def __call__(self, z, x):
        turned = jnp.array([-z[1], z[0]]) * self.weight
        return jnp.where(x[0] > 5, jnp.nan, jnp.where(x[0] > 2, jnp.exp(turned**2) + x, turned + x))


def test_a_failed_example_is_told_and_leaves_the_others_alone():
    net = zoo.models.Equilibrium(Rotation(jnp.array(0.5)), 2, max_steps=15)
    healthy = jnp.array([[0.1, 0.2], [0.4, 0.3], [0.2, 0.1], [0.3, -0.2]])
    kept = jnp.array([1.0, 0.0, 1.0, 0.0])[:, None]

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def loss(wanted):
        net, xs = wanted
        ys, stats = net.forward(xs)
        return jnp.sum(jnp.where(kept > 0, ys, 0) ** 2), (ys, stats)

    _, expected = loss((net, healthy))
    (_, (ys, stats)), grads = loss((net, healthy.at[1].set(3.0).at[3].set(6.0)))
    assert stats.ok.tolist() == [True, False, True, False]
    assert stats.result.tolist()[3] == Outcome.NON_FINITE
    assert np.isnan(ys[1]).all() and np.isnan(ys[3]).all() and np.isfinite(ys[0]).all()
    for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(expected), strict=True):
        assert float(np.abs(np.asarray(a) - np.asarray(b)).max()) == 0.0
    turning = zoo.models.Equilibrium(Rotation(jnp.array(1.0)), 2, max_steps=3, window=1)
    _, stats = turning.forward(healthy)
    assert stats.result.tolist() == [Outcome.NOT_CONVERGED] * 4 and (stats.reached < 1).all()
    words = explain(stats)
    assert "4 of 4 solves came to no fixed point" in words and "after 3 iterations" in words
    assert "raise max_steps" in words and "t≈" not in words


def test_it_trains_and_its_tolerance_is_set_from_outside(moons):
    net = zoo.create_model("equilibrium", moons, size=16, key=KEYS[0])
    result = zoo.fit(net, moons, steps=150, optimiser=optax.adam(1e-2))
    told = zoo.evaluate(result.model, moons)
    assert told["accuracy"] > 0.95 and told["failed"] == 0 and 3 < told["nfe"] < 15
    tight = zoo.evaluate(result.model, moons, solver=Solver(rtol=1e-5))
    assert tight["nfe"] > told["nfe"] and tight["accuracy"] == pytest.approx(
        told["accuracy"], abs=0.02
    )
    with pytest.warns(zoo.ZooWarning, match="came to no fixed point"):
        few = zoo.evaluate(result.model, moons, solver=Solver(max_steps=2))
    assert few["failed"] == few["n"]


def test_what_has_no_use_is_refused(xs):
    with pytest.raises(ConfigError, match=r"no use for the solver's method, t1"):
        model().forward(xs, solver=Solver(zoo.solve.method_by_name("Tsit5"), t1=2.0))
    with pytest.raises(ConfigError, match="rtol"):
        model(rtol=2.0)
    with pytest.raises(DynamicsError, match=r"maps float32\[5\] to float32\[2\]"):
        fixed_point(lambda z, x: z[:2], jnp.zeros((6, 5)))
    layer = eqx.nn.Linear(5, 5, use_bias=False, key=KEYS[3])
    bare = zoo.models.Equilibrium(EquilibriumCell(layer, jnp.tanh), 5)
    assert bare(jnp.ones(5)).shape == (5,)  # neither lift nor head
