"""ODE blocks within an Equinox model: values, gradients, cost, failures, and what is refused."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.evaluation.batched import traced_solver
from zoo.objectives.losses import squared_error
from zoo.objectives.updates import GradientUpdate
from zoo.regularisers import jacobian, kinetic
from zoo.solve import Outcome, Solver, solve, solvers_of

KEYS = jax.random.split(jax.random.key(0), 8)
TIGHT = Solver(diffrax.Heun(), rtol=1e-4)
LOOSE = Solver(diffrax.Heun(), rtol=1e-2, t1=2.0)


def mlp(size, key):
    return eqx.nn.MLP(size, size, 8, 1, jax.nn.tanh, key=key)


def net(*solvers):
    """A layer, a block, an activation, another block of another size, a head."""
    first, second = solvers or (TIGHT, LOOSE)
    return eqx.nn.Sequential(
        [
            eqx.nn.Linear(2, 6, key=KEYS[0]),
            zoo.ode_block(mlp(6, KEYS[1]), solver=first),
            eqx.nn.Linear(6, 4, key=KEYS[2]),
            zoo.ode_block(mlp(4, KEYS[3]), solver=second),
            eqx.nn.Linear(4, 2, key=KEYS[4]),
        ]
    )


def by_solve(module, xs):
    """The same with `zoo.solve.solve` of the batch."""
    into, first, between, second, head = module.layers
    ys, _ = solve(first.dynamics, jax.vmap(into)(xs), solver=first.solver)
    ys, _ = solve(second.dynamics, jax.vmap(between)(ys), solver=second.solver)
    return jax.vmap(head)(ys)


WAYS = {
    "vmap": lambda module, xs: jax.vmap(module)(xs),
    "vmap of jit": lambda module, xs: jax.vmap(lambda x: eqx.filter_jit(module)(x))(xs),
    "vmap twice": lambda module, xs: jax.vmap(jax.vmap(module))(xs.reshape(2, 3, 2)).reshape(6, 2),
    "checkpoint": lambda module, xs: jax.vmap(lambda x: eqx.filter_checkpoint(module)(x))(xs),
    "map": lambda module, xs: jax.lax.map(module, xs),
    "wrapped": lambda module, xs: zoo.Wrapped(module).forward(xs)[0],
}


@pytest.fixture(scope="module")
def xs():
    return jax.random.normal(KEYS[5], (6, 2))


def value_and_gradient(way, module, xs):
    @eqx.filter_jit
    def run(module):
        ys, pull = eqx.filter_vjp(lambda module, xs: way(module, xs), module, xs)
        return ys, pull(jnp.cos(ys))

    return run(module)


@pytest.fixture(scope="module")
def expected(xs):
    return value_and_gradient(by_solve, net(), xs)


@pytest.mark.parametrize("way", WAYS)
def test_values_and_gradients_are_those_of_solve(way, xs, expected):
    got = value_and_gradient(WAYS[way], net(), xs)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6, rtol=1e-5)


def test_a_vmap_is_one_batch_of_the_engine(xs):
    block = net().layers[1]
    states = jnp.linspace(0.1, 2.0, 5)[:, None] * jnp.ones(6)
    _, each = jax.vmap(block.solve)(states)
    _, batch = solve(block.dynamics, states, solver=block.solver)
    np.testing.assert_array_equal(each.nfe, batch.nfe)
    assert each.calls.tolist() == [int(batch.calls), 0, 0, 0, 0]
    assert int(each.work.sum()) == int(batch.work)
    loops = str(jax.make_jaxpr(lambda x: jax.vmap(jax.vmap(block))(x))(states[None])).count("while")
    assert loops == str(jax.make_jaxpr(jax.vmap(block))(states)).count("while")


def test_gradients_of_each_example_and_of_an_ensemble(xs):
    module = net()
    each = eqx.filter_vmap(eqx.filter_grad(lambda m, x: jnp.sum(m(x) ** 2)), in_axes=(None, 0))
    all_at_once = eqx.filter_grad(lambda m: jnp.sum(jax.vmap(m)(xs) ** 2))
    sums = jax.tree.map(lambda g: g.sum(axis=0), eqx.filter_jit(each)(module, xs))
    for a, b in zip(
        *map(jax.tree.leaves, (sums, eqx.filter_jit(all_at_once)(module))), strict=True
    ):
        np.testing.assert_allclose(a, b, atol=1e-5)
    arrays, static = eqx.partition(module, eqx.is_array)
    two = jax.tree.map(lambda a: jnp.stack([a, 2 * a]), arrays)
    member = lambda arrays: jax.vmap(eqx.combine(arrays, static))(xs)  # noqa: E731
    both = jax.jit(jax.vmap(member))(two)
    for i, ys in enumerate(both):
        np.testing.assert_allclose(ys, member(jax.tree.map(lambda a: a[i], two)), atol=1e-5)  # noqa: B023


def test_stats_and_the_solver_from_outside(moons):
    model = zoo.Wrapped(net())
    told = zoo.evaluate(model, moons)
    one, two = told["nfe_by_block"].values()
    assert told["nfe"] == one + two and one != two and told["failed"] == 0
    assert told["calls"] >= told["nfe_max"] and 0 <= told["idle_share"] < 1
    tighter = zoo.evaluate(model, moons, solver=Solver(rtol=1e-5))
    assert tighter["nfe_by_block"]["0"] > one and tighter["nfe_by_block"]["1"] > two
    joint = zoo.evaluate(model, moons, solver=Solver(batching="joint"))
    assert joint["idle_share"] == pytest.approx(0) and joint["nfe"] >= told["nfe_max"]
    assert solvers_of(model) == [TIGHT, LOOSE]
    assert "nfe_by_block" not in zoo.evaluate(zoo.ODENet(zoo.dynamics.MLPDynamics(
        2, key=KEYS[0])), moons)  # fmt: skip


class Counted(eqx.Module):
    """A module that counts how often Python runs it: once a trace."""

    inner: eqx.Module
    calls: list = eqx.field(static=True)

    def __call__(self, x):
        self.calls.append(1)
        return self.inner(x)


def test_training_traces_a_step_once_and_tells_of_each_block(moons):
    counts = []
    for steps in (2, 40):
        model = zoo.Wrapped(Counted(net(), []))
        result = zoo.fit(model, moons, steps=steps, optimiser=optax.adam(1e-2), eval_every=steps)
        counts.append(len(model.module.calls))
        row, val = result.history.train[-1], result.history.val[-1]
        for each in (row, val):
            assert each["nfe"] == pytest.approx(each["nfe_by_block.0"] + each["nfe_by_block.1"])
    assert counts[0] == counts[1] <= 4  # an evaluation and a step, each traced once
    assert result.history.train[0]["loss"] > 1.5 * row["loss"]


class Ending(eqx.Module):
    """A net whose value is no number once t has passed the example's own time, its args."""

    inner: eqx.nn.MLP

    def __call__(self, t, x, args):
        slope = self.inner(x)
        return slope if args is None else jnp.where(t > args, jnp.nan, slope)


