"""Controls: paths through observations, beside Diffrax's, closed forms, and what all must keep."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.controls import Hermite, Linear, LogODE, Rectilinear
from zoo.registry import CONTROLS

B, T, D, U = 4, 12, 2, 1


def series(seed=0, observed=0.6):
    """Times from 0, values, a mask in which a channel of the second series is never observed."""
    rng = np.random.RandomState(seed)
    t = np.cumsum(rng.uniform(0.1, 1.0, (B, T)), axis=1)
    mask = rng.uniform(size=(B, T, D)) < observed
    mask[1, :, 1] = False
    return t - t[:, :1], rng.randn(B, T, D), mask, rng.randn(B, T, U)


def padded(t, x, mask, inputs, more=3):
    """The same with `more` times of padding, which holds anything."""
    wide = lambda a, value: np.pad(  # noqa: E731
        a, ((0, 0), (0, more)) + ((0, 0),) * (a.ndim - 2), constant_values=value
    )
    t = np.concatenate([t, np.repeat(t[:, -1:], more, axis=1)], axis=1)
    return t, np.where(wide(mask, False), wide(x, 0), np.nan), wide(mask, False), wide(inputs, 1e9)


def along(path, count=7):
    """Places on each series' path, the ends among them; [count, B]."""
    return np.linspace(0, 1, count)[:, None] * np.asarray(path.end)


@eqx.filter_jit
def built(control, *arrays):
    return control.path(*arrays)


@eqx.filter_jit
def read(path, s):
    """X, its derivative and the slope by which X moves, at places s [N, B]: each [N, B, C]."""

    def at(s):
        x, slope = jax.jvp(path.evaluate, (s,), (jnp.ones_like(s),))
        return x, path.derivative(s), slope

    return jax.vmap(at)(jnp.asarray(s))


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("name", zoo.list_controls())
def test_control_contract(name, counts):
    with jax.enable_x64(True):
        control = CONTROLS[name].builder(T, counts=counts)
        arrays = series()
        path, other = built(control, *arrays), built(control, *padded(*arrays))
        assert path.times.shape == (B, T) and (path.times <= path.end[:, None]).all()
        assert path.start.shape == (B, control.channels(D, U))
        s = along(path)
        x, dx, slope = read(path, s)
        assert jnp.isfinite(dx).all() and (path.end == other.end).all()
        assert all((a == b).all() for a, b in zip((x, dx), read(other, s)[:2], strict=True))
        np.testing.assert_allclose(slope, dx, atol=1e-12)
        whole = built(control, *arrays[:2], np.ones_like(arrays[2]), arrays[3])
        inner = np.asarray(whole.derivative.knots).T
        left, right = read(whole, inner - 1e-9), read(whole, inner + 1e-9)
        np.testing.assert_allclose(left[0], right[0], atol=1e-5)
        assert control.smooth == (np.abs(left[1] - right[1]).max() < 1e-5)
        if control.causal:
            changed = np.where(np.arange(T)[:, None] < 5, arrays[1], 7.0)
            later = built(control, arrays[0], changed, *arrays[2:])
            early = np.linspace(0, 1, 7)[:, None] * np.asarray(path.times[:, 5])
            assert (read(later, early)[0] == read(path, early)[0]).all()


@pytest.mark.parametrize("name", zoo.list_controls())
def test_a_series_of_one_observation_stays_where_it_is(name):
    control = CONTROLS[name].builder(T)
    path = control.path(np.zeros((B, 1)), np.ones((B, 1, D)), np.ones((B, 1, D), bool))
    assert path.times.shape == (B, 1) and (path.end == 0).all()
    assert (path.derivative(0.0) == 0).all() and (path.evaluate(0.0) == path.start).all()


def test_many_knots_are_searched_in_blocks_and_few_of_many_times_alone():
    rng = np.random.RandomState(0)
    t = np.cumsum(rng.uniform(0.1, 1, (B, 64)), axis=1)
    t, x = t - t[:, :1], rng.randn(B, 64, D)
    wide, more = [
        padded(t, x, np.ones(x.shape, bool), x[..., :U], more=each) for each in (20, 576 - 64)
    ]
    plain = Hermite(64).path(t, x, np.ones(x.shape, bool), x[..., :U])
    assert plain.derivative.knots.shape[1] == 62
    for s in along(plain, 40):
        place = [np.searchsorted(row[1:-1], at, side="right") for row, at in zip(t, s, strict=True)]
        for arrays in (wide, more):
            path = built(Hermite(64), *arrays)
            assert path.times.shape == arrays[0].shape
            assert path.derivative.index(s).tolist() == np.minimum(place, 62).tolist()
            np.testing.assert_allclose(path.derivative(s), plain.derivative(s), rtol=1e-6)


