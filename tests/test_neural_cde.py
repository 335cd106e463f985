"""Neural CDEs beside Diffrax on the same control, and beside what is known exactly."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.linalg import expm

import zoo
from zoo.controls import Hermite, Linear
from zoo.dynamics import ControlledDynamics, MatrixField
from zoo.models import NeuralCDE, Series
from zoo.nn import Affine
from zoo.solve import Solver

KEY = jax.random.key(0)
B, T = 3, 7
HIDDEN, CHANNELS = 4, 3


def irregular(seed=0):
    """Series that begin and end at times of their own, all observed."""
    rng = np.random.RandomState(seed)
    t = np.cumsum(rng.uniform(0.05, 0.3, (B, T)), axis=1)
    return Series.of({"t": t, "x": rng.randn(B, T, CHANNELS - 1)})


def model_along(control, *, stops=True, **solver):
    field, first, last = jax.random.split(KEY, 3)
    return NeuralCDE(
        ControlledDynamics(MatrixField(HIDDEN, CHANNELS, width=8, key=field)),
        control,
        initial=Affine(CHANNELS, HIDDEN, key=first),
        head=Affine(HIDDEN, 2, key=last),
        solver=Solver(diffrax.Tsit5(), max_steps=4096, **solver),
        stops=stops,
    )


def by_diffrax(model, xs):
    """As Diffrax's example does, one series after the other; steps end at the knots."""

    def one(t, x):
        values = jnp.concatenate([t[:, None], x], axis=-1)
        if isinstance(model.control, Linear):
            path = diffrax.LinearInterpolation(t, values)
        else:
            path = diffrax.CubicInterpolation(t, diffrax.backward_hermite_coefficients(t, values))
        field = lambda s, z, args: model.dynamics.field(z[None])[0]  # noqa: E731
        steps = diffrax.PIDController(rtol=1e-10, atol=1e-10)
        steps = diffrax.ClipStepSizeController(steps, jump_ts=t[1:-1])
        solution = diffrax.diffeqsolve(
            diffrax.ControlTerm(field, path).to_ode(),
            diffrax.Tsit5(),
            t[0],
            t[-1],
            None,
            model.initial(values[0]),
            stepsize_controller=steps,
            max_steps=4096,
        )
        return model.head(solution.ys[-1])

    return jax.vmap(one)(xs.since_start, xs.x)


@pytest.mark.parametrize("control", [Hermite(T), Linear(T)], ids=["hermite", "linear"])
def test_values_and_gradients_are_those_of_diffrax(control):
    with jax.enable_x64(True):
        model, xs = model_along(control, rtol=1e-10), irregular()

        @eqx.filter_jit
        @eqx.filter_value_and_grad(has_aux=True)
        def loss(model, forward):
            ys = forward(model, xs)
            return jnp.sum(ys**2), ys

        (_, ours), gradient = loss(model, lambda model, xs: model.forward(xs)[0])
        (_, theirs), expected = loss(model, by_diffrax)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        pairs = zip(jax.tree.leaves(gradient), jax.tree.leaves(expected), strict=True)
        for a, b in pairs:
            np.testing.assert_allclose(a, b, atol=1e-6 * float(jnp.abs(b).max()))


class Matrices(eqx.Module):
    """f(z) = (0, A z, 0): a linear field of the first observed channel alone."""

    a: jax.Array

    def __call__(self, zs):
        column = zs @ self.a.T
        return jnp.stack([0 * column, column, 0 * column], axis=-1)


@pytest.mark.parametrize("name", zoo.list_controls())
def test_a_linear_field_has_the_exact_solution(name):
    # dz = A z dX: z = exp(A (X(end) - X(0))) z0, whatever the way of X between.
    with jax.enable_x64(True):
        options = {"depth": 1} if name == "log_ode" else {}
        control = zoo.registry.CONTROLS[name].builder(T, **options)
        model = model_along(control, rtol=1e-9)
        a = jax.random.normal(KEY, (HIDDEN, HIDDEN)) / 2
        model = eqx.tree_at(lambda m: (m.dynamics.field, m.head), model, (Matrices(a), lambda z: z))
        xs = irregular()
        ys, stats = model.forward(xs)
        start = model.initial(jnp.concatenate([jnp.zeros((B, 1)), xs.x[:, 0]], axis=-1))
        moved = xs.x[:, -1, 0] - xs.x[:, 0, 0]
        exact = jax.vmap(lambda m, z: expm(a * m) @ z)(moved, start)
        assert stats.ok.all()
        np.testing.assert_allclose(ys, exact, rtol=1e-6)


def test_a_spline_is_solved_to_its_tolerance_where_steps_end_at_its_knots():
    with jax.enable_x64(True):
        xs = irregular()
        exact = model_along(Hermite(T), rtol=1e-11).forward(xs)[0]
        errors = {}
        for stops in (True, False):
            model = model_along(Hermite(T), stops=stops, rtol=1e-4)
            errors[stops] = float(jnp.abs(model.forward(xs)[0] - exact).max())
        assert errors[True] < 1e-4 and errors[True] < errors[False] / 3


def test_a_series_of_one_observation_is_read_where_it_starts():
    for name in ("hermite", "rectilinear"):
        sizes = {"length": 4, "channels": 2, "out_size": 3}
        model = zoo.create_model("neural_cde", sizes, control=name, hidden=4, width=4, key=KEY)
        x = np.ones((2, 3, 2), np.float32)
        mask = np.array([[1, 0, 0], [1, 1, 1]], bool)
        t = np.array([[0, 0, 0], [0, 1, 2]], np.float32)
        ys, stats = model.forward(Series.of({"t": t, "x": x, "mask": mask}))
        assert stats.ok.all() and jnp.isfinite(ys).all()
        xs = Series.of({"t": t, "x": x, "mask": mask})
        path = model.control.path(xs.since_start, xs.x, xs.mask)
        np.testing.assert_allclose(ys[0], model.head(model.initial(path.start))[0], rtol=1e-6)


def test_what_cannot_be_asked_of_a_control_is_refused():
    sizes = {"length": T, "channels": 2, "out_size": 2, "path_size": 2}
    with pytest.raises(zoo.ZooError, match="rectilinear"):
        zoo.create_model("neural_cde", sizes, control="hermite", key=KEY)
    assert zoo.create_model("neural_cde", sizes, key=KEY).control.causal
    with pytest.raises(zoo.ZooError, match="smooth"):
        sizes = {"length": T, "channels": 2, "out_size": 2}
        zoo.create_model("neural_cde", sizes, control="linear", stops=False, key=KEY)
