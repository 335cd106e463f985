"""Regularisers that see the field and draw, and what the steps taken cost; random end times."""

import json
from pathlib import Path

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.nn.dense import activation_by_name
from zoo.regularisers import (
    AbstractRegulariser,
    draw_noise,
    jacobian,
    local_error,
    squares,
    stiffness,
    taylor,
)
from zoo.solve import Solver, first, solve
from zoo.solve.engine import carry
from zoo.train.folder.settings import check_same
from zoo.train.options import training_options
from zoo.types import Stats

from .test_cli import call

KEY = jax.random.key(1)
XS = np.random.RandomState(0).randn(5, 2)
W = np.array([[0.8, -1.2], [1.5, 0.4]])


class Wave(zoo.dynamics.AbstractBatchDynamics):
    """A field with a full Jacobian; an example whose push is not finite fails."""

    weight: jax.Array

    def batch(self, t, ys, args):
        push = 0 if args is None else args
        return jnp.tanh(ys @ self.weight.T) + (jnp.sin(t) * jnp.ones(len(ys)))[:, None] + push


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def wave():
    return Wave(jnp.asarray(W))


@eqx.filter_jit
@eqx.filter_value_and_grad(has_aux=True)
def loss(inputs, solver, key, ts=None):
    dynamics, y0, args = inputs
    ys, stats = solve(dynamics, y0, args=args, solver=solver, key=key, ts=ts)
    weights = jnp.arange(1.0, 1 + len(y0))
    value = jnp.where(stats.ok, jnp.sin(ys).reshape(len(y0), -1).sum(axis=1), 0)
    return weights @ (value + stats.penalty), (ys, stats)


def frobenius(t, y, dy, args):
    """The squared Frobenius norm of the Jacobian of `wave`, exactly."""
    one = lambda y: wave().batch(t, y[None], None)[0]  # noqa: E731
    return jnp.sum(jax.jacfwd(one)(y) ** 2)


def test_the_jacobian_s_mean_over_draws_is_the_integral_of_its_frobenius_norm():
    one = jnp.broadcast_to(jnp.asarray(XS[:1]), (4096, 2))

    def penalty(y0, cost):
        solver = Solver(diffrax.Heun(), steps=20, regulariser=cost)
        return solve(wave(), y0, solver=solver, key=KEY)[1].penalty

    drawn, exact = penalty(one, jacobian(weight=1.0)), penalty(one[:1], frobenius)[0]
    error = drawn.std() / np.sqrt(len(one))
    assert 0 < error < 0.02 * exact
    assert abs(drawn.mean() - exact) < 3 * error
    assert len(set(np.round(drawn, 12).tolist())) == 2  # by whether the two signs are the same


def test_signs_leave_no_variance_where_the_jacobian_is_diagonal():
    exact = lambda t, y, dy, args: jnp.sum((3 * y**2) ** 2) + 2 * jnp.sum(dy**2)  # noqa: E731
    solver = Solver(diffrax.Bosh3(), rtol=1e-4)
    costs = (jacobian(weight=1.0, kinetic=2.0), exact)
    penalties = [
        solve(lambda t, y, args: -(y**3), XS, solver=Solver(regulariser=c).over(solver), key=KEY)[1]
        for c in costs
    ]
    np.testing.assert_allclose(penalties[0].penalty, penalties[1].penalty, rtol=1e-12)


@pytest.fixture
def few(monkeypatch):
    """The last two of a batch of five go on without the others."""
    monkeypatch.setattr(carry, "_FROM", 5)
    monkeypatch.setattr(carry, "_PART", 2)


@pytest.mark.parametrize(
    ("cost", "batching"), [(jacobian(weight=1.0), "per-sample"), (taylor(weight=1.0), "joint")]
)
def test_gradients_are_those_of_direct_and_the_steps_those_of_no_regulariser(cost, batching):
    inputs = (wave(), 3 * jnp.asarray(XS), jnp.asarray(XS[::-1]))
    base = Solver(diffrax.Heun(), rtol=1e-2, batching=batching, t0=1.0, t1=-0.5)
    solvers = [Solver(regulariser=cost, adjoint=a).over(base) for a in ("replay", "direct")]
    (ours, theirs) = [loss(inputs, solver, KEY) for solver in solvers]
    alone, stats = solve(*inputs[:2], args=inputs[2], solver=base)
    (_, (ys, mine)), gradient = ours
    assert (ys == alone).all() and (mine.penalty > 0).all()
    for count in ("accepted", "rejected", "nfe"):
        assert getattr(mine, count).tolist() == getattr(stats, count).tolist()
    assert int(mine.rejected.sum()) > 0
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        if jnp.issubdtype(a.dtype, jnp.floating):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * float(jnp.abs(b).max()))
    assert all(jnp.abs(g).max() > 0 for g in jax.tree.leaves(gradient))


