"""Dynamics that are driven: what depends on time alone is evaluated for a whole step at once."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import AbstractBatchDynamics, AbstractForcedDynamics
from zoo.solve import Solver, solve

Y0, RATES = np.array([[0.2], [1.0], [-0.5]]), np.array([1.0, 3.0, 9.0])


class Pushed(AbstractForcedDynamics):
    """y' = weight sin(rate t) - y, in two parts."""

    weight: jax.Array

    def forcing(self, t, args):
        return self.weight * jnp.sin(args * t)[:, None]

    def forced(self, t, ys, forcing, args):
        return forcing - ys


class Whole(AbstractBatchDynamics):
    """The same in one."""

    weight: jax.Array

    def batch(self, t, ys, args):
        return self.weight * jnp.sin(args * t)[:, None] - ys


def value_and_gradients(dynamics, **options):
    @eqx.filter_value_and_grad(has_aux=True)
    def loss(inputs):
        dynamics, y0, args = inputs
        ys, stats = solve(dynamics, y0, args=args, solver=Solver(rtol=1e-4, t1=2.0, **options))
        return jnp.sum(ys**2), (ys, stats.nfe)

    return loss((dynamics, jnp.asarray(Y0), jnp.asarray(RATES)))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("batching", ["per-sample", "joint"])
@pytest.mark.parametrize("method", [diffrax.Tsit5(), diffrax.Ralston()], ids=["tsit5", "ralston"])
def test_in_two_parts_it_is_the_same_field(method, batching, frozen):
    wrap = zoo.frozen if frozen else (lambda dynamics: dynamics)
    with jax.enable_x64(True):
        options = {"method": method, "batching": batching}
        got = value_and_gradients(wrap(Pushed(jnp.array(2.0))), **options)
        expected = value_and_gradients(wrap(Whole(jnp.array(2.0))), **options)
        for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dynamics", [Pushed, Whole])
def test_one_evaluation_of_what_drives_serves_a_step(dynamics):
    def run(y0):
        return solve(dynamics(jnp.array(2.0)), y0, args=rates, solver=Solver(diffrax.Tsit5()))[0]

    rates = jnp.asarray(RATES)
    # The first step is chosen by two; a step has six stages after the one that it is given. What
    # drives is traced once more for its shape.
    sines = str(jax.make_jaxpr(run)(jnp.asarray(Y0))).count(" = sin ")
    assert sines == {Pushed: 1 + 2 + 1, Whole: 2 + 6}[dynamics]
