"""Recurrent models of series beside Equinox and beside loops by hand, and their likelihood."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.stats import norm

import zoo
from zoo.controls import since_observed
from zoo.models import ODERNN, Series
from zoo.nn import GRU, Affine
from zoo.objectives.forecasts import gaussian_nll
from zoo.solve import Solver, solve

from .small_data import labelled_series

KEY = jax.random.key(0)
STEP = jnp.array(0)
B, T, D, HIDDEN = 3, 5, 2, 4


def observed(seed=0):
    rng = np.random.RandomState(seed)
    t = np.cumsum(rng.uniform(0.1, 1.0, (B, T)), axis=1)
    mask = rng.uniform(size=(B, T, D)) < 0.6
    mask[0, 2] = False
    return Series.of({"t": t, "x": rng.randn(B, T, D), "mask": mask})


def test_the_gru_is_equinox_s_cell_on_each_example():
    with jax.enable_x64(True):
        gru, xs = GRU(D, HIDDEN, key=KEY), observed()
        before, last = gru.states(xs.x, xs.seen)
        for row in range(B):
            h = jnp.zeros(HIDDEN)
            for i in range(T):
                np.testing.assert_allclose(before[row, i], h, atol=1e-12)
                h = gru.cell(xs.x[row, i], h) if xs.seen[row, i] else h
            np.testing.assert_allclose(last[row], h, atol=1e-12)


def test_the_time_since_a_channel_was_observed():
    t = np.array([[0.0, 1.0, 3.0, 7.0]])
    mask = np.array([[[0, 1], [1, 0], [0, 0], [1, 1]]], bool)
    assert since_observed(t, mask)[0].T.tolist() == [[0, 1, 2, 6], [0, 1, 3, 7]]


class Decay(eqx.Module):
    """dh/dt = -rate h."""

    rate: jax.Array

    def __call__(self, t, y, args):
        return -self.rate * y


def test_an_ode_rnn_decays_between_observations():
    with jax.enable_x64(True):
        xs, rate = observed(), jnp.array(0.7)
        gru = GRU(2 * D, HIDDEN, key=KEY)
        model = ODERNN(Decay(rate), gru, head=lambda h: h, solver=Solver(rtol=1e-9))
        ys, stats = eqx.filter_jit(model.forward)(xs)
        t, nfe = np.asarray(xs.since_start), []
        for row in range(B):
            h, calls = jnp.zeros(HIDDEN), 0
            for i in range(T):
                gap = t[row, i] - t[row, i - 1] if i else 0.0
                if gap:
                    one = solve(model.dynamics, h[None], solver=model.solver, ts=np.array([gap]))
                    calls += int(one[1].nfe[0])
                h = h * np.exp(-float(rate) * gap)
                features = jnp.concatenate([xs.x[row, i], xs.mask[row, i].astype(h.dtype)])
                h = gru.cell(features, h) if xs.seen[row, i] else h
            np.testing.assert_allclose(ys[row], h, rtol=1e-6)
            nfe.append(calls)
        assert stats.nfe.tolist() == nfe and stats.ok.all()


class Blowing(eqx.Module):
    """dh/dt = 1 + (100 h)² once h is not 0: it leaves every bound in a short while."""

    weight: jax.Array

    def __call__(self, t, y, args):
        return jnp.where(y == 0, 0, self.weight * (1 + (100 * y) ** 2))


def test_an_example_that_fails_in_a_gap_leaves_the_others_alone():
    with jax.enable_x64(True):
        xs = observed()
        mask = xs.mask.at[1].set(False)  # of the second nothing moves, the others grow
        xs = eqx.tree_at(lambda s: (s.x, s.mask), xs, (jnp.where(mask, xs.x, 0), mask))
        gru, head = GRU(2 * D, HIDDEN, key=KEY), Affine(HIDDEN, 1, key=KEY)
        gru = eqx.tree_at(lambda g: g.cell.bias, gru, replace_fn=jnp.zeros_like)
        model = ODERNN(Blowing(jnp.array(1e4)), gru, head=head, solver=Solver(max_steps=16))

        @eqx.filter_jit
        @eqx.filter_value_and_grad(has_aux=True)
        def loss(model, xs):
            ys, stats = model.forward(xs)
            return jnp.sum(jnp.where(stats.ok[:, None], ys, 0)), (ys, stats)

        (_, (ys, stats)), gradient = loss(model, xs)
        assert stats.ok.tolist() == [False, True, False] and jnp.isnan(ys[0]).all()
        assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))
        assert gradient.head.layer.bias.tolist() == [1.0]


class Says(zoo.AbstractModel):
    """A model that says what it is told to."""

    objectives = zoo.losses.PREDICTION
    says: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.says, zoo.Stats.discrete(len(self.says), 1)


def test_the_likelihood_is_of_what_is_observed_and_was_not_given():
    batch = {k: v[:4] for k, v in labelled_series().train.items()}
    batch["given"] = batch["given"].copy()
    batch["given"][3] = True
    rng = np.random.RandomState(0)
    says = np.abs(rng.randn(*batch["x"].shape, 2)).astype(np.float32) + 0.1
    hidden = batch["mask"] & ~batch["given"]
    batch["x"] = np.where(hidden, batch["x"], np.nan)
    values, aux = gaussian_nll(Says(jnp.asarray(says)), batch, key=None, step=STEP, solver=None)
    density = norm.logpdf(np.nan_to_num(batch["x"]), says[..., 0], says[..., 1])
    for row in range(3):
        np.testing.assert_allclose(values[row], -density[row][hidden[row]].mean(), rtol=1e-5)
        np.testing.assert_allclose(aux.metrics["nll"][row], -density[row][hidden[row]].sum(), 1e-5)
    assert values[3] == 0 and aux.counts["nll"].tolist() == hidden.sum((1, 2)).tolist()
    with pytest.raises(zoo.ZooError, match="deviation"):
        gaussian_nll(Says(jnp.asarray(says[..., 0])), batch, key=None, step=STEP, solver=None)
    del batch["given"]
    with pytest.raises(zoo.ZooError, match="given"):
        gaussian_nll(Says(jnp.asarray(says)), batch, key=None, step=STEP, solver=None)