def test_an_example_draws_the_same_whatever_the_batch():
    solver = Solver(diffrax.Heun(), steps=3, regulariser=jacobian(weight=1.0))
    penalty = lambda y0, key: solve(wave(), y0, solver=solver, key=key)[1].penalty  # noqa: E731
    whole = penalty(XS, KEY)
    np.testing.assert_allclose(penalty(XS[:2], KEY), whole[:2], rtol=1e-12)
    others = np.concatenate([XS[:1], XS[::-1][:2]])
    np.testing.assert_allclose(penalty(others, KEY)[0], whole[0], rtol=1e-12)
    keys = jax.vmap(lambda i: jax.random.fold_in(KEY, i))(jnp.arange(5))
    order = np.array([3, 0, 4])  # the keys of the data's examples, in a batch of another order
    np.testing.assert_allclose(penalty(XS[order], keys[order]), whole[order], rtol=1e-12)
    assert not np.allclose(penalty(XS, jax.random.key(2)), whole)
    old = jax.random.PRNGKey(1)  # keys of the older kind are the same keys
    np.testing.assert_allclose(penalty(XS, old), whole, rtol=1e-12)


@pytest.mark.parametrize("distribution", ["rademacher", "normal"])
def test_noise_has_mean_zero_and_variance_one(distribution):
    like = (jnp.zeros((20000, 2)), jnp.zeros((20000,), jnp.float32))
    noise = draw_noise(distribution, KEY, like)
    assert jax.tree.map(lambda x: (x.shape, x.dtype), noise) == jax.tree.map(
        lambda x: (x.shape, x.dtype), like
    )
    values = np.concatenate([np.ravel(x) for x in noise])
    assert abs(values.mean()) < 0.02 and abs(values.var() - 1) < 0.03
    assert abs(np.mean(noise[0][:, 0] * noise[1])) < 0.03  # each array has draws of its own


@pytest.mark.parametrize(
    ("field", "order", "exact"),
    [
        (lambda t, y, args: -y, 2, (1 - np.exp(-2)) / 2),
        (lambda t, y, args: -2 * y, 3, 64 * (1 - np.exp(-4)) / 4),
        (lambda t, y, args: t**3 + 0 * y, 2, 9 / 5),
        (lambda t, y, args: t**4 + 0 * y, 4, 24**2 / 3),
    ],
)
def test_taylor_is_the_integral_of_a_derivative_in_closed_form(field, order, exact):
    solver = Solver(rtol=1e-9, regulariser=taylor(weight=0.5, order=order))
    _, stats = solve(field, jnp.ones((2, 1)), solver=solver)
    np.testing.assert_allclose(stats.penalty, exact / 2, rtol=1e-7)


def test_taylor_names_the_activation_that_has_no_rule():
    for activation in (jax.nn.relu, jax.nn.softplus):
        field = lambda t, y, args, a=activation: a(y) - y  # noqa: E731
        run = lambda order, f=field: jax.eval_shape(  # noqa: E731
            lambda y: solve(f, y, solver=Solver(regulariser=taylor(order=order)))[1], XS
        )
        run(2)
        with pytest.raises(
            ConfigError, match=f"no rule to do so with {activation.__name__}: .*gelu"
        ):
            run(3)
    for name in ("tanh", "silu", "gelu", "elu", "selu", "sigmoid", "sin"):
        activation = activation_by_name(name)
        field = lambda t, y, args, a=activation: a(y)  # noqa: E731
        solver = Solver(diffrax.Heun(), steps=1, regulariser=taylor(order=3))
        jax.eval_shape(lambda y, f=field, s=solver: solve(f, y, solver=s)[1], XS)


class Reading(AbstractRegulariser):
    """The squares of what it is shown."""

    draws = "normal"

    def rates(self, field, t, ys, args, noise):
        assert jax.tree.map(jnp.shape, noise) == jax.tree.map(jnp.shape, ys)
        return field(t, ys, args), squares(ys)


