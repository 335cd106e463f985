"""What is learned of inputs: masks, times, the way back, a kind of one's own, files of before."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.datasets import Preparation, preprocessing_of
from zoo.datasets.preparation import same_as_saved
from zoo.errors import CheckpointError, ConfigError, DataError
from zoo.registry import PREPARATIONS

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=(40, 6, 2)) * [1.0, 30.0] + [5.0, -2.0]
MASK = RNG.uniform(size=(40, 6, 2)) < 0.7


def series(x=SERIES, *, standardise=True, **arrays) -> zoo.Dataset:
    raw = zoo.RawData({"x": x, **arrays}, ("of one's own",))
    return zoo.make_dataset(raw, standardise=standardise)


@pytest.mark.parametrize("hidden", [np.nan, np.inf, -1e30])
@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("by_time", [True, False])
def test_what_a_mask_hides_changes_no_bit(hidden, standardise, by_time):
    mask = MASK[..., 0] if by_time else MASK
    seen = np.broadcast_to(mask[..., None], SERIES.shape) if by_time else mask
    plain = series(mask=mask, standardise=standardise)
    other = series(np.where(seen, SERIES, hidden), mask=mask, standardise=standardise)
    assert other.preprocessing.to_json() == plain.preprocessing.to_json()
    assert other.notes == plain.notes
    for name in ("train", "val", "test"):
        for key in ("x", "mask"):
            np.testing.assert_array_equal(other.split(name)[key], plain.split(name)[key])
        shown = seen[: len(plain.split(name)["x"])]
        assert shown.shape == plain.split(name)["x"].shape
        hides = ~np.broadcast_to(
            plain.split(name)["mask"].reshape(*shown.shape[:2], -1), shown.shape
        )
        assert (plain.split(name)["x"][hides] == 0).all()


def test_a_mask_is_of_observed_training_rows_alone():
    data = series(mask=MASK, index=np.arange(40))
    rows = data.train["index"]
    shown = [SERIES[rows][..., c][MASK[rows][..., c]] for c in range(2)]
    np.testing.assert_allclose(data.x_scale.mean, [each.mean() for each in shown], rtol=1e-12)
    np.testing.assert_allclose(data.x_scale.std, [each.std() for each in shown], rtol=1e-12)
    whole = series(mask=np.ones_like(MASK))
    assert whole.preprocessing.to_json() == series().preprocessing.to_json()
    empty = MASK & [True, False]
    never = series(mask=empty)
    assert never.x_scale.mean[1] == 0 and never.x_scale.std[1] == 1
    assert any("channel 1" in note for note in never.notes)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.ones((40, 5)), r"mask has shape \(40, 5\) and x \(40, 6, 2\): expected the shape of x"),
        (np.full((40, 6), 0.5), "other values than 0 and 1: expected 1, or True"),
    ],
)
def test_a_mask_that_fits_nothing_is_refused(mask, words):
    with pytest.raises(DataError, match=words):
        series(mask=mask)
    with pytest.raises(DataError, match=r"x\[0, 0, 1\] is nan.*mask"):
        series(np.where([True, False], SERIES, np.nan), mask=MASK | True)


STAMPS = 1_700_000_000 + 5 * np.arange(37)


@pytest.mark.parametrize(
    "times",
    [STAMPS, STAMPS + 0.25, (STAMPS * 10**9 + 1).astype(np.int64)],
    ids=["s", "float", "ns"],
)
def test_37_distinct_epoch_stamps_stay_37_distinct_times(times):
    t = np.tile(times, (30, 1))
    data = series(np.zeros((30, 37, 1)) + np.arange(30)[:, None, None], t=t)
    assert len(np.unique(STAMPS.astype(np.float32))) == 2
    for name in ("train", "test"):
        kept = data.split(name)["t"]
        assert kept.dtype == np.float32 and len(np.unique(kept)) == 37
        np.testing.assert_allclose(kept[0], np.linspace(0, 1, 37), atol=1e-6)
    back = data.preprocessing.t_scale.invert(data.train["t"])
    np.testing.assert_allclose(back, t[: len(back)], rtol=1e-15, atol=1e-5 * np.ptp(times))
    again = Preparation.from_json(json.loads(json.dumps(data.preprocessing.to_json())))
    wide = again.arrays({"x": t[..., None], "t": t})["t"]
    np.testing.assert_array_equal(wide.astype(np.float32), np.tile(data.train["t"][0], (30, 1)))
    with pytest.raises(DataError, match=r"differ in .* and not in float32"):
        series(np.zeros((30, 37, 1)), t=t.astype(float), standardise=False)
    with jax.enable_x64(True):
        assert series(SERIES[:30, :5], t=t[:, :5]).train["t"].dtype == np.float64


def test_times_of_hidden_places_are_not_learned_of():
    t = np.tile(np.arange(6.0), (40, 1))
    mask = np.broadcast_to(np.arange(6) < 4, (40, 6)).copy()
    plain, lost = series(t=t, mask=mask), series(t=np.where(mask, t, np.nan), mask=mask)
    assert lost.preprocessing.to_json() == plain.preprocessing.to_json()
    assert plain.preprocessing.t_scale.to_json() == {"start": 0.0, "length": 3.0}
    np.testing.assert_allclose(lost.train["t"][0], [0, 1 / 3, 2 / 3, 1, 1, 1], rtol=1e-6)
    np.testing.assert_allclose(plain.train["t"][0], np.arange(6) / 3, rtol=1e-6)


@pytest.mark.parametrize("shape", [(40, 3), (40, 4, 3), (40, 4, 5, 3)])
def test_the_way_back_and_its_volume(shape):
    x = RNG.normal(size=shape) * [1.0, 40.0, 0.01] + 3
    with jax.enable_x64(True):
        data = zoo.make_dataset(zoo.RawData({"x": x}, ("own",)))
        kept = data.preprocessing
        np.testing.assert_allclose(kept.raw(kept.inputs(x)), x, rtol=1e-12)
        forward = lambda v: jnp.ravel((v.reshape(shape[1:]) - kept.x_scale.mean) / kept.x_scale.std)  # noqa: E731
        jacobian = jax.jacfwd(forward)(jnp.ravel(x[0]))
        assert kept.log_volume(shape[1:]) == pytest.approx(jnp.linalg.slogdet(jacobian)[1])


def test_a_file_of_before_has_no_kind_and_loads_to_the_bit():
    for shape, kind in (((40, 3), "table"), ((40, 4, 3, 2), "image")):
        x, y = RNG.normal(size=shape), np.arange(40.0)
        now = zoo.make_dataset(zoo.RawData({"x": x, "y": y}, ("regression",))).preprocessing
        assert now.kind == kind
        before = {name: value for name, value in now.to_json().items() if name != "kind"}
        if kind == "image":
            before = {**before, "columns": None}
        config = {"preprocessing": before, "in_size": now.in_size, "out_size": 1, "task": None}
        again = preprocessing_of(config)
        assert type(again) is type(now) and again.to_json() == now.to_json()
        np.testing.assert_array_equal(again.inputs(x), now.inputs(x))
        assert same_as_saved(before, now) and same_as_saved(now.to_json(), now)
        assert not same_as_saved({**before, "in_size": 9}, now)
    with pytest.raises(CheckpointError, match=r"no preparation 'tabel'\. Did you mean 'table'"):
        preprocessing_of({**config, "preprocessing": {**before, "kind": "tabel"}})


@pytest.fixture
def ranks() -> Iterator[type[Preparation]]:
    """A registered kind of preparation, gone after the test."""

    @zoo.register_preparation("ranks-of-a-test")
    @dataclass(frozen=True, kw_only=True)
    class Ranks(Preparation):
        """Each feature as the share of training rows that are below."""

        kind: ClassVar[str] = "ranks-of-a-test"
        known: tuple[float, ...]

        def arrays(self, raw):
            x = raw["x"] if isinstance(raw, Mapping) else raw.values[:, None]
            return {"x": np.searchsorted(self.known, x) / len(self.known)}

        def raw(self, x):
            return np.quantile(self.known, x)

        def log_volume(self, shape):
            return 0.0

        def inputs_json(self):
            return {"known": list(self.known)}

        @classmethod
        def inputs_from_json(cls, values):
            return {"known": tuple(values["known"])}

        @classmethod
        def check(cls, values, in_size):
            if values["known"] != sorted(values["known"]):
                raise ConfigError("known: expected numbers in order.")

    yield Ranks
    del PREPARATIONS._entries["ranks-of-a-test"]


@dataclass(frozen=True)
class Halves:
    """Inputs that decide on their own split: the first three quarters are for training."""

    made: type[Preparation]
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def learn(self, rows, standardise):
        return self.made(known=tuple(np.sort(self.values[rows]).tolist()), in_size=1)

    def split(self, split, seed):
        return np.split(np.arange(len(self)), [len(self) * 3 // 4, len(self) * 7 // 8])


def test_a_kind_of_one_s_own_learns_splits_travels_and_predicts(ranks, tmp_path):
    inputs = Halves(ranks, np.exp(np.arange(40.0) / 4))
    raw = zoo.RawData({"y": np.arange(40.0)}, ("regression",), inputs=inputs)
    data = zoo.make_dataset(raw)
    assert [len(data.split(name)["x"]) for name in ("train", "val", "test")] == [30, 5, 5]
    np.testing.assert_allclose(data.train["x"][:, 0], np.arange(30) / 30, rtol=1e-6)
    assert (data.test["x"] == 1).all()  # nothing was learned of what comes later
    config = zoo.model_config("mlp", data, width=4, depth=1)
    model = zoo.create_model(config, key=jax.random.key(0))
    config["preprocessing"] = data.preprocessing.to_json()
    zoo.save(tmp_path / "m", model, config)
    again = preprocessing_of(zoo.checkpoint.read_model(tmp_path / "m")[0]["config"])
    assert isinstance(again, ranks) and again.to_json() == data.preprocessing.to_json()
    x = inputs.values[:3, None]
    expected = data.targets(np.asarray(model.forward(again.inputs(x))[0]))
    np.testing.assert_allclose(zoo.predict(model, x, data=data), expected, rtol=1e-6)
    config["preprocessing"]["known"].reverse()
    with pytest.raises(CheckpointError, match="expected numbers in order"):
        preprocessing_of(config)


def test_a_task_for_another_kind_of_data_is_refused_with_those_that_go():
    data = zoo.make_dataset(
        zoo.RawData({"x": SERIES, "y": np.arange(40) % 2}, ("density", "classification"))
    )
    with pytest.raises(
        ConfigError,
        match=r"density is for data of kind table, image, and 'data' holds series of 6 times.*"
        "Tasks for such data: classification",
    ):
        zoo.models.choose_task("Flow", ["density"], data)
    both = ["density", "classification"]
    assert zoo.models.choose_task("Flow", both, data) == "classification"
    with pytest.raises(ConfigError, match="expected classification"):
        zoo.models.choose_task("Flow", both, data, "density")
