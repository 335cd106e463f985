"""What nets of series are told beside the values: a season before, and a scale of their own."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.models import Series
from zoo.models.series.frame import Frame
from zoo.models.series.seasonal import rise, season_before
from zoo.tasks import naive

KEY = jax.random.key(0)
B, T, D = 4, 40, 2


def series(scale=1.0, shift=0.0):
    """Series at irregular times, the second half of the first ones' values not shown."""
    rng = np.random.default_rng(0)
    t = np.cumsum(rng.uniform(0.01, 0.05, (B, T)), axis=1)
    t[1, 30:] = t[1, 30]
    mask = rng.uniform(size=(B, T, D)) < 0.7
    mask[1, 31:] = mask[:2, 20:] = mask[2, :, 1] = False
    return Series.of({"t": t, "x": shift + scale * rng.normal(size=(B, T, D)), "mask": mask})


@pytest.mark.parametrize("season", [0.2, 0.37])
def test_the_value_a_season_before_is_that_of_the_baseline(season):
    with jax.enable_x64(True):
        xs = series()
        found = season_before(xs, season)
        expected = naive.seasonal(*map(np.asarray, (xs.t, xs.x, xs.mask)), season, np.zeros(D))
        np.testing.assert_allclose(found, expected, atol=1e-12)
        last = xs.mask.shape[1] - 1 - np.argmax(np.asarray(xs.mask)[:, ::-1], axis=1)[:, None]
        risen = np.take_along_axis(np.asarray(xs.x) - expected, last, axis=1)[:, 0]
        risen = np.where(xs.mask.any(axis=1), risen, 0)
        np.testing.assert_allclose(rise(xs, found)[:, -1], risen, atol=1e-12)
        assert (rise(xs, found) == rise(xs, found)[:, :1]).all() and abs(risen).max() > 0.1


@pytest.mark.parametrize("name", ["gru", "ode_rnn"])
def test_a_net_that_says_nothing_is_the_seasonal_naive(name):
    data = zoo.load_dataset("sunspots")
    net = zoo.create_model(name, data, hidden=2, season=0.2, own_scale=True, key=KEY)
    still = eqx.tree_at(
        lambda m: (m.head.layer.layer.weight, m.head.layer.layer.bias),
        net,
        replace_fn=jnp.zeros_like,
    )
    told = zoo.evaluate(still, data)
    assert told["rmse"] == pytest.approx(told["seasonal_naive_rmse"], rel=1e-4)
    assert told["rmse"] < told["last_value_rmse"]


def test_paths_follow_the_level_and_the_scale_of_a_series():
    sizes = {"length": T, "channels": D, "out_size": D, "path_size": D}
    options = {"hidden": 4, "season": 0.2, "key": KEY}
    for own_scale in (True, False):
        net = zoo.create_model("gru_dt", sizes, own_scale=own_scale, **options)
        ys, moved = (np.asarray(net.forward(series(*each))[0]) for each in ((), (3.0, 50.0)))
        seen = np.asarray(series().mask.any(axis=1))
        expected = np.stack([50 + 3 * ys[..., 0], 3 * ys[..., 1]], axis=-1)
        same = np.allclose(
            np.moveaxis(moved, 2, 1)[seen], np.moveaxis(expected, 2, 1)[seen], rtol=1e-3, atol=1e-2
        )
        assert same == own_scale


def test_a_channel_that_shows_one_value_or_none_keeps_its_unit():
    x = np.array([[[2.0, 5.0], [9.0, 5.0], [9.0, 5.0]]])
    mask = np.array([[[1, 0], [0, 0], [0, 0]]], bool)
    framed = Frame(own_scale=True)(Series.of({"x": x, "mask": mask}))
    assert framed.scale.mean.ravel().tolist() == [2, 0]
    assert framed.scale.deviation.ravel().tolist() == [1, 1] and not framed.xs.x.any()


def test_padding_changes_nothing_of_what_is_told():
    xs = series()
    wide = ((0, 0), (0, 3), (0, 0))
    longer = Series.of(
        {
            "t": np.pad(xs.t, wide[:2], mode="edge"),
            "x": np.pad(xs.x, wide, constant_values=1e6),
            "mask": np.pad(xs.mask, wide),
        }
    )
    frame = Frame(0.2, own_scale=True)
    framed, padded = frame(xs), frame(longer)
    for told, more in zip(framed.known, padded.known, strict=True):
        np.testing.assert_allclose(more[:, :T], told, atol=1e-6)
        assert np.isfinite(more).all()
    ys = jnp.ones((B, T, D, 2))
    more = padded.paths(jnp.pad(ys, (*wide, (0, 0))))[:, :T]
    np.testing.assert_allclose(more, framed.paths(ys), atol=1e-6)
