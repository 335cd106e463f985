"""Gradients in float64: every adjoint against central differences, times, and what refuses."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.ode import odeint
from jax.flatten_util import ravel_pytree

import zoo
from zoo.errors import ConfigError

pytestmark = pytest.mark.usefixtures("strict_promotion")


def tight() -> zoo.Solver:
    return zoo.Solver(rtol=1e-9, atol=1e-9, max_steps=512)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def net() -> zoo.ODENet:
    dynamics = zoo.dynamics.MLPDynamics(2, width=8, depth=1, key=jax.random.key(0))
    return zoo.ODENet(dynamics, solver=tight())


XS = np.array([[0.3, -0.7], [1.1, 0.4], [-0.5, 0.2]])


@pytest.mark.parametrize(
    ("adjoint", "bound"),
    [
        ("replay", 1e-6),
        ("recursive", 1e-6),
        ("direct", 1e-6),
        ("backsolve", 1e-4),
        ("backsolve-seminorm", 1e-4),
    ],
)
@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_gradient_equals_central_differences(adjoint, bound, batching):
    params, static = eqx.partition(net(), zoo.trainable(net()))
    flat, unravel = ravel_pytree((params, jnp.asarray(XS)))
    solver = zoo.Solver(adjoint=adjoint, batching=batching)

    @jax.jit
    def loss(flat):
        params, xs = unravel(flat)
        ys, _ = eqx.combine(params, static).forward(xs, solver=solver)
        return jnp.sum(jnp.sin(ys) * jnp.arange(1.0, 7.0).reshape(3, 2))

    gradient = jax.grad(loss)(flat)
    for seed in range(3):
        direction = jax.random.normal(jax.random.key(seed), flat.shape)
        h = 1e-4
        difference = (loss(flat + h * direction) - loss(flat - h * direction)) / (2 * h)
        assert gradient @ direction == pytest.approx(float(difference), rel=bound)


def linear_in_time(solver: zoo.Solver) -> jax.Array:
    ys, _ = zoo.solve.solve(lambda t, y, args: t * y, jnp.ones((1,)), solver=solver)
    return ys[0]


@pytest.mark.parametrize("adjoint", ["replay", "recursive", "direct"])
def test_gradients_of_the_times(adjoint):
    def end(t0, t1):
        return linear_in_time(zoo.Solver(t0=t0, t1=t1, adjoint=adjoint).over(tight()))

    value, (dt0, dt1) = jax.value_and_grad(end, (0, 1))(jnp.asarray(0.5), jnp.asarray(2.0))
    assert float(value) == pytest.approx(6.520819, rel=1e-6)
    assert float(dt1) == pytest.approx(13.041638, rel=1e-5)
    assert float(dt0) == pytest.approx(-3.260410, rel=1e-5)


@pytest.mark.parametrize("adjoint", ["backsolve", "backsolve-seminorm"])
@pytest.mark.parametrize("name", ["t0", "t1"])
def test_what_gives_no_gradient_of_a_time_refuses_by_name(adjoint, name):
    def end(t):
        return linear_in_time(zoo.Solver(**{name: t}, adjoint=adjoint).over(tight()))

    with pytest.raises(ConfigError, match=f"{adjoint}.*{name}.*replay, recursive"):
        jax.grad(end)(jnp.asarray(0.5))


def test_stiff_backwards_decay():
    cube = lambda t, y, args: -(y**3)  # noqa: E731

    def end(y0, solver):
        return zoo.solve.solve(cube, y0[None], solver=solver)[0][0]

    value, gradient = jax.value_and_grad(end)(jnp.asarray(10.0), tight())
    assert float(value) == pytest.approx(0.7053456, rel=1e-6)
    assert float(gradient) == pytest.approx(3.50918e-4, rel=1e-3)
    # Backsolve at 1e-6: right within 5 %, or not a number at all; never quietly wrong.
    rough = zoo.Solver(rtol=1e-6, adjoint="backsolve", max_steps=4096)
    back = float(jax.grad(end)(jnp.asarray(10.0), rough))
    assert not np.isfinite(back) or back == pytest.approx(3.50918e-4, rel=0.05)
    model = zoo.ODENet(cube, solver=zoo.Solver(rtol=1e-3))
    error = float(model.reconstruction_error(jnp.asarray([[10.0]]))[0])
    assert not error <= 1e-2


def test_an_implicit_solver_has_gradients_and_backsolve_refuses_it():
    def end(y0, method, **options):
        solver = zoo.Solver(method, rtol=1e-8, **options)
        return zoo.solve.solve(lambda t, y, args: -t * y, y0[None], solver=solver)[0][0]

    gradient = jax.grad(end)(jnp.asarray(2.0), diffrax.Kvaerno5())
    assert float(gradient) == pytest.approx(np.exp(-0.5), rel=1e-6)
    with pytest.raises(ConfigError, match="these can: recursive, direct"):
        end(jnp.asarray(2.0), diffrax.Kvaerno5(), adjoint="backsolve")


def test_same_output_as_the_odeint_of_jax():
    model = net()

    def dynamics(y, t, net):
        w1, b1 = net.layers[0].weight, net.layers[0].bias
        w2, b2 = net.layers[1].weight, net.layers[1].bias
        return w2 @ jnp.tanh(w1 @ jnp.hstack([y, t]) + b1) + b2

    times = jnp.array([0.0, 1.0])
    solve = lambda x: odeint(dynamics, x, times, model.dynamics.net, rtol=1e-9, atol=1e-9)[-1]  # noqa: E731
    expected = jax.vmap(solve)(jnp.asarray(XS))
    np.testing.assert_allclose(model.forward(XS)[0], expected, atol=1e-6)
