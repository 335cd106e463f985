"""Fields of images and tokens, the models that solve them, and their discrete twins."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import (
    ConvDynamics,
    MLPDynamics,
    TransformerDynamics,
    UNetDynamics,
    dynamics_by_name,
    lift,
)
from zoo.errors import ConfigError, DataError, DynamicsError
from zoo.models import OuterLayers, StagedODENet
from zoo.models.images import Head
from zoo.models.staged import ODEStage
from zoo.nn import from_patches, group_norm, group_norm_layer, layer_norm, to_patches
from zoo.nn.attention import TransformerBlock
from zoo.solve import Outcome, Solver, solve, solvers_of

from .differences import check_gradient
from .small_data import images

KEY = jax.random.key(0)
FIELDS = {
    "conv": {"width": 4},
    "conv_concat_squash": {"width": 4, "depth": 1},
    "unet": {"width": 2, "levels": 1},
    "transformer": {"width": 4},
}
EULER = {"method": "Euler", "steps": 1}
MODELS = {
    "conv_odenet": {"width": 4},
    "unet_odenet": {"width": 2, "dynamics_options": FIELDS["unet"]},
    "transformer_odenet": {"width": 4, "dynamics_options": FIELDS["transformer"]},
}


@pytest.mark.parametrize("size", [(27, 31), (28, 28), (1, 1), (2, 5)])
def test_a_unet_returns_the_shape_of_its_input(size):
    field = UNetDynamics(2, width=2, levels=3, key=KEY)
    ys = jax.random.normal(KEY, (3, *size, 2))
    out = eqx.filter_jit(field.batch)(0.5, ys, None)
    assert out.shape == ys.shape and float(jnp.abs(out).min()) > 0


@pytest.mark.parametrize("name", FIELDS)
def test_gradients_of_fields_are_central_differences(name):
    with jax.enable_x64(True):
        field = dynamics_by_name(name, (3, 2, 2), FIELDS[name], key=KEY)
        arrays, rest = eqx.partition(field, eqx.is_inexact_array)
        y0 = jax.random.normal(KEY, (2, 3, 2, 2))
        solver = Solver(steps=1, t1=0.5)

        def end(inputs):
            arrays, y0 = inputs
            ys, _ = solve(eqx.combine(arrays, rest), y0, solver=solver)
            return jnp.sum(jnp.sin(ys))

        check_gradient(jax.jit(jax.value_and_grad(end)), (arrays, y0))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_sees_the_time(name):
    field = dynamics_by_name(name, (3, 2, 2), FIELDS[name], key=KEY)
    ys = jnp.broadcast_to(jax.random.normal(KEY, (3, 2, 2)), (2, 3, 2, 2))
    at_each = lift(field)(jnp.array([0.0, 1.0]), ys, None)
    assert float(jnp.abs(at_each[0] - at_each[1]).max()) > 1e-3


def test_what_a_transformer_does_to_a_set_follows_its_order():
    field = TransformerDynamics((5, 3), width=4, key=KEY)
    ys, order = jax.random.normal(KEY, (2, 5, 3)), jnp.array([3, 1, 4, 0, 2])
    out = field.batch(0.5, ys, None)
    np.testing.assert_allclose(field.batch(0.5, ys[:, order], None), out[:, order], atol=1e-5)
    others = field.batch(0.5, ys.at[:, 0].add(1.0), None)
    assert float(jnp.abs(others - out)[:, 1:].max()) > 1e-4  # each token sees the others
    of_image = TransformerDynamics((4, 4, 1), width=4, key=KEY)
    turned = of_image.batch(0.5, jnp.ones((1, 4, 4, 1)), None)
    assert float(jnp.ptp(turned[:, ::2, ::2])) > 1e-5  # positions tell equal patches apart


def test_patches_there_and_back():
    x = jnp.arange(2 * 5 * 3 * 2.0).reshape(2, 5, 3, 2)
    tokens = to_patches(x, 2)
    assert tokens.shape == (2, 6, 8)
    np.testing.assert_array_equal(tokens[0, 0], x[0, :2, :2].reshape(-1))
    np.testing.assert_array_equal(from_patches(tokens, (5, 3, 2), 2), x)


def test_norms_channels_last_are_equinox_s_own():
    x = jax.random.normal(KEY, (3, 4, 5, 12))
    groups, features = group_norm_layer(12), eqx.nn.LayerNorm(12)
    assert groups.groups == 6 and [group_norm_layer(n).groups for n in (1, 2, 3, 64)] == [
        1,
        1,
        1,
        8,
    ]
    theirs = jax.vmap(groups)(jnp.moveaxis(x, -1, 1))
    np.testing.assert_allclose(group_norm(groups, x), jnp.moveaxis(theirs, 1, -1), atol=1e-5)
    each = jax.vmap(jax.vmap(jax.vmap(features)))(x)
    np.testing.assert_allclose(layer_norm(features, x), each, atol=1e-5)


class Held(zoo.dynamics.AbstractDynamics):
    """A field that calls a layer."""

    layer: eqx.Module

    def __call__(self, t, y, args):
        return self.layer(y) if args is None else self.layer(y, key=args)


def test_a_layer_without_its_key_or_state_is_refused_with_the_way_out():
    y0 = jnp.ones((3, 4))
    dropout = Held(eqx.nn.Sequential([eqx.nn.Linear(4, 4, key=KEY), eqx.nn.Dropout(0.5)]))
    with pytest.raises(DynamicsError, match=r"holds the layer Dropout, .*give it in args"):
        solve(dropout, y0)
    with pytest.raises(DynamicsError, match=r"holds the layer BatchNorm, .*eqx\.nn\.GroupNorm"):
        solve(Held(eqx.nn.BatchNorm(4, "batch", mode="batch")), y0)
    keys, solver = jax.random.key_data(jax.random.split(KEY, 3)), Solver(steps=1)
    drawn, _ = solve(Held(eqx.nn.Dropout(0.5)), y0, args=keys, solver=solver)
    assert len(np.unique(np.asarray(drawn))) > 1  # one mask a solve, the way out
    still, _ = solve(eqx.nn.inference_mode(dropout), y0, solver=solver)
    assert np.isfinite(still).all()
    wrong = Held(eqx.nn.Sequential([eqx.nn.Linear(3, 4, key=KEY), eqx.nn.Dropout(0.5)]))
    with pytest.raises(TypeError):  # an error of one's own passes
        solve(wrong, y0)


@pytest.mark.parametrize("name", MODELS)
def test_a_twin_of_one_step_is_the_ode_net_by_one_step_of_euler(name):
    data = images()
    ode = zoo.create_model(name, data, key=KEY, solver=EULER, **MODELS[name])
    twin = zoo.create_model(name, data, key=KEY, discrete=1, **MODELS[name])
    assert zoo.count_parameters(ode) == zoo.count_parameters(twin)
    where = lambda model: [s.dynamics for s in model.stages]  # noqa: E731
    ode = eqx.tree_at(where, ode, [stage[0] for stage in twin.stages])
    ys, stats = ode.forward(data.test["x"])
    expected, discrete = twin.forward(data.test["x"])
    np.testing.assert_allclose(ys, expected, atol=1e-5)
    stages = len(twin.stages)
    assert stats.nfe.tolist() == discrete.nfe.tolist() == [stages] * len(ys)
    deep = zoo.create_model(name, data, key=KEY, discrete=3, **MODELS[name])
    assert int(deep.forward(data.test["x"])[1].nfe[0]) == 3 * stages
    with pytest.raises(ConfigError, match=r"solve no ODE, and solver options are given \(rtol\)"):
        zoo.create_model(name, data, key=KEY, discrete=1, solver={"rtol": 1e-2})


@pytest.mark.wrong_types
def test_stages_are_of_falling_size_and_augmented_channels_pass_through():
    sizes = {"in_shape": (7, 5, 1), "out_size": 3}
    model = zoo.create_model("conv_odenet", sizes, key=KEY, width=4, augment=2, stages=3)
    shapes = [stage.dynamics.layers[-1].bias.size for stage in model.stages]
    assert shapes == [6, 12, 24] and len(solvers_of(model)) == 3
    y0 = model.initial_state(jnp.ones((2, 7, 5, 1)))
    assert y0.shape == (2, 7, 5, 6) and (y0[..., 4:] == 0).all() and (y0[..., :4] != 0).all()
    plain = zoo.create_model("conv_odenet", sizes, key=KEY, width=0, stages=1, pool=False)
    assert plain.initial_state(jnp.ones((2, 7, 5, 1))).shape == (2, 7, 5, 1)
    assert plain.outer.head.layer.layer.weight.shape == (3, 35)
    with pytest.raises(DataError, match=r"\(2, 5, 7, 1\): expected \(B, 7, 5, 1\)"):
        plain.forward(jnp.ones((2, 5, 7, 1)))
    with pytest.raises(DataError, match=r"a batch of one is x\[None\]"):
        plain.forward(jnp.ones((7, 5, 1)))


AXES = {
    "joint, random ends": {"solver": Solver(batching="joint", steps=1), "random_end": 0.2},
    "another method, backsolve": {
        "solver": Solver(zoo.solve.methods.method_by_name("Heun"), adjoint="backsolve", steps=1)
    },
    "a regulariser that draws": {
        "solver": Solver(steps=1),
        "regulariser": zoo.regularisers.jacobian(weight=0.1),
    },
}


@pytest.mark.parametrize("axis", AXES)
def test_training_takes_every_axis(axis):
    data = images()
    linear = {"depth": 0}  # one convolution a block: less to compile
    model = zoo.create_model(
        "conv_odenet", data, key=KEY, width=2, augment=1, dynamics_options=linear
    )
    result = zoo.fit(model, data, steps=2, batch_size=8, **AXES[axis])
    before, after = (jax.tree.leaves(eqx.filter(m, eqx.is_array)) for m in (model, result.model))
    changed = [float(jnp.abs(a - b).max()) > 0 for a, b in zip(before, after, strict=True)]
    assert all(changed) and all(np.isfinite(each).all() for each in after)
    rows = result.history.train
    assert (min(row.get("penalty", 0) for row in rows) > 0) == ("regulariser" in AXES[axis])


def test_an_example_that_fails_in_one_stage_is_nan_and_changes_no_other_s_gradient():
    class Ending(zoo.dynamics.AbstractDynamics):
        """A field that is no number once t has passed the example's own time."""

        inner: ConvDynamics

        def __call__(self, t, y, until):
            return jnp.where(t > until, jnp.nan, self.inner(t, y, None))

    key = iter(jax.random.split(KEY, 3))
    stages = [
        ODEStage(Ending(ConvDynamics(1, width=2, key=next(key))), Solver(rtol=1e-1, t1=t1))
        for t1 in (1.0, 2.0)
    ]
    outer = OuterLayers(
        Head((2, 3, 1), 2, pool=False, key=next(key)), in_shape=(2, 3, 1), transitions=[jnp.sin]
    )
    model, xs = StagedODENet(stages, outer), jax.random.normal(KEY, (4, 2, 3, 1))

    @eqx.filter_jit
    @eqx.filter_value_and_grad(has_aux=True)
    def loss(model, args):
        ys, stats = model.forward(xs, args=args)
        return jnp.sum(jnp.where(jnp.arange(4)[:, None] > 1, ys, 0) ** 2), (ys, stats)

    healthy = jnp.full(4, 9.0)
    _, expected = loss(model, healthy)
    (_, (ys, stats)), grads = loss(model, healthy.at[0].set(0.5).at[1].set(1.5))
    assert stats.result.tolist() == [Outcome.NON_FINITE] * 2 + [Outcome.SUCCESS] * 2
    assert np.isnan(ys[:2]).all() and np.isfinite(ys[2:]).all()
    for a, b in zip(jax.tree.leaves(grads), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_does_not_go_together_is_refused_in_words():
    sizes = {"in_shape": (4, 3, 2), "out_size": 2}
    with pytest.raises(ConfigError, match=r"'mlp' take a vector.*conv, conv_concat_squash, trans"):
        zoo.create_model("conv_odenet", sizes, key=KEY, dynamics="mlp")
    with pytest.raises(ConfigError, match=r"'conv' take a state \[height, width, channels\]"):
        zoo.create_model("odenet", (24, 2), key=KEY, dynamics="conv")
    with pytest.raises(ConfigError, match=r"in_shape is \(4, 3\): expected \(height, width"):
        zoo.create_model("conv_odenet", {**sizes, "in_shape": (4, 3)}, key=KEY)
    with pytest.raises(ConfigError, match="heads = 3 do not divide width = 4"):
        TransformerBlock(4, heads=3, key=KEY)
    stage = ODEStage(MLPDynamics(2, key=KEY))
    with pytest.raises(ConfigError, match="2 stages with 0 transitions"):
        StagedODENet([stage, stage], OuterLayers(jnp.sum, in_shape=(1, 1, 2)))
    with pytest.raises(ConfigError, match="augment = -1"):
        OuterLayers(jnp.sum, in_shape=(1, 1, 2), augment=-1)