class Fragile(eqx.Module):
    first: zoo.ODEBlock
    between: eqx.nn.Linear
    second: zoo.ODEBlock

    def __init__(self):
        self.first = zoo.ode_block(Ending(mlp(2, KEYS[1])), solver=TIGHT)
        self.between = eqx.nn.Linear(2, 2, key=KEYS[2])
        self.second = zoo.ode_block(Ending(mlp(2, KEYS[3])), solver=LOOSE)

    def __call__(self, x, args=None):
        return self.second(self.between(self.first(x, args=args)), args=args)


def test_a_failed_example_changes_no_bit_of_the_others_gradients(xs):
    model, healthy = zoo.Wrapped(Fragile()), jnp.full(6, 9.0)
    kept = jnp.ones(6).at[jnp.array([1, 4])].set(0)

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def loss(wanted, args):
        model, xs = wanted
        ys, stats = model.forward(xs, args=args)
        return jnp.sum(jnp.where(kept[:, None] > 0, ys, 0) ** 2), (ys, stats)

    _, expected = loss((model, xs), healthy)
    # One fails in the first block, which ends at 1, and one in the second, which ends at 2.
    (_, (ys, stats)), grads = loss((model, xs), healthy.at[1].set(0.5).at[4].set(1.5))
    assert stats.ok.tolist() == [True, False, True, True, False, True]
    assert stats.result[jnp.array([1, 4])].tolist() == [Outcome.NON_FINITE] * 2
    assert np.isnan(ys[1]).all() and np.isnan(ys[4]).all() and np.isfinite(ys[0]).all()
    for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(expected), strict=True):
        assert float(np.abs(np.asarray(a) - np.asarray(b)).max()) == 0.0
    batch = {"x": xs, "y": xs, "args": healthy.at[1].set(0.5)}
    update, optimiser = GradientUpdate(squared_error), optax.sgd(0.1)
    options = {"key": KEYS[0], "step": jnp.zeros((), jnp.int32)}
    solver, state = traced_solver(model, None), update.init(model, optimiser)
    _, _, report = update(model, state, optimiser, batch, jnp.ones(6), solver=solver, **options)
    assert bool(report.ok) and int(report.failed) == 1 and report.left_out.tolist() == [0, 0]
    # Outside of a model that collects, a failed block is NaN at once.
    assert np.isnan(jax.vmap(model.module)(xs, batch["args"])[1]).all()


