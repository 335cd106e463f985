"""Derivatives of both modes and of second order by the default adjoint, and the way out."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.solve import Solver, solve
from zoo.solve.engine import carry

XS = np.random.RandomState(0).randn(3, 2)
OWN = np.array([[0.2 + 0.1 * i, 0.7, 1.0 + 0.1 * i] for i in range(3)])
AT = np.array([1.0, 0.7, 1.1, -0.3])


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.fixture(params=[lambda f: f, jax.jit], ids=["eager", "jit"])
def jit(request):
    return request.param


def states(at, adjoint="replay", ts=None, **options):
    """The states of a solve whose parameters, initial state, end and start all move."""
    scale, size, end, start = at
    field = lambda t, y, args: scale * args * jnp.sin(3 * y[::-1] + t)  # noqa: E731
    times = {} if ts is not None else {"t1": end}
    if ts is not None:
        ts = jnp.asarray(ts) * end
    solver = Solver(t0=start, adjoint=adjoint, **times, **options)
    return solve(field, size * XS, args=scale * jnp.ones(3), ts=ts, solver=solver)[0]


def loss(at, adjoint="replay"):
    """A number by two parameters, which has second derivatives."""
    ys = states((*at, *AT[2:]), adjoint, method=diffrax.Heun(), rtol=1e-2, max_steps=16)
    return jnp.sum(jnp.sin(ys))


TWO = AT[:2]
SECOND = {
    "grad of grad": lambda f: jax.jacrev(jax.grad(f)),
    "reverse of forward": lambda f: jax.jacrev(jax.jacfwd(f)),
}


@pytest.fixture(scope="module")
def direct():
    """The second derivative, by every way that the sentence promises."""
    with jax.enable_x64(True):
        by = lambda at: loss(at, "direct")  # noqa: E731
        one, other = (jax.jit(ask(by))(TWO) for ask in SECOND.values())
    np.testing.assert_allclose(one, other, rtol=1e-11)
    return one


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ts": OWN, "method": diffrax.Heun()},
        {"rtol": None, "controller": "constant", "dt0": 0.1, "method": diffrax.Euler()},
    ],
    ids=["end", "own times", "equal steps"],
)
def test_forward_mode_is_reverse_mode_to_rounding(monkeypatch, options):
    monkeypatch.setattr(carry, "_FROM", 3)
    monkeypatch.setattr(carry, "_PART", 3)  # the last one goes on without the others
    by = lambda at: states(at, **{"method": diffrax.Bosh3(), "rtol": 1e-3, **options})  # noqa: E731
    forward, reverse = (jax.jit(mode(by))(AT) for mode in (jax.jacfwd, jax.jacrev))
    assert np.abs(reverse).max(axis=(0, 1)).min() > 1e-3
    np.testing.assert_allclose(forward, reverse, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("inner", [jax.grad, jax.jacfwd])
def test_forward_over_either_is_the_hessian_of_direct(jit, inner, direct):
    np.testing.assert_allclose(jit(jax.jacfwd(inner(loss)))(TWO), direct, rtol=1e-10)


@pytest.mark.parametrize("name", SECOND)
def test_a_second_derivative_in_reverse_is_refused_with_the_way_out(jit, name):
    with pytest.raises(zoo.errors.ConfigError, match=r"adjoint='direct'") as told:
        jit(SECOND[name](loss))(TWO)
    assert str(told.value).count(". ") == 0 and "adjoint='replay'" in str(told.value)


def test_a_value_beside_a_gradient_is_refused_with_the_same_sentence():
    value = lambda at: jax.value_and_grad(loss)(at)[0]  # noqa: E731
    with pytest.raises(zoo.errors.ConfigError, match=r"adjoint='direct'"):
        jax.grad(value)(TWO)


def test_batches_scans_and_checkpoints_of_either_mode():
    ats = jnp.stack([TWO, 0.9 * TWO])
    gradient = jax.jit(jax.grad(loss))
    expected = jnp.stack([gradient(at) for at in ats])
    total = lambda ats: jax.vmap(loss)(ats).sum()  # noqa: E731

    def scanned(ats):
        step = jax.checkpoint(lambda sum, at: (sum + loss(at), None))
        return jax.lax.scan(step, 0.0, ats)[0]

    ways = [
        jax.vmap(jax.grad(loss)),
        jax.grad(total),
        jax.vmap(jax.jacfwd(loss)),
        jax.grad(scanned),
        jax.jacfwd(scanned),
    ]
    for way in ways:
        np.testing.assert_allclose(jax.jit(way)(ats), expected, rtol=1e-11)


def test_a_derivative_along_a_direction_is_linear_in_it():
    along = lambda direction: jax.jvp(loss, (TWO,), (direction,))[1]  # noqa: E731
    gradient = jax.jit(jax.grad(along))(np.ones(2))
    np.testing.assert_allclose(gradient, jax.jit(jax.grad(loss))(TWO), rtol=1e-12)


@pytest.mark.parametrize("mode", [jax.jacfwd, jax.jacrev])
def test_a_start_that_moves_with_its_output_changes_nothing(mode):
    field = lambda t, y, args: y  # noqa: E731
    shifted = lambda by: solve(field, XS, ts=by + jnp.asarray([0.0, 1.0]), solver=Solver(t0=by))[0]  # noqa: E731
    np.testing.assert_allclose(mode(shifted)(0.0)[:, 0], 0.0, atol=1e-12)


@pytest.mark.parametrize("mode", [jax.jacfwd, jax.jacrev])
def test_a_failed_example_moves_nothing_but_itself(mode):
    field = lambda t, y, args: y**2  # noqa: E731
    start = jnp.asarray([1.0, 0.5, 3.0])  # 3 / (1 - 3t) has no value at 1, nor has 1 / (1 - t)
    ends = lambda start: jnp.nan_to_num(solve(field, start)[0])  # noqa: E731
    moved = mode(ends)(start)
    assert np.isfinite(moved).all()
    np.testing.assert_allclose(moved, np.diag([0.0, 4.0, 0.0]), rtol=1e-3)


@pytest.mark.parametrize("mode", [jax.jacfwd, jax.jacrev])
def test_joint_batches_have_no_derivative_by_times_of_their_own(mode):
    by = lambda ts: states(AT, method=diffrax.Heun(), ts=ts, batching="joint")  # noqa: E731
    with pytest.raises(zoo.errors.ConfigError, match="batching='per-sample'"):
        mode(by)(jnp.asarray(OWN))
