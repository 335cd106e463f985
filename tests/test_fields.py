"""Data sets of fields: they solve their equations, and learned closures start as plain schemes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.datasets.physics.fields import burgers, kuramoto_sivashinsky, reaction_diffusion, solution
from zoo.dynamics import pde
from zoo.errors import ConfigError
from zoo.registry import DATASETS, DYNAMICS

KEY = jax.random.key(0)


def made(name, **options):
    """Times [T] and values [N, T, D] of a data set as its builder makes them."""
    arrays = DATASETS[name].builder(**options).inputs.arrays
    return arrays["t"][0], arrays["x"]


@pytest.mark.parametrize("boundary", ["periodic", "dirichlet"])
def test_heat_is_the_solution_of_its_equation(boundary):
    t, x = made("heat", n=2, points=31, length=3, duration=0.2, viscosity=0.05, boundary=boundary)
    with jax.enable_x64(True):
        space = pde.Spectral(pde.Grid((31,), (1.0,), boundary))
        field = pde.MethodOfLines(space, (pde.Diffusion(0.05),))
        solver = zoo.solve.Solver(rtol=1e-8, atol=1e-9, batching="joint", max_steps=2000)
        found, _ = zoo.solve.solve(field, jnp.asarray(x[:, 0]), ts=jnp.asarray(t), solver=solver)
    np.testing.assert_allclose(found, x, atol=1e-6)
    noisy = made("heat", n=2, points=31, length=3, noise=0.1, boundary=boundary)[1]
    assert np.std(noisy - made("heat", n=2, points=31, length=3, boundary=boundary)[1]) > 0.05


def test_burgers_data_solve_the_equation_and_keep_their_sum():
    # By Cole and Hopf: u = -2ν θ_x/θ, θ = 2 + exp(-νk²t) cos kx.
    k, nu, x = 2 * np.pi, 0.05, np.arange(64) / 64

    def exact(t):
        decayed = np.exp(-nu * k**2 * t)
        return 2 * nu * k * decayed * np.sin(k * x) / (2 + decayed * np.cos(k * x))

    field = pde.SemilinearMethodOfLines(
        pde.Spectral(pde.Grid((64,), (1.0,))), (pde.Diffusion(nu),), (pde.BurgersFlux(),)
    )
    found = solution(field, exact(0.0)[None], np.array([0.0, 0.25, 0.5]), step=1 / 256)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found[0, 2], exact(0.5), atol=1e-9)
    small = {"n": 3, "length": 3, "duration": 0.2, "points": 16, "viscosity": 0.02}
    coarse = made("burgers", fine=64, **small)[1]
    finer = made("burgers", fine=64, **{**small, "points": 32})[1]
    assert coarse.shape == (3, 3, 16) and np.ptp(coarse.sum(axis=-1)) < 1e-12
    np.testing.assert_allclose(finer.reshape(3, 3, 16, 2).mean(axis=-1), coarse, atol=1e-12)
    with pytest.raises(ConfigError, match="divisor of 64"):
        burgers.burgers(fine=64, points=48)
    with pytest.raises(ConfigError, match="does not resolve"):
        made("burgers", fine=64, **{**small, "viscosity": 1e-3})


def test_kuramoto_sivashinsky_is_a_flow_whose_steps_are_small_enough(monkeypatch):
    small = {"n": 2, "length": 3, "duration": 2.0, "points": 16, "fine": 32, "period": 12.0}
    monkeypatch.setattr(kuramoto_sivashinsky, "SETTLED", 4.0)
    x = made("kuramoto_sivashinsky", **small)[1]
    monkeypatch.setattr(kuramoto_sivashinsky, "STEP", kuramoto_sivashinsky.STEP / 2)
    np.testing.assert_allclose(made("kuramoto_sivashinsky", **small)[1], x, atol=1e-3)
    assert x.std() > 0.1 and np.abs(x.sum(axis=-1)).max() < 1e-9


def test_gray_and_scott_steps_are_small_enough(monkeypatch):
    small = {"n": 1, "length": 2, "duration": 20.0, "points": 4, "fine": 24, "width": 0.25}
    x = made("reaction_diffusion", **small)[1]
    assert x.shape == (1, 2, 32) and (x > -0.01).all() and (x < 1.01).all()
    assert np.abs(x[:, 1] - x[:, 0]).max() > 0.05
    monkeypatch.setattr(reaction_diffusion, "STEP", 0.5)
    np.testing.assert_allclose(made("reaction_diffusion", **small)[1], x, atol=1e-5)


@pytest.mark.parametrize("equation", pde.EQUATIONS)
def test_a_closure_without_its_net_is_the_plain_scheme(equation):
    u = jax.random.normal(KEY, (3, 16))
    options = {"equation": equation, "viscosity": 0.1, "order": 4, "length": 2.0}
    plain = DYNAMICS["learned_closure"].builder(16, **options, init_scale=0.0, key=KEY)
    space = pde.FiniteDifferences(pde.Grid((16,), (2.0,)), 4)
    known = pde.MethodOfLines(space, pde.EQUATIONS[equation](0.1, False))
    assert (plain.batch(0.0, u, None) == known.batch(0.0, u, None)).all()
    for conserve in (True, False):
        closed = DYNAMICS["learned_closure"].builder(16, **options, conserve=conserve, key=KEY)
        change = closed.batch(0.0, u, None) - plain.batch(0.0, u, None)
        assert float(jnp.abs(change).max()) > 1e-3
        assert (float(jnp.abs(change.sum(axis=1)).max()) < 1e-3) == conserve
        moved = closed.batch(0.0, jnp.roll(u, 5, axis=1), None)  # the same law everywhere
        np.testing.assert_allclose(
            moved, jnp.roll(closed.batch(0.0, u, None), 5, axis=1), rtol=1e-3, atol=2e-3
        )
    arrays = jax.tree.leaves(zoo.nn.dense.scale_parameters(plain, 1.0))
    assert all(leaf.dtype == jnp.float32 for leaf in arrays if hasattr(leaf, "dtype"))
