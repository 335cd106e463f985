"""Series thinned out and jittered: in training alone, alike in every batch size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.train import Augmentation, SeriesAugmentation
from zoo.train.augmentation.arrival import Arrival
from zoo.train.options import training_options

KEY = jax.random.key(0)
MASK = np.random.default_rng(0).uniform(size=(12, 40, 2)) < 0.8
X = np.where(MASK, np.random.default_rng(1).normal(size=MASK.shape), 0).astype(np.float32)


def drawn(augmentation, index, step=0, **arrays):
    made = Arrival(None, None, augmentation)
    batch = {name: jnp.asarray(each[np.asarray(index)]) for name, each in arrays.items()}
    run = jax.jit(lambda b, i, s: made(b, i, 12, s, KEY))
    return jax.tree.map(np.asarray, run(batch, jnp.asarray(index), step))


def test_a_share_of_the_times_goes_and_never_the_first():
    made = drawn(SeriesAugmentation(thin=0.5), range(12), x=X, mask=MASK)
    np.testing.assert_array_equal(made["x"], X)
    assert not (made["mask"] & ~MASK).any()
    seen, left = MASK.any(axis=2), made["mask"].any(axis=2)
    assert (made["mask"] == (MASK & left[..., None])).all()  # a time goes with all channels
    first = seen.argmax(axis=1)
    assert left[np.arange(12), first].all() and 0.4 < left.sum() / seen.sum() < 0.62
    parts = [
        drawn(SeriesAugmentation(thin=0.5), range(at, at + 4), at // 4, x=X, mask=MASK)["mask"]
        for at in (0, 4, 8)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), made["mask"])
    again = drawn(SeriesAugmentation(thin=0.5), range(12), 1, x=X, mask=MASK)["mask"]
    assert (again != made["mask"]).any()


def test_noise_is_on_what_is_shown_and_not_on_what_is_to_be_found():
    given = MASK & (np.arange(40) < 25)[:, None]
    made = drawn(SeriesAugmentation(0.3, 0.1), range(12), x=X, mask=MASK, given=given)
    moved = made["x"] - X
    assert (moved[~given] == 0).all() and moved[given].std() == pytest.approx(0.1, rel=0.1)
    np.testing.assert_array_equal(made["mask"], MASK)
    assert (made["given"].sum() < given.sum()) and not (made["given"] & ~given).any()
    plain = drawn(SeriesAugmentation(jitter=0.1), range(12), x=X)  # nothing is hidden
    assert plain["mask"].all() and plain["mask"].shape == X.shape


def test_other_times_are_shown_as_many_as_before():
    given = MASK & (np.random.default_rng(2).uniform(size=(12, 40, 1)) < 0.3)
    shown = [
        drawn(SeriesAugmentation(redraw=True), range(12), step, x=X, mask=MASK, given=given)
        for step in (0, 1)
    ]
    for made in shown:
        np.testing.assert_array_equal(made["x"], X)
        np.testing.assert_array_equal(made["mask"], MASK)
        assert not (made["given"] & ~MASK).any()
        times = made["given"].any(axis=2)
        np.testing.assert_array_equal(made["given"], MASK & times[..., None])
        np.testing.assert_array_equal(times.sum(axis=1), given.any(axis=2).sum(axis=1))
    first, second = (made["given"].any(axis=2) for made in shown)
    assert (first != second).any(axis=1).all() and (first | second)[:, 30:].any()
    forecasts = zoo.load_dataset("damped_oscillators", n=20, length=8, hide=0.3, horizon=1.0)
    with pytest.raises(ConfigError, match="forecasting first, which finds no values among"):
        SeriesAugmentation(redraw=True).check(forecasts)


def test_evaluation_sees_the_series_as_they_are():
    data = zoo.load_dataset("damped_oscillators", n=20, length=8, hide=0.3)
    net = zoo.create_model("gru_dt", data, hidden=4, key=KEY)
    options = {"steps": 4, "key": KEY, "eval_every": 4, "keep_best": False}
    told = {}
    for name, augmentation in {"plain": None, "drawn": SeriesAugmentation(0.5, 0.5)}.items():
        result = zoo.fit(net, data, augmentation=augmentation, **options)
        told[name] = result.history.train[0]["loss"]
        loss = zoo.evaluate(result.model, data, split="val")["loss"]
        assert result.history.val[-1]["loss"] == pytest.approx(loss, rel=1e-5)
    assert told["plain"] != told["drawn"]


def test_other_data_and_numbers_out_of_range_are_refused():
    moons = zoo.load_dataset("moons", n=30)
    net = zoo.create_model("mlp", moons, width=4, depth=1, key=KEY)
    with pytest.raises(ConfigError, match=r"thin = 0\.5, jitter = 0\.0: they change series"):
        zoo.fit(net, moons, steps=1, augmentation=SeriesAugmentation(thin=0.5))
    data = zoo.load_dataset("damped_oscillators", n=20, length=8, hide=0.3)
    with pytest.raises(ConfigError, match=r"expected thin in \[0, 1\)"):
        SeriesAugmentation(thin=1.0).check(data)
    made = training_options(thin=0.3, jitter=0.2).fit_arguments(None)["augmentation"]
    assert made == SeriesAugmentation(0.3, 0.2)
    assert training_options(flip=True).fit_arguments(None)["augmentation"] == Augmentation(
        0, 0, True
    )
    with pytest.raises(ConfigError, match="expected those of one kind"):
        training_options(flip=True, thin=0.3).fit_arguments(None)
