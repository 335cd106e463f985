"""Solves that fail: alone, by name, with words, and without harm to the others."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import NumericalError
from zoo.models.ode_net import ODENet
from zoo.nn.dense import Affine
from zoo.objectives.losses import squared_error
from zoo.objectives.updates import GradientUpdate
from zoo.solve import Outcome, Solver, explain, solve
from zoo.solve.engine import few_lanes


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


def ill(t, y, cause):
    """What one example's field is when it is ill; `cause` is its number, 0 for none."""
    sick = [
        jnp.sqrt(0.4 - t) + 0 * y,  # not a number from t = 0.4 on
        20 + 90 * y**2,  # grows past any bound
        jnp.where(t > 0.4, jnp.nan, y),  # the same, at once
        3e4 * (jnp.cos(t) - y),  # stiff: stability asks for some 10,000 steps
        jnp.sign(jnp.sin(3e3 * t)) * 40 * jnp.cos(y),  # nothing but jumps
    ]
    out = 0 * y
    for number, field in enumerate(sick, start=1):
        out = jnp.where(cause == number, field, out)
    return out


class Mixed(zoo.dynamics.AbstractDynamics):
    """A net, and whatever an example's cause adds to it."""

    net: Any

    def __call__(self, t, y, cause):
        return self.net(t, y, None) + ill(t, y, cause)


def mixed_model() -> ODENet:
    keys = jax.random.split(jax.random.key(0), 3)
    net = zoo.dynamics.MLPDynamics(2, width=8, depth=1, init_scale=20.0, key=keys[0])
    lift, head = Affine(2, 2, key=keys[1]), Affine(2, 1, key=keys[2])
    return ODENet(Mixed(net), lift=lift, head=head)


@eqx.filter_jit
def train_step(model, batch, weight, solver):
    update, optimiser = GradientUpdate(squared_error), optax.sgd(1.0)
    state = update.init(model, optimiser)
    key, step = jax.random.key(0), jnp.zeros((), jnp.int32)
    model, _, report = update(
        model, state, optimiser, batch, weight, key=key, step=step, solver=solver
    )
    ys, stats = model.forward(batch["x"], args=batch["args"], solver=solver)
    return model, report, ys, stats


