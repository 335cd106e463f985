"""What the theory says of any weights, held against the solver."""

import re

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zoo
from zoo.solve import Outcome, explain, solve

XS = jnp.linspace(-2.0, 2.0, 21)[:, None]


@eqx.filter_jit
def run(model, solver):
    return model.forward(XS, solver=solver)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), scale=st.floats(0.1, 4.0))
def test_in_one_dimension_trajectories_never_cross_whatever_the_weights(seed, scale):
    options = {"dynamics_options": {"width": 8, "depth": 1}, "head": False}
    model = zoo.create_model("odenet", (1, 1), key=jax.random.key(seed), **options)
    model = eqx.tree_at(
        lambda m: m.dynamics, model, zoo.nn.dense.scale_parameters(model.dynamics, scale)
    )
    ys, stats = run(model, zoo.Solver(rtol=1e-5, max_steps=1024).over(model.solver).traced())
    assert stats.ok.all()
    # Where the flow squeezes points together the error of the solve is all that is between them.
    assert (np.diff(np.asarray(ys)[:, 0]) > -1e-4 * (1 + np.abs(ys).max())).all()


def test_one_more_dimension_lets_them_pass():
    """y = -x by half a turn, which no field in one dimension can do."""
    turn = lambda t, y, args: jnp.pi * jnp.array([-y[1], y[0]])  # noqa: E731
    ys, _ = run(zoo.ODENet(turn, augment=1), zoo.Solver(rtol=1e-5).traced())
    np.testing.assert_allclose(ys, -XS, atol=1e-3)


@pytest.mark.parametrize("length", [0.5, 3.0])
def test_from_zero_to_one_is_no_loss_of_generality(length):
    made = zoo.create_model("odenet", (2, 2), key=jax.random.key(0))
    xs = jax.random.normal(jax.random.key(1), (6, 2))
    field = lambda t, y, args: made.dynamics(t, y, args)  # noqa: E731
    sped_up = lambda t, y, args: length * made.dynamics(length * t, y, args)  # noqa: E731
    long, _ = solve(field, xs, solver=zoo.Solver(rtol=1e-5, t1=length))
    short, _ = solve(sped_up, xs, solver=zoo.Solver(rtol=1e-5))
    np.testing.assert_allclose(long, short, rtol=1e-4, atol=1e-5)
    steps = zoo.Solver(diffrax.Tsit5(), steps=8)
    equal = [solve(field, xs, solver=zoo.Solver(t1=length).over(steps))[0]]
    equal.append(solve(sped_up, xs, solver=steps)[0])
    np.testing.assert_allclose(*equal, rtol=2e-5, atol=1e-6)


def test_where_a_solution_is_not_unique_a_user_is_told():
    """dy/dt = √|y|: from -1 it comes to 0 at t = 2, and may stay there or leave at any time."""
    root = zoo.ODENet(lambda t, y, args: jnp.sqrt(jnp.abs(y)), solver=zoo.Solver(t1=3.0))
    data = zoo.make_dataset(
        zoo.RawData({"x": -np.ones((10, 1)), "y": np.zeros((10, 1))}, ("regression",)),
        standardise=False,
        split="all",
    )
    with pytest.warns(zoo.ZooWarning, match="is not the ODE's"):
        told = zoo.evaluate(root, data)
    assert told["failed"] == 0 and told["reconstruction_error"] > 1e-2
    assert float(root(jnp.zeros(1))[0]) == 0.0  # one of the solutions, and the solver's


def test_where_a_solution_ends_a_user_is_told():
    """dy/dt = y² from 1 is 1/(1 - t), and there is nothing at t = 1."""
    ys, stats = solve(lambda t, y, args: y**2, jnp.array([1.0, 0.4]), solver=zoo.Solver(t1=2.0))
    assert np.isnan(ys[0]) and float(ys[1]) == pytest.approx(0.4 / (1 - 0.8), rel=1e-2)
    assert stats.result.tolist() == [Outcome.GREW, Outcome.SUCCESS]
    words = explain(stats, 0.0, 2.0)
    assert "1 of 2 solves grew past any bound (examples 0" in words
    assert re.search(r"t≈(0\.99|1\.0)", words)


def test_input_and_output_are_of_one_size_or_a_head_makes_them_so():
    with pytest.raises(zoo.ZooError, match=r"the output has length 3, and 4 is wanted"):
        zoo.create_model("odenet", (3, 4), head=False, key=jax.random.key(0))
    made = zoo.create_model("odenet", (3, 4), key=jax.random.key(0))
    assert made(jnp.zeros(3)).shape == (4,)
    trained = zoo.create_model("resnet", (3, 3), head=False, key=jax.random.key(0))
    assert trained(jnp.zeros(3)).shape == (3,)  # wherever a residual net can be
