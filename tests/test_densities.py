"""Densities by an ODE: against closed forms, Jacobians taken whole, and each other."""

from itertools import product

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.scipy.linalg import expm
from scipy.stats import multivariate_normal

import zoo
from zoo.dynamics import AbstractDynamics, WithDivergence, dynamics_by_name
from zoo.models.densities import CNF, Trace
from zoo.solve import Outcome, Solver, solve

KEY = jax.random.key(0)


def tight():
    """As close as 64 bits allow, within a test that has them."""
    return Solver(rtol=1e-8, atol=1e-8)


class Linear(AbstractDynamics):
    """dy/dt = A y."""

    matrix: jax.Array

    def __call__(self, t, y, args):
        return self.matrix @ y


class Growing(AbstractDynamics):
    """dy/dt = a y³, which ends before t = 1 where a y² > 1/2."""

    rate: jax.Array

    def __call__(self, t, y, args):
        return self.rate * y**3


def flow(size=2, *, blocks=1, width=8, solver=None, trace=None, dynamics="concat_squash", shape=()):
    """A small flow, by default of vectors."""
    options = {"width": width, "levels" if dynamics == "unet" else "depth": 1}
    keys = jax.random.split(KEY, blocks)
    state = shape or (size,)
    fields = tuple(dynamics_by_name(dynamics, state, options, key=key) for key in keys)
    return CNF(fields, state, solver=solver, trace=trace)


def points(count, size=2, seed=1):
    return jax.random.normal(jax.random.key(seed), (count, size))


@pytest.fixture(scope="module")
def trained():
    """Moons, and a flow that has seen them for a few seconds."""
    data = zoo.load_dataset("moons")
    solver = {"batching": "joint", "rtol": 1e-3}
    options = {"width": 32, "depth": 2}
    model = zoo.create_model(
        "cnf", data, key=KEY, task="density", dynamics_options=options, solver=solver
    )
    result = zoo.fit(
        model, data, task="density", steps=250, batch_size=128, optimiser=optax.adam(1e-2)
    )
    return data, result.model


@pytest.mark.parametrize("batching", ["per-sample", "joint"])
def test_the_density_of_linear_fields_in_closed_form(batching):
    with jax.enable_x64(True):
        one, two = np.random.default_rng(0).normal(size=(2, 3, 3)) * 0.7
        model = CNF((Linear(jnp.array(one)), Linear(jnp.array(two))), (3,), solver=tight())
        xs = points(6, 3)
        whole = np.asarray(expm(two) @ expm(one))
        inverse = np.linalg.inv(whole)
        expected = multivariate_normal(cov=inverse @ inverse.T).logpdf(xs)
        found, stats = model.log_prob(xs, solver=Solver(batching=batching))
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(model.encode(xs)[0], xs @ whole.T, atol=1e-5)
        assert stats.ok.all() and stats.nfe_by_block.shape == (6, 2)
        assert (stats.nfe_by_block.sum(axis=1) == stats.nfe).all()


@pytest.mark.parametrize(
    ("dynamics", "shape"),
    [("concat_squash", (3,)), ("conv_concat_squash", (4, 3, 2))],
)
def test_the_change_of_volume_is_the_determinant_of_the_whole_jacobian(dynamics, shape):
    with jax.enable_x64(True):
        model = flow(dynamics=dynamics, shape=shape, solver=tight(), width=4)
        xs = jax.random.normal(KEY, (2, *shape))
        zs, _ = model.encode(xs)
        assert zs.shape == xs.shape
        jacobian = jax.vmap(jax.jacfwd(lambda x: model.encode(x[None])[0][0]))(xs)
        flat = jacobian.reshape(2, xs[0].size, xs[0].size)
        expected = model.base_log_prob(zs) + jnp.linalg.slogdet(flat)[1]
        np.testing.assert_allclose(model.log_prob(xs)[0], expected, atol=1e-5)


def test_an_image_of_a_dense_field_is_its_numbers_in_a_row():
    data = zoo.make_dataset(
        zoo.RawData({"x": np.random.default_rng(0).normal(size=(40, 4, 3, 2))}, ("density",))
    )
    model = zoo.create_model("cnf", data, key=KEY, dynamics_options={"width": 8, "depth": 1})
    xs = jnp.asarray(data.test["x"])
    np.testing.assert_array_equal(model(xs[0]), model.log_prob(xs.reshape(len(xs), -1))[0][0])
    drawn = zoo.sample(model, None, 3, key=KEY)
    assert drawn.shape == (3, 4, 3, 2) and model.encode(xs)[0].shape == xs.shape
    again, _ = model.decode(model.encode(xs)[0])
    np.testing.assert_allclose(again, xs, atol=0.1)
    with pytest.raises(zoo.ZooError, match=r"expected \(B, 4, 3, 2\)"):
        model.log_prob(xs[:, :3])