@pytest.mark.parametrize("cost", [jacobian(weight=1.0), taylor(weight=1.0), Reading()], ids=str)
def test_what_rides_along_is_not_charged(cost):
    part = lambda t, y, args: jnp.sin(t) - y**2  # noqa: E731
    both = lambda t, y, args: (part(t, y[0], args), 5 * y[0] * y[1] + 3 * y[1])  # noqa: E731
    solver = Solver(diffrax.Bosh3(), steps=5, regulariser=cost)
    x = jnp.abs(jnp.asarray(XS))
    ys, stats = solve(both, (x, x), solver=solver, error_of=first, key=KEY)
    alone, expected = solve(part, x, solver=solver, key=KEY)
    np.testing.assert_allclose(ys[0], alone, rtol=1e-14)
    np.testing.assert_allclose(stats.penalty, expected.penalty, rtol=1e-12)
    without, _ = solve(both, (x, x), solver=Solver(diffrax.Bosh3(), steps=5), error_of=first)
    np.testing.assert_allclose(ys[1], without[1], rtol=1e-14)


STEPS = {"local_error": local_error(weight=300.0), "stiffness": stiffness(weight=1.0)}


@pytest.mark.parametrize(
    ("name", "batching", "ts"),
    [("local_error", "per-sample", [0.2, 1.3]), ("stiffness", "joint", None)],
)
def test_what_steps_cost_has_the_gradient_of_central_differences(name, batching, ts):
    base = Solver(diffrax.Bosh3(), steps=4, batching=batching, regulariser=STEPS[name])

    def value(weight, y0, t1):
        solver = Solver(t1=t1).over(base)
        times = None if ts is None else jnp.asarray(ts) * t1
        ys, stats = solve(Wave(weight), y0, solver=solver, ts=times)
        return jnp.arange(1.0, 6.0) @ stats.penalty + jnp.sum(jnp.sin(ys)), stats.penalty

    of = jax.jit(jax.value_and_grad(value, argnums=(0, 1, 2), has_aux=True))
    at = (jnp.asarray(W), jnp.asarray(XS), jnp.asarray(1.3))
    (_, penalty), gradient = of(*at)
    assert penalty.shape == (5,) and (penalty > 0.01).all()
    for number, given in enumerate(gradient):
        shift = jnp.asarray(np.random.RandomState(7).randn(*given.shape))
        moved = lambda s, n=number, d=shift: of(  # noqa: E731
            *[x + 1e-4 * s * d if i == n else x for i, x in enumerate(at)]
        )[0][0]
        difference = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / 12e-4
        np.testing.assert_allclose(jnp.sum(given * shift), difference, rtol=1e-8)


def test_what_adaptive_steps_cost_leaves_out_rejected_ones_and_examples_that_fail(few):
    solver = Solver(diffrax.Heun(), rtol=1e-2, dt0=0.9, regulariser=local_error(weight=300.0))
    push = jnp.asarray(0 * XS).at[1].set(jnp.nan)
    (_, (_, stats)), gradient = loss((wave(), 3 * jnp.asarray(XS), push), solver, None)
    assert stats.ok.tolist() == [True, False, True, True, True]
    assert len(set(stats.accepted.tolist())) > 2 and int(stats.rejected.sum()) > 0
    assert stats.penalty[1] == 0 and (stats.penalty[stats.ok] > 0).all()
    assert (gradient[1][1] == 0).all() and jnp.isfinite(gradient[1]).all()
    weight, rest = jnp.zeros_like(gradient[0].weight), []
    for example in (0, 2, 3, 4):  # each alone, a batch of one, in a program of its own
        alone = slice(example, example + 1)
        one = (wave(), 3 * jnp.asarray(XS[alone]), push[alone])
        (_, (_, own)), part = loss(one, solver, None)
        weight = weight + (example + 1) * part[0].weight
        rest.append(float(own.penalty[0]))
    np.testing.assert_allclose(stats.penalty[stats.ok], rest, rtol=1e-10)
    np.testing.assert_allclose(gradient[0].weight, weight, rtol=1e-10)


