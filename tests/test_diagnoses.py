"""What is said of a solve that failed, by the right name and with a way out that works; and of an
example whose solution is finite and whose gradient is not."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import TrainingDivergedError, ZooWarning
from zoo.solve import Outcome, Solver, explain, solve


def robertson(t, y, args):
    slow, quick, middle = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
    return jnp.stack([middle - slow, slow - middle - quick, quick])


AT_40 = (0.7158271, 9.18553e-6, 0.2841637)
IMPLICIT = Solver(diffrax.Kvaerno5(), rtol=1e-4, atol=1e-8, t1=40.0)


def robertson_by(solver):
    ys, stats = solve(robertson, jnp.array([[1.0, 0.0, 0.0]]), solver=solver)
    return ys[0], int(stats.result[0]), stats, explain(stats, 0.0, 40.0)


def test_an_implicit_method_that_ran_out_of_attempts_says_so():
    _, result, _, words = robertson_by(Solver(max_steps=16).over(IMPLICIT))
    assert result == Outcome.MAX_STEPS_IMPLICIT and "max_steps" in words
    assert "Kvaerno" not in words and "about" not in words  # of so short a way there is no pace
    ys, result, _, words = robertson_by(Solver(max_steps=256).over(IMPLICIT))
    assert result == Outcome.SUCCESS and not words
    np.testing.assert_allclose(ys, AT_40, rtol=2e-3)


def test_an_explicit_method_on_the_same():
    _, result, _, words = robertson_by(Solver(t1=40.0))
    assert result in (Outcome.NON_FINITE, Outcome.GREW) and "atol" in words
    _, result, _, words = robertson_by(Solver(rtol=1e-3, atol=1e-8, t1=40.0))
    assert result == Outcome.STIFF and "Kvaerno5" in words


@pytest.mark.parametrize("method", [diffrax.Kvaerno5(), diffrax.ImplicitEuler()], ids=repr)
def test_implicit_methods_take_equal_steps(method):
    fast = lambda t, y, args: 50 * (jnp.cos(t) - y)  # noqa: E731
    ys, stats = solve(fast, jnp.zeros(2), solver=Solver(method, steps=40))
    exact = 50 / 2501 * (50 * np.cos(1.0) + np.sin(1.0))
    np.testing.assert_allclose(ys, exact, rtol=2e-2)
    assert stats.ok.all() and stats.accepted.tolist() == [40, 40]
    _, stats = solve(robertson, jnp.array([[1.0, 0, 0]]), solver=Solver(method, steps=10, t1=40.0))
    words = explain(stats, 0.0, 40.0)
    assert int(stats.result[0]) == Outcome.IMPLICIT_FAILED and "rtol" in words


def test_words_of_a_pulse_name_the_means():
    for outcome in (Outcome.STEP_UNDERFLOW, Outcome.MAX_STEPS):
        _, remedy = zoo.solve.words_of(outcome)
        assert "jumps=" in remedy


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


def norm_of(y):
    return jnp.sqrt(jnp.sum(y**2))


ROWS = np.array([[0.0, 0.0], [3.0, 4.0]])


@pytest.mark.parametrize("at", [None, np.array([0.5, 1.0])], ids=["end", "times"])
def test_a_root_at_zero_is_kept_out_of_the_others_gradient(float64, at):
    def end(a, y0, probe):
        field = lambda t, y, args: -a * y * norm_of(y)  # noqa: E731
        ys, _ = solve(field, y0, ts=at, solver=Solver(rtol=1e-9, probe=probe))
        return ys if at is None else ys[:, -1]

    second = jax.jit(jax.grad(lambda *inputs: end(*inputs)[1].sum(), argnums=(0, 1)))
    a, y0 = second(1.0, jnp.asarray(ROWS), None)
    assert float(a) == pytest.approx(-35 / 36, rel=1e-7) and y0[0].tolist() == [0, 0]
    both = jax.jit(jax.grad(lambda *inputs: end(*inputs).sum(), argnums=(0, 1, 2)))
    a, y0, left_out = both(1.0, jnp.asarray(ROWS), jnp.zeros(2))
    assert float(a) == pytest.approx(-35 / 36, rel=1e-7) and np.isfinite(y0).all()
    assert left_out.tolist() == [1.0, 0.0]


class Slowing(zoo.dynamics.AbstractDynamics):
    rate: jax.Array

    def __call__(self, t, y, args):
        return -self.rate * y * norm_of(y)


def rows_with_zero(**options):
    x = np.random.RandomState(0).randn(20, 2)
    x[7] = 0
    arrays = {"x": x.astype("float32"), "y": (x / 2 + 0.1).astype("float32")}
    raw = zoo.datasets.RawData(arrays, tasks=("regression",))
    data = zoo.make_dataset(raw, split="all", standardise=False)
    model = zoo.ODENet(Slowing(jnp.array(0.1)), solver=Solver(**options))
    return model, data


def test_training_names_the_example_and_learns_of_the_others():
    model, data = rows_with_zero()
    with pytest.warns(ZooWarning, match="row 7 of the training data"):
        result = zoo.fit(model, data, steps=20, batch_size=20, optimiser=optax.adam(1e-2))
    assert float(result.model.dynamics.rate) > 0.15


def test_training_without_a_way_to_keep_it_out_says_what_it_is():
    model, data = rows_with_zero(adjoint="recursive")
    with pytest.raises(TrainingDivergedError, match="a root, a norm or a power"):
        zoo.fit(model, data, steps=20, batch_size=20)