def test_decode_undoes_encode_to_a_hundred_tolerances():
    rtol = 1e-5
    with jax.enable_x64(True):
        model = flow(3, blocks=2, solver=Solver(rtol=rtol, atol=rtol))
        xs = points(16, 3)
        again, _ = model.decode(model.encode(xs)[0])
        assert abs(again - xs).max() < 100 * rtol
        apart = jnp.linalg.norm(again - xs, axis=1) / jnp.linalg.norm(xs, axis=1)
        np.testing.assert_allclose(model.reconstruction_error(xs), apart, rtol=1e-6)


def test_the_path_through_two_blocks_has_both():
    with jax.enable_x64(True):
        model = flow(2, blocks=2, solver=tight())
        xs = points(3)
        path, stats = model.trajectory(xs, jnp.array([0.0, 0.5, 1.0, 1.5, 2.0]))
        both, alone = path[:, [0, 2, 4]], CNF(model.blocks[:1], (2,), solver=tight())
        expected = jnp.stack([xs, alone.encode(xs)[0], model.encode(xs)[0]], axis=1)
        np.testing.assert_allclose(both, expected, atol=1e-7)
        single, _ = alone.trajectory(xs, jnp.array([0.0, 0.5, 1.0]))
        np.testing.assert_allclose(path[:, :3], single, atol=1e-7)
        assert stats.nfe_by_block.shape == (3, 2)


def traces(field, states, noise):
    zeros = jnp.zeros(len(states))
    return WithDivergence(field).batch(0.3, (states, zeros), (None, noise))[1]


def test_the_mean_over_probes_is_the_exact_trace():
    with jax.enable_x64(True):
        field, states = flow(3).blocks[0], points(4, 3)
        exact = traces(field, states, None)
        jacobians = jax.vmap(jax.jacfwd(lambda y: field(0.3, y, None)))(states)
        np.testing.assert_allclose(exact, jnp.trace(jacobians, axis1=1, axis2=2), rtol=1e-10)
        signs = jnp.array(list(product([-1.0, 1.0], repeat=3)))
        every = jnp.broadcast_to(signs, (4, 8, 3))
        np.testing.assert_allclose(traces(field, states, every), exact, rtol=1e-10)
        drawn = jax.random.normal(KEY, (4, 40_000, 3))
        spread = jnp.sqrt(2 * (jacobians**2).sum(axis=(1, 2)) / 40_000)
        assert (abs(traces(field, states, drawn) - exact) < 4 * spread).all()


def test_more_numbers_than_are_pushed_at_once_have_the_same_trace():
    field, states = flow(40).blocks[0], points(3, 40)
    jacobians = jax.vmap(jax.jacfwd(lambda y: field(0.3, y, None)))(states)
    exact = jnp.trace(jacobians, axis1=1, axis2=2)
    np.testing.assert_allclose(traces(field, states, None), exact, rtol=1e-4)


def test_an_example_s_probes_follow_its_key_in_every_batch():
    trace = Trace(exact_in_training=0, exact_in_evaluation=0, probes=2)
    model = flow(4, trace=trace)
    xs, keys = points(7, 4), jax.random.split(KEY, 7)
    noise = trace.draw(xs, keys, training=True)
    whole, _ = model.log_prob(xs, key=keys, training=True)
    default, _ = model.log_prob(xs)
    for rows in (slice(0, 1), slice(2, 5), slice(6, 7)):
        np.testing.assert_array_equal(trace.draw(xs[rows], keys[rows], training=True), noise[rows])
        some, _ = model.log_prob(xs[rows], key=keys[rows], training=True)
        np.testing.assert_allclose(some, whole[rows], atol=1e-5)
        np.testing.assert_allclose(model.log_prob(xs[rows])[0], default[rows], atol=1e-5)
    assert noise.shape == (7, 2, 4) and len(np.unique(noise.reshape(7, -1), axis=0)) > 1
    assert abs(whole - flow(4).log_prob(xs)[0]).max() > 1e-3  # an estimate, and not the trace
    assert Trace().draw(xs, keys, training=True) is None
    assert Trace().draw(jnp.zeros((7, 300)), keys, training=False).shape == (7, 16, 300)


@pytest.mark.parametrize(
    ("adjoint", "batching"),
    [("replay", "per-sample"), ("replay", "joint"), ("recursive", "per-sample")],
)
def test_the_log_determinant_takes_no_step(adjoint, batching):
    model, xs = flow(2, solver=Solver(batching=batching, adjoint=adjoint)), points(5)
    _, alone = model.encode(xs)
    _, both = model.log_prob(xs)
    for name in ("accepted", "rejected", "nfe"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(both, name), name)