def test_local_error_is_that_of_one_step_in_closed_form():
    decay = lambda t, y, args: -y  # noqa: E731

    def step(h):
        solver = Solver(diffrax.Heun(), steps=1, t1=h, regulariser=local_error()).traced()
        return solve(decay, jnp.full((1, 1), 2.0), solver=solver)[1].penalty

    # Heun's second order against Euler's first: 2 h²/2, times h.
    np.testing.assert_allclose(step(0.5), 0.5 * 0.25, rtol=1e-12)
    np.testing.assert_allclose(step(-0.5), 0.5 * 0.25, rtol=1e-12)
    # λ of y' = -y is 1.
    stiff = Solver(steps=7, regulariser=stiffness(weight=1.0))
    np.testing.assert_allclose(solve(decay, jnp.ones((2, 1)), solver=stiff)[1].penalty, 1, 1e-10)


def test_a_cost_of_steps_is_of_the_part_that_is_charged():
    decay = lambda t, y, args: -y  # noqa: E731
    both = lambda t, y, args: (-y[0], 50 * jnp.sin(30 * t) * y[1])  # noqa: E731
    for cost in STEPS.values():
        solver = Solver(diffrax.Bosh3(), steps=6, regulariser=cost)
        _, stats = solve(both, (XS, XS), solver=solver, error_of=first)
        _, alone = solve(decay, XS, solver=solver)
        np.testing.assert_allclose(stats.penalty, alone.penalty, rtol=1e-12)


@pytest.mark.wrong_types
@pytest.mark.filterwarnings("ignore:A JAX array is being set as static")
def test_regularisers_are_refused_by_name_where_they_cannot_act():
    refused = [
        ({"regulariser": jacobian()}, "Jacobian draws .rademacher., and there is no key"),
        ({"regulariser": local_error(), "adjoint": "direct"}, "adjoint='direct' knows nothing"),
        ({"regulariser": stiffness(), "method": diffrax.Euler(), "steps": 3}, "Euler has none"),
        ({"regulariser": zoo.regularisers.Jacobian(np.ones(2))}, "holds an array of shape"),
    ]
    for options, words in refused:
        with pytest.raises(ConfigError, match=words):
            solve(wave(), XS, solver=Solver(**options))
    with pytest.raises(ConfigError, match=r"key has shape \(3,\): expected one key"):
        solve(wave(), XS, solver=Solver(regulariser=jacobian()), key=jax.random.split(KEY, 3))
    half = lambda y: y[..., :1]  # noqa: E731
    with pytest.raises(ConfigError, match="does not pick whole arrays"):
        solve(wave(), XS, solver=Solver(regulariser=taylor()), error_of=half)
    with pytest.raises(ConfigError, match="order = 1 is out of range"):
        taylor(order=1)


SMALL = {"width": 4, "depth": 1}
GRID = {"method": "Heun", "steps": 2}


@pytest.fixture(scope="module")
def data():
    return zoo.load_dataset("moons", n=60)


def small(data, **solver):
    return zoo.create_model(
        "odenet", data, dynamics_options=SMALL, solver=solver or GRID, key=jax.random.key(0)
    )


@pytest.mark.parametrize("name", ["taylor", "local_error"])
def test_training_charges_by_name_and_evaluation_never_does(data, name):
    if name != "jacobian":
        data = zoo.load_dataset("moons", n=20, split="all")
    seen = []

    def watched(model, batch, *, key, step, solver):
        seen.append((key is None, solver.regulariser is None))
        return zoo.losses.cross_entropy(model, batch, key=key, step=step, solver=solver)

    options = {"steps": 2, "regulariser": name, "regulariser_options": {"weight": 0.1}}
    arguments = training_options(**options).fit_arguments(None)
    with jax.enable_x64(False):
        result = zoo.fit(small(data), data, **arguments | {"loss": watched})
    assert all(row["penalty"] > 0 for row in result.history.train)
    assert all("penalty" not in row for row in result.history.val)
    assert set(seen) == {(True, True), (False, False)}  # traced, and where there is a part for it


def test_a_regulariser_and_random_end_times_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = (
        "train --model odenet --dataset moons --dataset.n 60 --model.dynamics.width 4"
        " --model.dynamics.depth 1 --solver.method Heun --solver.steps 2 --steps 2"
        " --regulariser jacobian --regulariser.weight 0.5 --random-end 0.25 --out run --no-figures"
    )
    with jax.enable_x64(False):
        assert call(*words.split()) == 0
    training = json.loads(Path("run/config.json").read_text())["training"]
    assert (training["regulariser"], training["random_end"]) == ("jacobian", 0.25)
    assert "penalty" in Path("run/metrics.jsonl").read_text()
    config = Path("run/config.json")
    config.write_text(config.read_text().replace('"random_end"', '"steer"'))
    again = "train --resume --out run --steps 3 --resume-schedule keep --no-figures"
    with jax.enable_x64(False):
        assert call(*again.split()) == 0
    assert json.loads(config.read_text())["training"]["random_end"] == 0.25