class Inside(eqx.Module):
    """A block within the module's own transformation, its Stats brought out of it, or not."""

    block: zoo.ODEBlock
    how: str = eqx.field(static=True)

    def __call__(self, x):
        if self.how == "jit":
            return eqx.filter_jit(self.block)(x)
        if self.how == "reported":
            return self.block.report(*eqx.filter_checkpoint(self.block.solve)(x))
        if self.how == "scan":
            y, stats = jax.lax.scan(lambda y, _: self.block.solve(y), x, length=3)
            return self.block.report(y, stats)
        ys, stats = jax.vmap(self.block.solve)(jnp.stack([x, 2 * x]))
        return self.block.report(ys, stats)[0]


def test_within_a_transformation_it_says_what_to_do(xs):
    block = zoo.ode_block(mlp(2, KEYS[1]), solver=TIGHT)
    with pytest.raises(ConfigError, match=r"y, stats = block\.solve\(x\)"):
        zoo.Wrapped(Inside(block, "jit")).forward(xs)
    ys, stats = zoo.Wrapped(block).forward(xs)
    again, same = zoo.Wrapped(Inside(block, "reported")).forward(xs)
    np.testing.assert_array_equal(ys, again)
    np.testing.assert_array_equal(stats.nfe, same.nfe)
    assert int(stats.calls) == int(same.calls) and int(stats.work) == int(same.work)
    _, both = zoo.Wrapped(Inside(block, "vmap")).forward(xs)
    twice = solve(block.dynamics, jnp.concatenate([xs, 2 * xs]), solver=TIGHT)[1]
    np.testing.assert_array_equal(both.nfe, np.asarray(twice.nfe).reshape(2, 6).sum(axis=0))
    assert int(both.calls) == int(twice.calls) and int(both.work) == int(twice.work)
    in_a_row, three = zoo.Wrapped(Inside(block, "scan")).forward(xs)
    long = solve(block.dynamics, xs, solver=Solver(t1=3.0, rtol=1e-5))[0]
    np.testing.assert_allclose(in_a_row, long, atol=1e-2)
    assert int(three.calls) > 2 * int(stats.calls) and three.ok.all()


def test_time_is_told_by_the_signature(xs):
    def growing(t, x):
        return t * x

    # dx/dt = t x from 0 to 1 is a factor of e^(1/2), dx/dt = x one of e.
    block, plain = zoo.ode_block(growing, solver=TIGHT), zoo.ode_block(lambda x: x, solver=TIGHT)
    np.testing.assert_allclose(block(xs[0]), np.exp(0.5) * xs[0], rtol=1e-3)
    np.testing.assert_allclose(plain(xs[0]), np.e * xs[0], rtol=1e-3)
    frozen = zoo.ode_block(zoo.frozen(mlp(2, KEYS[1])))
    assert zoo.count_parameters(frozen) == 0 and frozen(xs[0]).shape == (2,)
    field = zoo.dynamics.MLPDynamics(2, width=4, depth=1, key=KEYS[0])
    expected, _ = solve(field, xs, solver=TIGHT)
    blocks = jax.vmap(zoo.ode_block(field, solver=TIGHT))(xs)
    np.testing.assert_allclose(blocks, expected, atol=1e-6)


