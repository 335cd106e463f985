"""Exponential and implicit-explicit methods, for dynamics with a diagonal linear part."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.dynamics import AbstractSemilinearDynamics
from zoo.errors import ConfigError, DynamicsError
from zoo.nn.frozen import frozen
from zoo.solve import ETDRK2, ETDRK4, Solver, solve, solver_from_options
from zoo.solve.engine import record
from zoo.solve.engine.phi import doubled, phi

from .differences import check_gradient

SIZE = 32
X = 2 * np.pi * np.arange(SIZE) / SIZE
TS = np.array([1 / 3, 1.0])  # a third of a step for ten equal ones, and for forty


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


class Burgers(AbstractSemilinearDynamics):
    """u_t = -u u_x + ν u_xx on [0, 2π), in its Fourier modes; `args` is added to the right."""

    viscosity: jax.Array
    seen: list | None = eqx.field(static=True, default=None)

    @property
    def wavenumbers(self):
        return jnp.arange(SIZE // 2 + 1).astype(self.viscosity.dtype)

    def linear(self, args):
        return -self.viscosity * self.wavenumbers**2

    def nonlinear(self, t, u, args):
        if self.seen is not None:
            jax.debug.callback(lambda: self.seen.append(None))
        modes = -0.5j * self.wavenumbers * jnp.fft.rfft(u**2)
        return modes if args is None else modes + jnp.fft.rfft(args * jnp.cos(t) * jnp.sin(X) * u)

    def to_modes(self, u):
        return jnp.fft.rfft(u)

    def from_modes(self, modes):
        return jnp.fft.irfft(modes, SIZE)


def burgers(seen=None):
    return Burgers(jnp.asarray(0.6), seen)


MEANS = np.array([[2.5], [4.0]])


def exact(t, viscosity=0.6):
    """By Cole and Hopf: u = -2ν θ_x / θ with θ = mean + exp(-νt) cos x; [B, SIZE]."""
    decayed = np.exp(-viscosity * t)
    return 2 * viscosity * decayed * np.sin(X) / (MEANS + decayed * np.cos(X))


def initial():
    return jnp.asarray(exact(0.0))


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128", "complex64"])
def test_phi_functions_are_exact_to_rounding(dtype):
    sizes = np.concatenate([np.logspace(-12, 1.5, 60), [0.999, 1.001]])
    angles = np.array([np.pi, 0.5 * np.pi, 0.0, 2.0] if "complex" in dtype else [np.pi, 0.0])
    z = (sizes[:, None] * np.exp(1j * angles)).reshape(-1)
    z = z.astype(dtype) if "complex" in dtype else z.real.astype(dtype)
    # Kassam & Trefethen's mean over a circle, on which nothing cancels.
    around = z[:, None].astype(complex) + 2 * np.exp(2j * np.pi * (np.arange(64) + 0.5) / 64)
    one = (np.exp(around) - 1) / around
    two = (one - 1) / around
    true = [np.exp(z.astype(complex)), *(f.mean(axis=1) for f in (one, two, (two - 0.5) / around))]
    eps = float(jnp.finfo(dtype).eps)
    for values in (phi(jnp.asarray(z)), doubled(phi(jnp.asarray(z) / 2))):
        for value, expected in zip(values, true, strict=True):
            assert value.dtype == dtype
            scale = np.maximum(np.abs(expected), 1e-2) * np.maximum(np.abs(z), 1)
            assert np.max(np.abs(value - expected) / scale) < 40 * eps


def test_derivatives_of_phi_functions():
    total = lambda z: sum(jnp.sum(value) for value in phi(z))  # noqa: E731
    z = jnp.array([0.0, 1e-9, -1e-3, 0.4, -0.999999, -1.000001, -3.0, -1e4])
    ours = jax.grad(total)(z)
    around = np.asarray(z)[:, None] + 2 * np.exp(2j * np.pi * (np.arange(64) + 0.5) / 64)
    one = (np.exp(around) - 1) / around
    two = (one - 1) / around
    values = np.exp(around) + one + two + (two - 0.5) / around
    expected = (values / (around - np.asarray(z)[:, None])).mean(axis=1).real
    np.testing.assert_allclose(ours, expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(("method", "order"), [(ETDRK2, 2), (ETDRK4, 4)])
def test_orders_at_the_end_and_between_steps(method, order):
    truth = np.stack([exact(t) for t in TS], axis=1)

    def errors(steps):
        dt0 = jnp.asarray(1.0 / steps)
        ys, stats = solve(burgers(), initial(), solver=Solver(method(), dt0=dt0), ts=TS)
        assert ys.dtype == jnp.float64 and stats.nfe.tolist() == [order * steps] * 2
        return np.abs(np.asarray(ys) - truth).max(axis=(0, 2))

    coarse, fine = errors(10), errors(40)
    # L reaches -154: Dopri5 is stable with 47 steps, which is 282 evaluations.
    assert coarse.max() < {2: 1e-3, 4: 5e-6}[order]
    np.testing.assert_allclose(np.log2(coarse / fine) / 2, order, atol=0.3)


def test_float32_is_solved_in_float32():
    dynamics = Burgers(jnp.asarray(0.6, "float32"))
    for method, bound in ((ETDRK2(), 2e-4), (ETDRK4(), 2e-6)):
        ys, _ = solve(dynamics, initial().astype("float32"), solver=Solver(method, steps=20))
        assert ys.dtype == jnp.float32 and np.abs(np.asarray(ys) - exact(1.0)).max() < bound


@pytest.mark.parametrize(("method", "count"), [(ETDRK2, 20), (ETDRK4, 40)])
def test_nfe_against_a_counting_field(method, count):
    seen: list = []
    solver = Solver(method(), steps=10, batching="joint")
    _, stats = solve(burgers(seen), initial()[:1], solver=solver)
    jax.effects_barrier()
    assert len(seen) == count == int(stats.calls) and stats.nfe.tolist() == [count]


def loss_of(solver, ts):
    weights = jnp.asarray(np.random.RandomState(2).randn(2, len(ts), SIZE))

    @eqx.filter_jit
    @eqx.filter_value_and_grad
    def end(inputs):
        dynamics, y0, args, ts = inputs
        return jnp.sum(weights * solve(dynamics, y0, args=args, solver=solver, ts=ts)[0])

    return end


@pytest.mark.parametrize(("method", "batching"), [(ETDRK2, "joint"), (ETDRK4, "per-sample")])
def test_gradients_against_central_differences(monkeypatch, method, batching):
    if method is ETDRK4:  # states that the record has no room for are made again
        monkeypatch.setattr(record, "_ROOM", 0)
        monkeypatch.setattr(record, "_RING", 3)
        monkeypatch.setattr(record, "_LEAST", 3)
    ts = jnp.array([0.31, 0.8, 1.0])
    end = loss_of(Solver(method(), steps=8, batching=batching), ts)
    check_gradient(end, (burgers(), initial(), jnp.array([0.3, -0.2]), ts))


def test_a_diagonal_of_the_states_own_basis():
    """y' = -rate y + gain y cos t for each component; frozen, its rates get no gradient."""

    class Decay(AbstractSemilinearDynamics):
        rates: jax.Array

        def linear(self, gain):
            return {"a": -self.rates, "b": -2.0}

        def nonlinear(self, t, y, gain):
            return jax.tree.map(lambda x: gain * x * jnp.cos(t), y)

    rates = jnp.array([0.1, 3000.0])
    y0 = {"a": jnp.ones((2, 2)), "b": jnp.ones((2,))}
    gain = jnp.array([1.0, -0.5])

    def end(decay):
        ys, _ = solve(decay, y0, args=gain, solver=Solver(ETDRK4(), steps=20))
        return ys["a"][:, 0].sum(), ys

    (_, ys), gradient = eqx.filter_value_and_grad(end, has_aux=True)(Decay(rates))
    growth = np.exp(np.asarray(gain) * np.sin(1.0))
    np.testing.assert_allclose(ys["a"][:, 0], growth * np.exp(-0.1), rtol=1e-6)
    np.testing.assert_allclose(ys["a"][:, 1], 0, atol=1e-12)
    np.testing.assert_allclose(ys["b"], growth * np.exp(-2.0), rtol=1e-6)
    expected = [-(growth * np.exp(-0.1)).sum(), 0.0]
    np.testing.assert_allclose(gradient.rates, expected, rtol=1e-6, atol=1e-12)
    (_, _), still = eqx.filter_value_and_grad(end, has_aux=True)(frozen(Decay(rates)))
    assert not np.any(still.module.rates)


