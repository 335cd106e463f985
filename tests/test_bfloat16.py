"""A field that computes in bfloat16 within a solve that does not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.dynamics import Bfloat16Dynamics
from zoo.errors import ConfigError
from zoo.solve.rounding import without_rounding

XS = jnp.asarray(np.random.default_rng(0).standard_normal((6, 4)), jnp.float32)
STEPS = {"method": "Heun", "steps": 4}


def net(field_dtype, seed=0):
    config = zoo.model_config("odenet", moons(), solver={**STEPS, "field_dtype": field_dtype})
    return zoo.create_model(config, key=jax.random.key(seed))


def moons():
    return zoo.load_dataset("moons", n=60)


def difference(one, other):
    flat = [np.concatenate([np.ravel(x) for x in jax.tree.leaves(each)]) for each in (one, other)]
    return np.linalg.norm(flat[0] - flat[1]) / np.linalg.norm(flat[1])


def test_state_and_gradient_stay_float32_and_are_close():
    field = zoo.dynamics.MLPDynamics(4, width=8, depth=1, key=jax.random.key(1))

    @jax.jit
    def both(field):
        solver = zoo.Solver(rtol=1e-2, field_dtype="bfloat16")

        def mean(field, solver):
            ys, _ = zoo.solve.solve(field, XS, solver=solver)
            return jnp.mean(ys**2), ys

        low = jax.value_and_grad(mean, has_aux=True)(field, solver)
        return low, jax.value_and_grad(mean, has_aux=True)(field, without_rounding(solver))

    ((_, rounded), gradient), ((_, exact), expected) = both(field)
    assert rounded.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(gradient)} == {jnp.dtype(jnp.float32)}
    assert 1e-6 < difference(rounded, exact) < 0.02
    assert difference(gradient, expected) < 0.1


def test_the_field_alone_is_rounded():
    seen = []

    def field(t, y, args):
        seen.append((jnp.asarray(t).dtype, y["a"].dtype, args[0].dtype, args[1].dtype))
        return {"a": -y["a"] * args[0]}

    low = Bfloat16Dynamics(zoo.frozen(zoo.dynamics.MLPDynamics(4, key=jax.random.key(0))))
    assert low.batch(0.5, XS, None).dtype == jnp.float32
    args = jnp.ones(4), jnp.arange(4)
    made = Bfloat16Dynamics(field)(0.3, {"a": XS[0]}, args)
    assert made["a"].dtype == jnp.float32
    half = jnp.dtype(jnp.bfloat16)
    assert seen == [(half, half, half, jnp.dtype(jnp.int32))]


@pytest.mark.filterwarnings("ignore:Solved:zoo.ZooWarning")
def test_a_model_trains_and_other_grids_show_no_rounding():
    data, model = moons(), net("bfloat16")
    result = zoo.fit(model, data, steps=20, batch_size=36, key=jax.random.key(0))
    assert result.history.val[-1]["loss"] < 0.8 * result.history.train[0]["loss"]
    told = zoo.evaluate(result.model, data, batch_size=12)
    assert 0 < told["rediscretisation"]["adaptive"]["change"] < 0.1 and not told["failed"]
    with pytest.raises(ConfigError, match="whose rounding"):
        zoo.evaluate(model, data, solver=zoo.Solver(rtol=1e-4))
    laid = zoo.Solver(rtol=1e-4, field_dtype="state").over(model.solver)
    assert without_rounding(laid) is laid and laid.field_dtype == "state"
