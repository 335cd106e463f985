"""Partial differential equations on grids: derivatives and solutions against closed forms."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import pde
from zoo.errors import ConfigError
from zoo.nn.dense import FeedForward
from zoo.solve import ETDRK2, ETDRK4, Solver, solve

KEY = jax.random.key(0)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def wave(x):
    """A smooth field, odd about 0 and about 1, of period 2."""
    return np.sin(np.pi * x) * np.exp(np.cos(np.pi * x))


def slope(x):
    """Its derivative."""
    return np.pi * np.exp(np.cos(np.pi * x)) * (np.cos(np.pi * x) - np.sin(np.pi * x) ** 2)


def curvature(x):
    """Its second derivative."""
    s, c = np.sin(np.pi * x), np.cos(np.pi * x)
    return np.pi**2 * np.exp(c) * (s**3 - 3 * s * c - s)


def grid_of(points, boundary):
    return pde.Grid((points,), (2.0 if boundary == "periodic" else 1.0,), boundary)


def errors_on(make, points, boundary):
    """The largest errors of the three derivatives: u', (u²/2)' = u u', u''."""
    grid = grid_of(points, boundary)
    x, space = grid.coordinates(0), make(grid)
    u = jnp.asarray(wave(x))[:, None]
    found = (
        space.gradient(u, 0),
        space.gradient(u, 0, of=lambda u: u**2 / 2),
        space.laplacian(u),
    )
    true = slope(x), wave(x) * slope(x), curvature(x)
    pairs = zip(found, true, strict=True)
    return np.array([np.abs(np.asarray(f)[:, 0] - t).max() for f, t in pairs])


@pytest.mark.parametrize("boundary", ["periodic", "dirichlet"])
@pytest.mark.parametrize("order", [2, 4])
def test_differences_are_of_their_order(order, boundary):
    counts = (64, 128) if boundary == "periodic" else (63, 127)
    coarse, fine = (
        errors_on(lambda g: pde.FiniteDifferences(g, order), n, boundary) for n in counts
    )
    np.testing.assert_allclose(np.log2(coarse / fine), order, atol=0.15)


@pytest.mark.parametrize("boundary", ["periodic", "dirichlet"])
def test_spectral_derivatives_are_exact_to_rounding(boundary):
    points = 96 if boundary == "periodic" else 47
    assert errors_on(pde.Spectral, points, boundary).max() < 1e-10


def test_a_rectangle_has_the_derivatives_of_both_axes():
    grid = pde.Grid((16, 24), (2.0, 4.0))
    x, y = np.meshgrid(*map(grid.coordinates, grid.axes), indexing="ij")
    u = np.sin(np.pi * x) * np.cos(np.pi * y)
    fields = jnp.asarray(np.stack([u, 2 * u], axis=-1))
    space = pde.Spectral(grid)
    np.testing.assert_allclose(space.laplacian(fields)[..., 1], -4 * np.pi**2 * u, atol=1e-10)
    along = space.gradient(fields, 1)[..., 0]
    np.testing.assert_allclose(along, -np.pi * np.sin(np.pi * x) * np.sin(np.pi * y), atol=1e-10)
    for term in (pde.Diffusion(0.3), pde.Advection((0.5, -2.0)), pde.Hyperdiffusion(0.1)):
        modes = term.symbol(space) * space.to_modes(fields)
        term_itself = term(0.0, fields, space, None)
        np.testing.assert_allclose(space.from_modes(modes), term_itself, atol=1e-8)
    burgers = pde.BurgersFlux()
    plain = burgers(0.0, fields, space, None)
    np.testing.assert_allclose(
        space.from_modes(burgers.modes(0.0, fields, space, None)), plain, atol=1e-10
    )
    differences = pde.FiniteDifferences(pde.Grid((64, 96), (2.0, 4.0)), 4)
    x, y = np.meshgrid(*map(differences.grid.coordinates, range(2)), indexing="ij")
    u = jnp.asarray(np.sin(np.pi * x) * np.cos(np.pi * y))[..., None]
    np.testing.assert_allclose(differences.laplacian(u), -2 * np.pi**2 * u, atol=1e-3)


MEAN, VISCOSITY = 2.0, 0.3


def cole_hopf(x, t):
    """A solution of Burgers' equation, 0 at 0 and at 1: u = -2ν θ_x/θ, θ_t = ν θ_xx."""
    decayed = np.exp(-VISCOSITY * np.pi**2 * t)
    theta = MEAN + decayed * np.cos(np.pi * x)
    return 2 * VISCOSITY * np.pi * decayed * np.sin(np.pi * x) / theta


def solved(field, u0, **solver):
    """The state at time 1/4, of one example, by small tolerances where nothing else is said."""
    ys, stats = solve(field, u0[None], solver=Solver(t1=0.25, **{"max_steps": 4096, **solver}))
    assert stats.ok.all()
    return np.asarray(ys[0])


@pytest.mark.parametrize("boundary", ["periodic", "dirichlet"])
@pytest.mark.parametrize("order", [2, 4])
def test_burgers_converges_in_space(boundary, order):
    found = []
    for points in (16, 32) if boundary == "periodic" else (15, 31):
        grid = grid_of(points, boundary)
        field = pde.MethodOfLines(
            pde.FiniteDifferences(grid, order), (pde.BurgersFlux(), pde.Diffusion(VISCOSITY))
        )
        x = grid.coordinates(0)
        u = solved(field, jnp.asarray(cole_hopf(x, 0.0)), rtol=1e-9, atol=1e-9, batching="joint")
        found.append(np.abs(u - cole_hopf(x, 0.25)).max())
    assert np.log2(found[0] / found[1]) == pytest.approx(order, abs=0.5)