class KuramotoSivashinsky(AbstractSemilinearDynamics):
    """u_t = -u u_x - u_xx - ν u_xxxx on [0, 22)."""

    viscosity: jax.Array
    size: int = eqx.field(static=True)

    @property
    def wavenumbers(self):
        return 2 * jnp.pi * jnp.arange(self.size // 2 + 1) / 22

    def linear(self, args):
        return self.wavenumbers**2 - self.viscosity * self.wavenumbers**4

    def nonlinear(self, t, u, args):
        return -0.5j * self.wavenumbers * jnp.fft.rfft(u**2)

    def to_modes(self, u):
        return jnp.fft.rfft(u)

    def from_modes(self, modes):
        return jnp.fft.irfft(modes, self.size)


def test_kuramoto_sivashinsky():
    x = 2 * np.pi * np.arange(64) / 64
    u0 = jnp.asarray(np.stack([np.cos(x) * (1 + np.sin(x)), 0.5 * np.sin(2 * x) + 0.1 * np.cos(x)]))
    dynamics = KuramotoSivashinsky(jnp.asarray(1.0), 64)
    explicit = Solver(diffrax.Dopri5(), rtol=1e-8, t1=5.0, max_steps=40_000, batching="joint")
    truth, cost = solve(dynamics, u0, solver=explicit)
    for method, steps, bound in ((ETDRK2(), 100, 2e-3), (ETDRK4(), 50, 1e-5)):
        us, stats = solve(dynamics, u0, solver=Solver(method, steps=steps, t1=5.0))
        assert float(jnp.abs(us - truth).max()) < bound * float(jnp.abs(truth).max())
        assert 100 * int(stats.nfe[0]) < int(cost.nfe[0])


def test_an_implicit_explicit_method_and_its_gradient():
    solver = Solver(diffrax.KenCarp3(), steps=20, batching="joint", adjoint="direct")

    @eqx.filter_jit
    @eqx.filter_value_and_grad
    def end(inputs):
        dynamics, y0 = inputs
        return jnp.sum(solve(dynamics, y0, solver=solver)[0] * jnp.asarray(exact(0.7)))

    assert float(end((burgers(), initial()))[0]) == pytest.approx(
        np.sum(exact(1.0) * exact(0.7)), rel=1e-5
    )
    check_gradient(end, (burgers(), initial()))


def test_another_implicit_explicit_method_whose_steps_adapt():
    solver = Solver(diffrax.Sil3(), rtol=1e-6, adjoint="direct")
    ys, stats = solve(burgers(), initial(), solver=solver)
    np.testing.assert_allclose(ys, exact(1.0), atol=1e-4)
    assert stats.ok.all() and stats.nfe.tolist() == [-1, -1]


def test_the_names_are_enough():
    for name in ("ETDRK2", "ETDRK4", "KenCarp3", "KenCarp5"):
        solver = solver_from_options({"method": name, "steps": 7})
        assert type(solver.method).__name__ == name
        assert solver_from_options(solver.options()) == solver
        assert solver.resolve().adjoint == ("replay" if name[0] == "E" else "recursive")


@pytest.mark.parametrize("method", [ETDRK4(), diffrax.KenCarp3(), diffrax.Sil3()])
def test_other_dynamics_are_refused(method):
    with pytest.raises(DynamicsError, match="AbstractSemilinearDynamics"):
        solve(lambda t, y, args: -y, jnp.ones((2, 1)), solver=Solver(method, steps=5))


class Misfit(Burgers):
    """One that returns the first mode alone."""

    def nonlinear(self, t, u, args):
        return super().nonlinear(t, u, args)[:1]


def test_parts_that_do_not_fit_are_refused_by_name():
    words = r"Misfit \(.*test_semilinear.py:\d+\)(.|\n)*nonlinear\(t, y, args\) = complex128\[1\]"
    with pytest.raises(DynamicsError, match=words):
        solve(Misfit(jnp.asarray(0.6)), initial(), solver=Solver(ETDRK2(), steps=5))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": ETDRK4(), "rtol": 1e-3}, "ETDRK4 takes equal steps"),
        ({"method": ETDRK4(), "adjoint": "recursive", "steps": 5}, "these can: replay"),
        ({"method": diffrax.KenCarp3(), "adjoint": "replay"}, "these can: recursive, direct"),
        ({"method": diffrax.KenCarp3(), "regulariser": lambda *_: 0.0}, "leave the regulariser"),
    ],
)
def test_solvers_that_are_refused(options, words):
    with pytest.raises(ConfigError, match=words):
        Solver(**options)