def test_ablation_is_the_residual_net(xs):
    module = net(TIGHT, Solver(diffrax.Heun(), rtol=1e-3))
    into, first, between, second, head = module.layers

    def residual(x, steps):
        def gone_through(block, x):
            for _ in range(steps):
                x = x + block.dynamics.layer(x) / steps
            return x

        return head(gone_through(second, between(gone_through(first, into(x)))))

    for steps in (1, 3):
        ablated = zoo.ablate(module, steps=steps)
        ys, stats = zoo.Wrapped(ablated).forward(xs)
        np.testing.assert_allclose(ys, jax.vmap(residual, (0, None))(xs, steps), atol=1e-6)
        assert stats.nfe.tolist() == [2 * steps] * 6
        assert zoo.count_parameters(ablated) == zoo.count_parameters(module)
    node = zoo.create_model("odenet", (2, 2), key=KEYS[0])
    assert zoo.ablate(node).forward(xs)[1].nfe.tolist() == [1] * 6
    with pytest.raises(ConfigError, match="holds no Solver"):
        zoo.ablate(zoo.create_model("mlp", (2, 2), key=KEYS[0]))


class Noisy(eqx.Module):
    """Dropout before a block, and the block."""

    dropout: eqx.nn.Dropout
    block: zoo.ODEBlock

    def __call__(self, x, *, key=None):
        return self.block(self.dropout(x, key=key))


def test_keys_reach_the_layers_and_the_regularisers(xs):
    model = zoo.Wrapped(Noisy(eqx.nn.Dropout(0.5), zoo.ode_block(mlp(2, KEYS[1]))))
    calm, _ = model.forward(xs)
    np.testing.assert_allclose(calm, jax.vmap(model.module.block)(xs), atol=1e-6)
    drawn, _ = model.forward(xs, key=KEYS[6])
    again, _ = model.forward(xs[:3], key=KEYS[6])
    assert not np.allclose(drawn, calm)
    np.testing.assert_allclose(drawn[:3], again, atol=1e-6)  # by key and place in the batch
    penalty = lambda regulariser, key: zoo.Wrapped(net()).forward(  # noqa: E731
        xs, solver=Solver(regulariser=regulariser), key=key)[1].penalty  # fmt: skip
    assert (penalty(kinetic(weight=1.0), None) > 0).all()
    one, other = (penalty(jacobian(weight=1.0), key) for key in KEYS[:2])
    assert (one > 0).all() and not np.allclose(one, other)


REFUSED = {
    "shape": (lambda: zoo.ode_block(lambda x: x[:1])(jnp.ones(2)), r"\[2\].*\[1\]"),
    "dropout": (lambda: zoo.ode_block(eqx.nn.Sequential([eqx.nn.Dropout(0.1)])), "Dropout.*mask"),
    "batch norm": (lambda: zoo.ode_block(eqx.nn.BatchNorm(2, "b", mode="batch")), "GroupNorm"),
    "state": (lambda: zoo.Wrapped(eqx.nn.BatchNorm(2, "b", mode="batch")), "keeps a state"),
    "parameters": (lambda: zoo.ode_block(lambda x, y: x + y), r"given \(x, y\)"),
    "args": (lambda: zoo.ode_block(mlp(2, KEYS[0]))(jnp.ones(2), args=jnp.ones(2)), "takes"),
    "args of data": (
        lambda: zoo.Wrapped(net()).forward(jnp.ones((3, 2)), args=jnp.ones(3)), "parameter args"
    ),
    "solver": (lambda: zoo.ode_block(mlp(2, KEYS[0]), solver=Solver(diffrax.Euler())), "equal"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_a_block_is_refused(what):
    case, words = REFUSED[what]
    with pytest.raises(ConfigError, match=words):
        case()


def test_a_wrong_layer_is_refused_before_a_step_is_compiled(moons, compilations):
    model = zoo.Wrapped(zoo.ode_block(eqx.nn.Linear(2, 3, key=KEYS[0])))
    del compilations[:]
    with pytest.raises(ConfigError, match=r"maps float32\[2\] to float32\[3\]"):
        zoo.fit(model, moons, steps=1)
    assert not [event for event in compilations if "backend_compile" in event]