CAUSES = {1: Outcome.NON_FINITE, 2: Outcome.GREW, 3: Outcome.NON_FINITE, 4: Outcome.STIFF, 5: None}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize(("size", "place"), [(5, 0), (5, 4), (128, 4)])
def test_a_failed_example_is_kept_out_and_counted(float64, cause, size, place):
    model, rng = mixed_model(), np.random.RandomState(0)
    solver = Solver(rtol=1e-6).over(model.solver).traced()
    batch = {"x": jnp.asarray(rng.randn(size, 2)), "y": jnp.asarray(rng.randn(size, 1))}
    weight = jnp.ones(size)
    causes = jnp.zeros(size, int).at[place].set(cause)
    ill_model, report, _, stats = train_step(model, batch | {"args": causes}, weight, solver)
    assert int(report.failed) == 1 and bool(report.ok)
    if CAUSES[cause] is not None:
        assert int(report.result) == CAUSES[cause]
    well = batch | {"args": jnp.zeros(size, int)}
    expected, _, _, healthy = train_step(model, well, weight.at[place].set(0), solver)
    for a, b in zip(jax.tree.leaves(ill_model), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    if CAUSES[cause] == Outcome.NON_FINITE:
        assert int(stats.calls) <= 2 * int(healthy.calls)
    if few_lanes(size):
        assert int(stats.work) <= 2 * int(healthy.work)
    assert np.flatnonzero(~np.asarray(stats.ok)).tolist() == [place]


@pytest.mark.parametrize(
    "options", [{"batching": "joint"}, {"adjoint": "recursive"}], ids=lambda o: str(o)
)
def test_elsewhere_the_step_is_skipped(float64, options):
    model = mixed_model()
    solver = Solver(rtol=1e-4, max_steps=64, **options).traced()
    batch = {"x": jnp.ones((5, 2)), "y": jnp.ones((5, 1))}
    causes = jnp.zeros(5, int).at[2].set(3)
    _, report, _, _ = train_step(model, batch | {"args": causes}, jnp.ones(5), solver)
    assert not bool(report.ok) and int(report.failed) >= 1


def test_all_examples_failing_is_a_step_skipped_and_gradients_are_zero(float64):
    model = mixed_model()
    batch = {"x": jnp.ones((5, 2)), "y": jnp.ones((5, 1)), "args": jnp.full(5, 3)}
    solver = Solver(rtol=1e-6).over(model.solver).traced()
    same, report, ys, _ = train_step(model, batch, jnp.ones(5), solver)
    assert not bool(report.ok) and int(report.failed) == 5 and np.isnan(ys).all()
    assert eqx.tree_equal(same, model)


def test_a_dead_lane_does_not_run_to_max_steps():
    hole = lambda t, y, dead: jnp.where(dead > 0, jnp.nan, -y)  # noqa: E731
    run = lambda dead: solve(hole, jnp.ones(8), args=dead, solver=Solver(max_steps=4096))[1]  # noqa: E731
    healthy, one_dead = run(jnp.zeros(8)), run(jnp.zeros(8).at[3].set(1))
    assert one_dead.result.tolist() == [0, 0, 0, Outcome.NON_FINITE, 0, 0, 0, 0]
    assert int(one_dead.calls) == int(healthy.calls)


def only(field, y0, **options):
    solver = Solver(**options)
    ys, stats = solve(field, jnp.asarray(y0)[None], solver=solver)
    resolved = solver.resolve()
    return ys[0], stats, explain(stats, float(resolved.t0), float(resolved.t1))


def test_illness_a_weight_that_is_not_a_number_is_named_by_its_leaf():
    model = zoo.create_model("odenet", (2, 2), key=jax.random.key(0))
    broken = eqx.tree_at(lambda m: m.dynamics.net.layers[1].bias, model, jnp.full(64, jnp.nan))
    with pytest.raises(NumericalError, match=r"dynamics.net.layers\[1\].bias"):
        zoo.predict(broken, np.ones((1, 2)))


def test_illness_blow_up_says_where():
    _, stats, words = only(lambda t, y, a: 1 + y**2, 0.0, t1=2.0)
    assert stats.result[0] == Outcome.GREW and "t≈1.57" in words and "grew past any bound" in words
    _, stats, words = only(lambda t, y, a: y**2, 1.0, t1=2.0)  # y = 1 / (1 - t)
    assert stats.result[0] == Outcome.GREW and "t≈0.99" in words


def test_no_illness_where_the_first_derivative_is_zero():
    y, _, words = only(lambda t, y, a: t + 0 * y, 0.0)
    assert float(y) == pytest.approx(0.5, rel=1e-5) and not words


def test_illness_stiffness_names_an_implicit_solver():
    def heat(t, y, args):
        padded = jnp.pad(y, 1)
        return (padded[2:] - 2 * y + padded[:-2]) * 1000.0**2

    x = np.linspace(0, 1, 1001)[1:-1]
    y0 = np.sin(np.pi * x)
    _, stats, words = only(heat, y0, t1=0.1)
    assert stats.result[0] == Outcome.STIFF and "Kvaerno5" in words and "stability" in words
    estimate = float(words.split("about ")[1].split()[0].rstrip("."))
    assert 5e4 < estimate < 3e5  # 4e6 · 0.1 / 3.3 steps are what stability allows


def test_illness_a_long_way_tells_its_share_and_an_estimate_that_holds():
    def orbit(t, y, args):
        return jnp.stack([-(y[0] ** 2) + y[1] ** 2 - 256, -2 * y[0] * y[1]])

    y0 = np.array([0.0, 17.6])
    _, stats, words = only(orbit, y0, t1=1000.0, rtol=1e-5)
    assert stats.result[0] == Outcome.MAX_STEPS and "% of the interval" in words
    assert "Kvaerno" not in words
    estimate = int(words.split("about ")[1].split()[0])
    _, stats, _ = only(orbit, y0, t1=1000.0, rtol=1e-5, max_steps=estimate)
    assert stats.ok.all() and estimate < 2 * int(stats.accepted[0] + stats.rejected[0])


def test_illness_a_step_too_small_to_tell():
    # Where y comes to 1/2 the field jumps back, so hard that no step is short enough.
    _, stats, words = only(lambda t, y, a: jnp.where(y < 0.5, 1.0, -1e6), 0.0)
    assert stats.result[0] == Outcome.STEP_UNDERFLOW
    assert "t≈0.5" in words and "Kvaerno5" in words and "jump" in words


def test_equal_steps_never_call_a_field_that_is_not_finite_a_success():
    hole = lambda t, y, args: jnp.where(t > 0.5, jnp.nan, y)  # noqa: E731
    y, stats, words = only(hole, 1.0, steps=10)
    assert np.isnan(y) and stats.result[0] == Outcome.NON_FINITE
    assert "t≈0.5" in words and int(stats.accepted[0]) == 5


def test_the_newton_iteration_of_an_implicit_solver_has_its_own_words():
    rough = lambda t, y, args: 1e6 * jnp.sign(jnp.sin(1e3 * y)) + 1e3  # noqa: E731
    method = diffrax.Kvaerno5()
    _, stats, words = only(rough, 0.3, method=method, rtol=1e-5, max_steps=16)
    assert not stats.ok.any() and words