def test_a_checkpoint_of_before_calls_random_end_times_steer():
    check_same({"steer": 0.3}, {"random_end": 0.3}, "It")
    with pytest.raises(zoo.errors.CheckpointError, match=r"random_end was 0\.3 and is 0\.2"):
        check_same({"steer": 0.3}, {"random_end": 0.2}, "It")


class TwoBlocks(zoo.AbstractModel):
    """Two solves in a row, each over an interval of its own; the output is how long they were."""

    objectives = zoo.losses.PREDICTION
    slope: jax.Array
    solvers: tuple[Solver, Solver] = (
        Solver(diffrax.Heun(), steps=1, t1=1.0),
        Solver(diffrax.Heun(), steps=1, t0=1.0, t1=4.0),
    )

    def forward(self, xs, *, args=None, solver=None, key=None):
        lengths, stats = [], Stats.discrete(len(xs), 0)
        for own in self.solvers:
            laid = own if solver is None else solver.over(own)
            ys, stats = solve(lambda t, y, args: jnp.ones_like(y), 0 * xs, solver=laid, key=key)
            lengths.append(ys)
        return self.slope * jnp.concatenate(lengths, axis=1), stats


def test_random_end_times_stretch_each_block_and_follow_from_the_step(data):
    lines = zoo.make_dataset(
        zoo.RawData({"x": np.ones((30, 1)), "y": np.ones((30, 2))}, ("regression",))
    )
    seen = []

    def lengths(model, batch, *, key, step, solver):
        ys, stats = model.forward(batch["x"], solver=solver, key=key)
        metrics = {"one": ys[:, 0] / model.slope, "two": ys[:, 1] / model.slope}
        seen.append(None if solver is None else solver.stretch)
        return jnp.mean((ys - 1) ** 2, axis=1), zoo.Aux(stats, metrics)

    fit = lambda random_end, **more: zoo.fit(  # noqa: E731
        TwoBlocks(jnp.ones(())), lines, steps=12, random_end=random_end, loss=lengths, **more
    )
    with jax.enable_x64(False):
        history = fit(0.4).history
        other = fit(0.0).history
    one, two = (np.array([row[name] for row in history.train]) for name in ("one", "two"))
    np.testing.assert_allclose(two, 3 * one, rtol=1e-5)
    assert 0.6 <= one.min() < 0.8 and 1.2 < one.max() <= 1.4 and len(set(one.tolist())) == 12
    assert all(row["one"] == 1 for row in other.train)
    assert any(stretch is not None for stretch in seen)
    assert history.val[-1]["one"] == 1 and seen[0] is None


def test_random_end_times_go_on_to_the_same_bits_and_are_part_of_a_run(data, tmp_path):
    settings = {"optimiser": optax.adam(1e-3), "eval_every": 2}
    fit = lambda steps, out, random_end=0.3, **more: zoo.fit(  # noqa: E731
        small(data), data, steps=steps, random_end=random_end, out=out, **settings, **more
    )
    with jax.enable_x64(False):
        whole = fit(6, tmp_path / "whole")
        fit(4, tmp_path / "part")
        resumed = fit(6, tmp_path / "part", resume=True)
        with pytest.raises(zoo.errors.CheckpointError, match=r"random_end was 0\.3 and is None"):
            fit(8, tmp_path / "part", random_end=0.0, resume=True)
        with pytest.raises(
            ConfigError, match=r"random_end = 0\.1 draws where a solve ends, and MLP"
        ):
            mlp = zoo.create_model("mlp", data, key=jax.random.key(0))
            zoo.fit(mlp, data, random_end=0.1)
        for bad in (1.0, -0.1):
            with pytest.raises(ConfigError, match=r"random_end = .* is out of range"):
                zoo.fit(small(data), data, random_end=bad)
    pairs = zip(jax.tree.leaves(whole.model), jax.tree.leaves(resumed.model), strict=True)
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in pairs if eqx.is_array(a))