def test_upwind_flux_is_of_order_one_and_both_conserve():
    rng, found = np.random.default_rng(0), []
    for points in (64, 128):
        grid = grid_of(points, "periodic")
        x, space = grid.coordinates(0), pde.FiniteDifferences(grid)
        rate = pde.BurgersFlux(upwind=True)(0.0, jnp.asarray(wave(x))[:, None], space, None)
        found.append(np.abs(np.asarray(rate)[:, 0] + wave(x) * slope(x)).mean())
    assert np.log2(found[0] / found[1]) == pytest.approx(1, abs=0.2)
    u = jnp.asarray(rng.standard_normal((3, 128, 1)))
    net = FeedForward(6, 1, width=4, depth=1, key=KEY)
    for term in (pde.BurgersFlux(), pde.BurgersFlux(upwind=True), pde.LearnedFlux([net], 3)):
        rate = term(0.0, u, space, None)
        assert float(jnp.abs(rate).max()) > 0.01
        np.testing.assert_allclose(rate.sum(axis=1), 0, atol=1e-10)


@pytest.mark.parametrize(("method", "order"), [(ETDRK2(), 2), (ETDRK4(), 4)])
def test_exponential_methods_converge_in_time(method, order):
    grid = grid_of(32, "periodic")
    x = grid.coordinates(0)
    field = pde.SemilinearMethodOfLines(
        pde.Spectral(grid), (pde.Diffusion(VISCOSITY),), (pde.BurgersFlux(),)
    )
    u0 = jnp.asarray(cole_hopf(x, 0.0))
    errors = [
        np.abs(solved(field, u0, method=method, steps=steps) - cole_hopf(x, 0.25)).max()
        for steps in (8, 16)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.4)
    whole = pde.MethodOfLines(pde.Spectral(grid), (*field.linear_terms, *field.terms))
    np.testing.assert_allclose(field(0.0, u0, None), whole(0.0, u0, None), atol=1e-10)


def test_an_implicit_method_takes_few_steps_of_a_stiff_heat_equation():
    grid = grid_of(31, "dirichlet")
    field = pde.MethodOfLines(pde.FiniteDifferences(grid), (pde.Diffusion(2.0),))
    x = grid.coordinates(0)
    u0 = jnp.asarray(np.sin(np.pi * x) + np.sin(31 * np.pi * x))
    counts = {}
    for method in (diffrax.Kvaerno5(), diffrax.Dopri5()):
        solver = Solver(method, rtol=1e-5, atol=1e-8, t1=0.25, max_steps=4096)
        ys, stats = solve(field, u0[None], solver=solver)
        counts[type(method).__name__] = int(stats.accepted[0])
        rate = 2 * (2 - 2 * np.cos(np.pi / 32)) * 32**2
        np.testing.assert_allclose(ys[0], np.exp(-0.25 * rate) * np.sin(np.pi * x), atol=1e-6)
    assert 10 * counts["Kvaerno5"] < counts["Dopri5"]


def test_a_state_may_be_a_vector_or_a_field_of_several_components():
    grid = pde.Grid((6, 4), (1.0, 1.0))
    terms = (pde.Diffusion(jnp.asarray([0.2, 0.1])), pde.GrayScott(0.04, 0.06))
    field = pde.MethodOfLines(pde.FiniteDifferences(grid), terms)
    u = jax.random.uniform(KEY, (6, 4, 2))
    rate = field(0.0, u, None)
    np.testing.assert_allclose(field(0.0, u.reshape(-1), None), rate.reshape(-1))
    uniform = jnp.broadcast_to(jnp.asarray([0.5, 0.25]), (6, 4, 2))
    eaten = 0.5 * 0.25**2
    expected = [0.04 * 0.5 - eaten, eaten - 0.1 * 0.25]
    np.testing.assert_allclose(field(0.0, uniform, None)[2, 1], expected, atol=1e-12)
    vector = pde.SemilinearMethodOfLines(pde.Spectral(grid), terms[:1], terms[1:], vector=True)
    modes = vector.to_modes(u.reshape(-1))
    np.testing.assert_allclose(vector.from_modes(modes), u.reshape(-1), atol=1e-12)
    with pytest.raises(ConfigError, match="periodic"):
        pde.SemilinearMethodOfLines(pde.Spectral(grid_of(8, "dirichlet")), ())


def test_a_net_sees_its_neighbours_and_what_the_boundary_says():
    u = jnp.asarray([[1.0], [2.0], [3.0]])
    seen = {b: pde.learned.neighbourhoods(u, grid_of(3, b), 2) for b in ("periodic", "dirichlet")}
    assert seen["periodic"][0].tolist() == [2, 3, 1, 2, 3]
    assert seen["dirichlet"][0].tolist() == [-1, 0, 1, 2, 3]
    square = pde.learned.neighbourhoods(
        jnp.arange(12.0).reshape(3, 4, 1), pde.Grid((3, 4), (1, 1)), 1
    )
    assert square.shape == (3, 4, 9) and set(square[1, 1].tolist()) == {0, 1, 2, 4, 5, 6, 8, 9, 10}
