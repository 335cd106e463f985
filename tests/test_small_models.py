"""Does the contract hold? Three families to come, in small, trained by the same `fit`."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import TrainingDivergedError
from zoo.nn.dense import FeedForward
from zoo.solve import solve

from .small_models.adversarial import Adversaries
from .small_models.flow import Flow
from .small_models.latent_ode import LatentODE, elbo, series

KEY = jax.random.key(0)


def falls(history: zoo.train.History) -> bool:
    losses = [row["loss"] for row in history.train]
    return len(losses) == 50 and np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_latent_ode_on_irregular_masked_series():
    data = series()
    result = zoo.fit(LatentODE(1, 4, key=KEY), data, steps=50, optimiser=optax.adam(1e-2))
    assert falls(result.history) and "mse" in result.history.val[-1]
    last = result.history.val[-1]
    assert last["failed"] == 0 and np.isfinite(last["mse"])
    # What the mask hides is never seen.
    batch = {name: jnp.asarray(values[:8]) for name, values in data.test.items()}
    hidden = {**batch, "x": jnp.where(batch["mask"][..., None], batch["x"], 99.0)}
    solver = result.model.solver.traced()
    values = [elbo(result.model, b, key=None, step=0, solver=solver)[0] for b in (batch, hidden)]
    assert not batch["mask"].all() and (values[0] == values[1]).all()


def test_flow_keeps_its_log_determinant_out_of_the_error(moons):
    flow = Flow(2, key=KEY)
    result = zoo.fit(flow, moons, task="density", steps=50, optimiser=optax.adam(2e-2))
    losses = [row["loss"] for row in result.history.train]
    assert len(losses) == 50 and np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.1
    assert result.history.val[-1]["nll"] < losses[0]
    axis = np.linspace(-6.0, 6.0, 121)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    fine = zoo.Solver(rtol=1e-4)
    density = np.exp(result.model.forward(jnp.asarray(grid), solver=fine)[0])
    assert density.sum() * 0.1**2 == pytest.approx(1.0, abs=0.02)
    xs = jnp.asarray(moons.test["x"])
    _, with_density = result.model.forward(xs, solver=fine)
    _, alone = solve(result.model.dynamics, xs, solver=fine.over(result.model.solver))
    assert with_density.nfe.tolist() == alone.nfe.tolist()


def points() -> zoo.Dataset:
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(3.0, 0.5, (64, 2)), "z": rng.normal(size=(64, 2))}
    return zoo.make_dataset(zoo.RawData(arrays, ("generation",)), standardise=False)


def adversaries() -> Adversaries:
    keys = jax.random.split(KEY)
    return Adversaries(
        FeedForward(2, 2, width=16, depth=1, key=keys[0]),
        FeedForward(2, 1, width=16, depth=1, key=keys[1]),
    )


def test_two_players_bring_their_own_update():
    data, model = points(), adversaries()
    result = zoo.fit(model, data, steps=50, batch_size=16, optimiser=optax.adam(1e-2))
    assert len(result.history.train) == 50 and "critic" in result.history.train[0]
    assert result.history.val[-1]["loss"] < result.history.val[0]["loss"]
    for player in ("generator", "critic"):
        before, after = getattr(model, player), getattr(result.model, player)
        assert not eqx.tree_equal(before, after)
    poisoned = {**data.train, "x": np.full_like(data.train["x"], np.nan)}
    with pytest.raises(TrainingDivergedError) as caught:
        zoo.fit(model, dataclasses.replace(data, train=poisoned), steps=50, batch_size=16)
    assert eqx.tree_equal(caught.value.result.state.model, model)