def test_a_density_that_fails_is_nan_and_leaves_the_others_alone():
    model = CNF((Growing(jnp.array(0.03)), Growing(jnp.array(0.01))), (2,))
    bad = points(4).at[1].set(100.0)

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def total(model, xs):
        logs, stats = model.log_prob(xs)
        return jnp.sum(jnp.where(stats.ok, logs, 0).at[1].set(0)), (logs, stats)

    (_, (logs, stats)), gradient = total(model, bad)
    (_, (well, _)), expected = total(model, bad.at[1].set(0.1))
    assert jnp.isnan(logs).tolist() == [False, True, False, False]
    assert stats.result[1] != Outcome.SUCCESS and stats.ok.sum() == 3
    assert (logs - well)[jnp.array([0, 2, 3])].tolist() == [0.0] * 3
    for got, wanted in zip(jax.tree.leaves(gradient), jax.tree.leaves(expected), strict=True):
        assert (got - wanted == 0.0).all() and jnp.isfinite(wanted).all()
    assert model.isolates_failures() and not model.isolates_failures(Solver(batching="joint"))
    apart = model.reconstruction_error(bad)
    assert jnp.isnan(apart).tolist() == [False, True, False, False]


@pytest.mark.filterwarnings("ignore:. of 8 solves:zoo.ZooWarning")
def test_a_draw_that_fails_is_nan():
    ends = CNF((Growing(jnp.array(-0.3)),), (1,))  # backwards, where |z| > 1.29
    drawn = zoo.sample(ends, None, 8, key=jax.random.key(4))
    assert 0 < np.isnan(drawn).sum() < 8


class Kink(AbstractDynamics):
    """sqrt |y|, whose slope at 0 is no number."""

    def __call__(self, t, y, args):
        return jnp.sqrt(jnp.abs(y))


def test_a_trace_that_is_no_number_is_no_density():
    logs, stats = CNF((Kink(),), (1,)).log_prob(jnp.array([[0.0], [1.0]]))
    assert jnp.isnan(logs).tolist() == [True, False] and stats.ok.tolist() == [False, True]


def test_a_regulariser_charges_the_state_alone_and_once():
    model, xs, keys = flow(2, blocks=2), points(3), jax.random.split(KEY, 3)
    kinetic = zoo.regularisers.kinetic(weight=1.0)
    plain, cost = model.log_prob(xs), jnp.zeros(3)
    ys = xs
    for field in model.blocks:
        ys, stats = solve(field, ys, solver=Solver(regulariser=kinetic))
        cost = cost + stats.penalty
    logs, told = model.log_prob(xs, solver=Solver(regulariser=kinetic))
    np.testing.assert_allclose(told.penalty, cost, rtol=1e-5)
    np.testing.assert_allclose(logs, plain[0], rtol=1e-5)
    np.testing.assert_array_equal(told.nfe, plain[1].nfe)
    rough = Solver(regulariser=zoo.regularisers.jacobian(weight=1.0))
    told, some = (
        model.log_prob(xs[rows], solver=rough, key=keys[rows])[1].penalty
        for rows in (slice(0, 3), slice(1, 2))
    )
    assert (told > 0).all() and np.ptp(told) > 0
    np.testing.assert_allclose(some, told[1:2], rtol=1e-5)


def given_args(t, y, dy, args):
    """A cost that is the args of the field, whatever else the solve is given."""
    return args


@pytest.mark.parametrize("exact", [8, 0])
def test_a_rate_is_given_the_args_of_the_field(exact):
    model = CNF((Growing(jnp.array(0.3)),), (2,), trace=Trace(exact, exact))
    args = jnp.array([1.0, 2.0, 5.0])
    _, told = model.log_prob(points(3), args=args, solver=Solver(regulariser=given_args))
    np.testing.assert_allclose(told.penalty, args, rtol=1e-5)


def test_what_is_done_to_models_is_done_to_densities():
    model, xs = flow(3, blocks=2), points(4, 3)
    logs, stats = zoo.ablate(model, steps=3).log_prob(xs)
    assert stats.nfe_by_block.tolist() == [[3, 3]] * 4 and jnp.isfinite(logs).all()
    assert model.log_prob(xs, solver=Solver(steps=2))[1].accepted.tolist() == [4] * 4
    for changed in (zoo.prune(model, 0.5), zoo.quantise(model, 4)):
        assert (changed.log_prob(xs)[0] != model.log_prob(xs)[0]).all()
    still = eqx.tree_at(lambda m: m.blocks[0], model, zoo.frozen(model.blocks[0]))
    np.testing.assert_allclose(still.log_prob(xs)[0], model.log_prob(xs)[0], atol=1e-6)
    assert zoo.count_parameters(still) == zoo.count_parameters(model) // 2
    assert [often for _, often in model.repeated_parts([8.0, 9.0])] == [8.0, 9.0]
    with pytest.raises(zoo.ZooError, match="blocks"):
        CNF((), (2,))


def test_a_trained_flow_holds_all_of_the_probability(trained):
    data, model = trained
    told = zoo.evaluate(model, data, task="density")
    assert told["nll"] < told["gaussian_nll"] - 0.2
    axis = np.linspace(-5, 5, 101)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2).astype(np.float32)
    exact = Solver(batching="joint", rtol=1e-4)
    density = jnp.exp(eqx.filter_jit(model.log_prob)(grid, solver=exact)[0])
    assert abs(float(density.sum()) * (axis[1] - axis[0]) ** 2 - 1) < 0.01