def test_hermite_is_diffrax_on_the_observations_of_each_channel():
    with jax.enable_x64(True):
        t, x, mask, _ = series()
        path = Hermite(T).path(t, x, mask)
        for row in range(B):
            for channel in range(D):
                seen = mask[row, :, channel]
                if seen.sum() < 2:
                    continue
                own, values = t[row, seen], x[row, seen, channel]
                coefficients = diffrax.backward_hermite_coefficients(own, values)
                theirs = diffrax.CubicInterpolation(own, coefficients)
                for s in np.linspace(own[0], own[-1], 9):
                    ours = path.evaluate(s)[row, 1 + channel]
                    np.testing.assert_allclose(ours, theirs.evaluate(s), atol=1e-12)


def test_lines_are_straight_and_constant_outside():
    with jax.enable_x64(True):
        t, x, mask, _ = series()
        path = Linear(T).path(t, x, mask)
        for s in along(path):
            ours = path.evaluate(s)
            np.testing.assert_allclose(ours[:, 0], s)
            for row in range(B):
                for channel in range(D):
                    seen = mask[row, :, channel]
                    own = (
                        np.interp(s[row], t[row, seen], x[row, seen, channel]) if seen.any() else 0
                    )
                    np.testing.assert_allclose(ours[row, 1 + channel], own, atol=1e-12)


def test_counts_are_shares_of_the_length():
    t, x, mask, _ = series()
    path = Linear(T, counts=True).path(t, x, mask)
    end = path.evaluate(path.end)[:, 1 + D :]
    last = np.where(mask.any(axis=-1, keepdims=True), mask.cumsum(axis=1), 0).max(axis=1)
    np.testing.assert_allclose(end, last / T, atol=1e-6)


def test_rectilinear_takes_values_in_after_the_time_came():
    t, x = np.array([[0.0, 1.0, 3.0]]), np.array([[[5.0], [6.0], [8.0]]])
    path = Rectilinear(4).path(t, x, np.array([[[True], [False], [True]]]))
    np.testing.assert_allclose(path.times, [[0, 1, 3]])  # nothing is taken in at time 1
    assert float(path.end[0]) == 3.25
    np.testing.assert_allclose(path.evaluate(path.times[:, 2]), [[3, 5]])
    np.testing.assert_allclose(path.evaluate(path.end), [[3, 8]])
    times, values = diffrax.rectilinear_interpolation(t[0], np.array([[5.0], [np.nan], [8.0]]))
    for s, time, value in zip([0.0, 1.0, 1.0, 3.0, 3.25], times, values, strict=True):
        np.testing.assert_allclose(path.evaluate(s)[0], [time, value[0]])


def test_the_area_of_a_square():
    # Once round the unit square, the second and third channel, as windows of the whole path.
    t = np.arange(5.0)[None]
    x = np.array([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]], float)
    control = LogODE(5, window=4)
    path = control.path(t, x, np.ones(x.shape, bool))
    moved = path.evaluate(path.end) - path.start
    time, first, second, time_first, _, area = np.asarray(moved[0])
    assert (time, first, second, area) == (4, 0, 0, 1)
    # Half of ∫ t da - a dt, of the times by hand: a = 0 1 1 0 0.
    assert time_first == pytest.approx(((0.5 - 2.5) - 2) / 2)
    halves = LogODE(5, window=2).path(t, x, np.ones(x.shape, bool))
    np.testing.assert_allclose(np.asarray(halves.derivative(0.5))[0, -1], 0.5 / 2)
    plain = LogODE(5, window=1, depth=1).path(t, x, np.ones(x.shape, bool))
    line = Linear(5).path(t, x, np.ones(x.shape, bool))
    for s in (0.3, 2.7, 4.0):
        np.testing.assert_allclose(plain.derivative(s), line.derivative(s))
