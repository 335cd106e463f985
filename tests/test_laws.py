"""Fields of mechanics and hybrid models, and parameters with a meaning."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import (
    AbstractSemilinearDynamics,
    AbstractSeparableDynamics,
    DissipativeDynamics,
    GrowthDynamics,
    HybridDynamics,
    LagrangianDynamics,
    MLPDynamics,
    NBodyDynamics,
    SeparableHamiltonianDynamics,
    lift,
    without_net,
)
from zoo.models.series import Shooting, Trajectory
from zoo.nn import Bounded, Positive, frozen, physical_parameters
from zoo.objectives.paths import path_error
from zoo.registry import DYNAMICS
from zoo.solve import ETDRK4, Leapfrog, Solver, solve

KEY = jax.random.key(0)
YS = jax.random.normal(jax.random.key(1), (6, 4))
SMALL = {"width": 8, "depth": 1}


@pytest.mark.parametrize("separable", [True, False])
def test_a_hamiltonian_field_is_that_of_its_energy(separable):
    field = DYNAMICS["hamiltonian"].builder(4, separable=separable, key=KEY, **SMALL)
    slopes = jax.vmap(jax.grad(lambda y: field.energy(y[None])[0]))(YS)
    expected = jnp.concatenate([slopes[:, 2:], -slopes[:, :2]], axis=1)
    np.testing.assert_allclose(lift(field)(0.0, YS, None), expected, atol=1e-6)


def test_leapfrog_keeps_a_learned_energy_that_a_net_of_equal_size_loses():
    field = SeparableHamiltonianDynamics(2, **SMALL, init_scale=4.0, key=KEY)
    fitted = fitted_to(field)
    y0 = YS[:, :2]
    leapfrog, plain = Solver(Leapfrog(), steps=2000, t1=100.0), Solver(rtol=1e-4, t1=100.0)
    ts = jnp.linspace(0.0, 100.0, 21)
    kept, _ = solve(field, y0, solver=leapfrog, ts=ts)
    lost, _ = solve(fitted, y0, solver=plain, ts=ts)
    drift = [
        np.abs(jax.vmap(field.energy, 1, 1)(ys) - field.energy(y0)[:, None]).max(axis=0)
        for ys in (kept, lost)
    ]
    assert drift[0].max() < 2e-3  # no growth: of the last times as of the first
    assert drift[1][-5:].max() > 20 * drift[0][-5:].max()


def fitted_to(field):
    """A plain net of as many parameters or more, fitted to the derivatives of a field."""
    x = 2 * jax.random.normal(KEY, (256, 2))
    y = lift(field)(0.0, x, None)
    arrays = {"x": np.asarray(x), "y": np.asarray(y)}
    data = zoo.make_dataset(zoo.RawData(arrays, ("regression",)), standardise=False)
    net = zoo.create_model("mlp", data, key=KEY, width=8, depth=2)
    assert zoo.count_parameters(net) >= zoo.count_parameters(field)
    found = zoo.fit(net, data, steps=800).model
    return lambda t, y, args: found(y)


def test_friction_takes_energy_away_at_the_rate_that_it_says():
    field = DissipativeDynamics(4, **SMALL, damping=0.3, key=KEY)
    slopes = jax.vmap(jax.grad(lambda y: field.energy(y[None])[0]))(YS)
    lost = jnp.sum(slopes * lift(field)(0.0, YS, None), axis=1)
    np.testing.assert_allclose(lost, -0.3 * jnp.sum(slopes[:, 2:] ** 2, axis=1), rtol=1e-4)
    assert (lost < 0).all()
    assert physical_parameters(field) == {
        "damping.0": pytest.approx(0.3),
        "damping.1": pytest.approx(0.3),
    }


class Coupled(LagrangianDynamics):
    """L = ½ ((2 + cos q) v² + q v w + 3 w²) - ½ (q² + r²), of masses that depend on q."""

    def lagrangian(self, qs, vs):
        mass = jnp.stack([2 + jnp.cos(qs[:, 0]), 0.5 * qs[:, 0], jnp.full(len(qs), 3.0)])
        kinetic = (
            mass[0] * vs[:, 0] ** 2 + 2 * mass[1] * vs[:, 0] * vs[:, 1] + mass[2] * vs[:, 1] ** 2
        )
        return 0.5 * kinetic - 0.5 * jnp.sum(qs**2, axis=1)


def test_lagrange_of_a_known_form_has_the_closed_acceleration():
    with jax.enable_x64(True):
        field = Coupled(4, **SMALL, key=KEY)
        ys = jnp.asarray(np.random.default_rng(0).normal(size=(5, 4)))
        (q, r), (v, w) = ys[:, :2].T, ys[:, 2:].T
        # d/dt (M v) = ∂L/∂q with M = [[2 + cos q, q/2], [q/2, 3]].
        forces = np.stack([-q + 0.5 * v**2 * np.sin(q) + 0.5 * v * w, -r - 0.5 * v**2], axis=1)
        forces[:, 0] -= 0.5 * v * w
        mass = np.stack([2 + np.cos(q), q / 2, q / 2, np.full(5, 3.0)], axis=1).reshape(5, 2, 2)
        expected = np.linalg.solve(mass, forces[..., None])[..., 0]
        np.testing.assert_allclose(lift(field)(0.0, ys, None)[:, 2:], expected, rtol=1e-9)


def test_bodies_may_be_renumbered_turned_and_moved():
    with jax.enable_x64(True):
        field = NBodyDynamics(12, **SMALL, equal=False, key=KEY)
        ys = jnp.asarray(np.random.default_rng(0).normal(size=(4, 2, 3, 2)))
        masses = field.masses(3)

        def moved(ys):
            return lift(field)(0.0, ys.reshape(len(ys), 12), None).reshape(ys.shape)

        turn = jnp.array([[0.6, -0.8], [0.8, 0.6]])
        shifted = ys.at[:, 0].add(jnp.array([3.0, -1.0]))
        order = jnp.array([2, 0, 1])
        np.testing.assert_allclose(moved(ys[:, :, order]), moved(ys)[:, :, order], atol=1e-12)
        np.testing.assert_allclose(moved(ys @ turn), moved(ys) @ turn, atol=1e-12)
        np.testing.assert_allclose(moved(shifted), moved(ys), atol=1e-12)
        momentum = jnp.einsum("n,bnd->bd", masses, moved(ys)[:, 1])
        np.testing.assert_allclose(momentum, 0, atol=1e-12)
        assert physical_parameters(field) == {"mass.0": 1.0, "mass.1": 1.0}
    with pytest.raises(zoo.ZooError, match="two bodies or more, 8 channels"):
        NBodyDynamics(4, key=KEY)


def test_a_hybrid_finds_the_term_that_is_missing():
    growth = GrowthDynamics(jnp.array([2 / 3, -1.0]))
    dynamics = HybridDynamics(frozen(growth), MLPDynamics(2, width=16, time=False, key=KEY))
    assert zoo.count_parameters(dynamics) == zoo.count_parameters(dynamics.net)
    data = zoo.load_dataset(
        "lotka_volterra", n=20, length=20, duration=5.0, times="regular", standardise=False
    )
    solver = Solver(rtol=1e-4, batching="joint")
    model = Trajectory(dynamics, 2, shooting=Shooting(4), solver=solver)
    done = zoo.fit(model, data, steps=200, lbfgs_steps=80, keep_best=False)
    found = done.model.dynamics.net
    losses = [row["loss"] for row in done.history.train]
    assert losses[-1] < 0.1 * losses[200]
    ys = jnp.asarray(data.train["x"]).reshape(-1, 2)
    met = ys[:, 0] * ys[:, 1]
    true = jnp.stack([-4 / 3 * met, met], axis=1)
    got = lift(found)(0.0, ys, None)
    assert np.corrcoef(np.ravel(got), np.ravel(true))[0, 1] > 0.99
    assert without_net(dynamics) is dynamics.known and without_net(dynamics.net) is None


def test_parameters_with_a_meaning_stay_in_range_and_are_named():
    class Law(zoo.dynamics.AbstractDynamics):
        rate: Positive
        share: Bounded

        def __call__(self, t, y, args):
            return -self.rate.value * self.share.value * y

    law = Law(Positive(2.0), Bounded([0.1, 0.9], 0.0, 1.0))
    far = jax.tree.map(lambda x: x + 3.0, law)
    assert far.rate.value > 2 and (far.share.value < 1).all() and (far.share.value > 0.5).any()
    expected = {"rate": 2.0, "share.0": 0.1, "share.1": 0.9}
    assert physical_parameters(law) == pytest.approx(expected)
    assert physical_parameters(frozen(law)) == {}
    model = zoo.ODENet(law)
    assert model.physical_parameters() == pytest.approx(expected)
    two = physical_parameters({"a": law, "b": law})
    assert two["a.rate"] == two["b.rate"] == pytest.approx(2.0)
    for wrong in (lambda: Positive(0.0), lambda: Bounded(1.0, 0.0, 1.0), lambda: Bounded(1, 2, 0)):
        with pytest.raises(zoo.ZooError, match="expected finite"):
            wrong()


def test_evaluate_tells_the_parameters_and_the_share_of_the_net():
    data = zoo.load_dataset("lotka_volterra", n=10, length=8, standardise=False)
    known = frozen(GrowthDynamics(jnp.array([0.5, -0.5])))
    net = GrowthDynamics(jnp.array([-0.1, 0.1]))
    model = Trajectory(HybridDynamics(known, net), 2)
    told = zoo.evaluate(model, data)
    assert told["net_share"] == pytest.approx(1 / 6, rel=1e-5)
    assert told["parameters"] == pytest.approx({"rate.0": -0.1, "rate.1": 0.1})
    plain = zoo.evaluate(Trajectory(MLPDynamics(2, key=KEY), 2), data)
    assert {"net_share", "parameters"}.isdisjoint(plain)
    assert told["parameters"].keys() == model.physical_parameters().keys()


def test_paths_are_fitted_in_windows_by_a_symplectic_method():
    """Each window begins at its own time, and the parts of the field stay apart."""
    batch = pushed_paths()
    for solver in (Solver(Leapfrog(), steps=400), Solver(rtol=1e-6)):
        model = Trajectory(Pushed(jnp.array(1.0)), 2, shooting=Shooting(2), solver=solver)
        assert float(fitted(model, batch)) < 1e-6
    etd = Trajectory(Relaxing(), 2, shooting=Shooting(2), solver=Solver(ETDRK4(), steps=100))
    assert float(fitted(etd, pushed_paths(relaxing=True))) < 1e-6
    steep = Trajectory(Pushed(jnp.array(2.0)), 2, shooting=Shooting(2), solver=Solver(rtol=1e-6))
    assert float(fitted(steep, batch)) > 1e-3


class Pushed(AbstractSeparableDynamics):
    """A spring pushed by sin(t): windows at other times see another push."""

    stiffness: jax.Array

    def velocity(self, t, p, args):
        return p

    def force(self, t, q, args):
        return -self.stiffness * q + jnp.sin(3 * t)


class Relaxing(AbstractSemilinearDynamics):
    """dy/dt = -y + sin(3 t), the decay told apart."""

    def linear(self, args):
        return -jnp.ones(2)

    def nonlinear(self, t, y, args):
        return jnp.sin(3 * t) + 0 * y


def pushed_paths(relaxing=False):
    """Two exact paths: q = a cos t + b sin t - sin(3 t) / 8, and of what relaxes."""
    t = np.linspace(0, 4, 9)
    a, b = np.array([[1.0], [0.3]]), np.array([[0.0], [-0.7]])
    q = a * np.cos(t) + b * np.sin(t) - np.sin(3 * t) / 8
    p = -a * np.sin(t) + b * np.cos(t) - 3 * np.cos(3 * t) / 8
    if relaxing:
        q = p = a * np.exp(-t) + (np.sin(3 * t) - 3 * np.cos(3 * t)) / 10
    x = np.stack([q, p], axis=-1).astype(np.float32)
    return {"t": np.stack([t, t]).astype(np.float32), "x": x, "mask": np.ones(x.shape, bool)}


def fitted(model, batch):
    return path_error(model, batch, key=KEY, step=jnp.asarray(0), solver=None)[0].mean()
