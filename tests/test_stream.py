"""Data that stay on disk: what is read, learned and trained on is what it is in memory."""

from functools import partial

import equinox as eqx
import jax
import numpy as np
import optax
import pytest

import zoo
from zoo.datasets.moments import Moments
from zoo.datasets.stream import parts as parts_module
from zoo.datasets.stream.keyed_permutation import KeyedPermutation
from zoo.datasets.stream.parts import parts_of
from zoo.datasets.stream.rows import GroupedRows
from zoo.errors import ConfigError, DataError, ZooError
from zoo.train.augmentation.arrival import arrival_of
from zoo.train.feed import choice, order, streamed
from zoo.train.feed.batches import Batches
from zoo.train.feed.order import WindowedOrder
from zoo.train.feed.reading_ahead import ReadingAhead

SPLITS = ("train", "val", "test")
RNG = np.random.default_rng(0)
X = (RNG.standard_normal((90, 3)) * [1, 20, 1e-3] + [0, 1e6, 5]).astype(np.float32)
LABELS = np.array(["a", "b", "c"])[RNG.integers(0, 3, 90)]
IMAGES = RNG.integers(0, 256, (60, 4, 3, 1), np.uint8)


@pytest.fixture
def both(tmp_path):
    """The same file as a data set in memory, and with its rows on disk."""

    def both(split="60/20/20", seed=3, task="auto", **arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        load = partial(zoo.load_dataset, "npz", path=str(tmp_path / "data.npz"), task=task)
        return [load(split=split, seed=seed, stream=on) for on in (False, True)]

    return both


# Order (3)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 64, 1000])
def test_a_keyed_shuffle_is_a_permutation_with_an_inverse(count):
    places = np.arange(count)
    one, other = KeyedPermutation(count, (1, 2)), KeyedPermutation(count, (1, 3))
    assert np.array_equal(np.sort(one(places)), places)
    assert np.array_equal(one.inverse(one(places)), places)
    assert np.array_equal(one(places[::-1]), one(places)[::-1])
    if count == 1000:
        assert (one(places) == other(places)).mean() < 0.01
        assert abs(np.corrcoef(places, one(places))[0, 1]) < 0.1


def test_the_parts_of_a_file_too_long_to_list_are_disjoint_and_all_of_it(monkeypatch):
    monkeypatch.setattr(parts_module, "MOST_LISTED", 10)
    source = Counted(50)
    drawn = parts_of(source, None, "60/20/20", 1)
    assert list(map(len, drawn)) == [30, 10, 10]
    rows = np.concatenate([part.at(np.arange(len(part))) for part in drawn])
    assert np.array_equal(np.sort(rows), np.arange(50))
    source.bounds = np.array([0, 7, 7, 20, 21, 50])
    grouped = parts_of(source, None, "60/20/20", 1)
    rows = [part.at(np.arange(len(part))) for part in grouped]
    assert np.array_equal(np.sort(np.concatenate(rows)), np.arange(50)) and len(rows[0]) == 30
    some = grouped[0].spread(9)
    assert len(set(some)) == 9 and some.max() < 30 and len(drawn[0].spread(99)) == 30
    for parts in (drawn, grouped):
        for part in parts:
            held = np.concatenate([part.holds(a, b) for a, b in ((0, 7), (7, 20), (20, 21))])
            mine = part.at(np.arange(len(part)))
            assert np.array_equal(np.flatnonzero(held), np.sort(mine[mine < 21]))


class Counted(zoo.datasets.RowSource):
    """Rows that are their own numbers."""

    bounds = None

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    @property
    def like(self):
        return self.read(np.zeros(0, int), ())

    @property
    def groups(self):
        return self.bounds

    def read(self, rows, names):
        return {"x": rows[:, None].astype(np.float64)}


def test_groups_are_shuffled_and_rows_within_a_window_of_them():
    part = GroupedRows(np.arange(0, 101, 10), (0.0, 0.8), 5)
    shuffle = WindowedOrder(part.groups, (1, 2), 3)
    places = np.arange(len(part))
    shown = shuffle(places)
    assert np.array_equal(np.sort(shown), places)
    windows = [set(part.at(shown[at : at + 24]) // 10) for at in range(0, 80, 24)]
    assert [len(each) for each in windows] == [3, 3, 3, 1]
    assert not np.array_equal(shown // 8, np.sort(shown // 8))
    assert np.array_equal(shuffle(places[5:9]), shown[5:9])
    batches = [Batches(80, 16, jax.random.key(0), part.groups, 3, places=20) for _ in range(2)]
    (rows, weights), again = (each.of_step(6) for each in batches)
    assert np.array_equal(rows, again[0]) and weights.tolist() == 16 * [1] + 4 * [0]
    # By groups, so that a quarter of a batch is of few; what fills it up is of the batch.
    assert np.array_equal(rows[:16], np.unique(rows)) and np.array_equal(rows[16:], rows[:4])


# What is learned and read (6)


def test_moments_in_one_pass_are_those_in_two():
    values = RNG.standard_normal((1000, 3)) * [1e-3, 1, 1e4] + [1e5, 0, -1e6]
    found = None
    for begin in range(0, 1000, 37):
        found = Moments.of(values[begin : begin + 37], found)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.deviation, values.std(axis=0), rtol=1e-10)
    assert np.array_equal(found.range, [values.min(axis=0), values.max(axis=0)])


def same_data(one, other, ulps=2):
    assert one.classes == other.classes and one.spec == other.spec
    assert one.tasks == other.tasks and one.preprocessing.kind == other.preprocessing.kind
    for scale in ("x_scale", "y_scale"):
        mine, yours = getattr(one, scale), getattr(other, scale)
        assert (mine is None) == (yours is None)
        if mine is not None:
            np.testing.assert_allclose(yours.mean, mine.mean, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(yours.std, mine.std, rtol=1e-12)
    for name in SPLITS:
        kept, read = one.split(name), other.split(name)
        assert set(kept) == set(read) and zoo.datasets.count_of(kept) == read.count
        for key in kept:
            assert read[key].dtype == kept[key].dtype
            np.testing.assert_allclose(read[key], kept[key], rtol=1e-5, atol=2e-6)
        some = np.array([4, 0, 3])
        for key, values in read.rows(some).items():
            assert np.array_equal(values, read[key][some])


def test_tables_on_disk_are_those_in_memory(both):
    weight = np.arange(90.0)
    kept, read = both(x=X, y=LABELS, weight=weight)
    same_data(kept, read)
    assert any("stay on disk" in note for note in read.notes)
    targets = np.stack([X[:, 1] * 3, X[:, 0]], axis=1)
    same_data(*both(x=X.astype(np.float64), y=targets, task="regression"))
    same_data(*both(x=RNG.integers(0, 9, (90, 2)), y=X[:, 0], split="all"))


def test_images_and_series_on_disk_are_those_in_memory(both):
    kept, read = both(x=IMAGES, y=np.arange(60) % 2)
    same_data(kept, read)
    assert read.train.stored_like["x"].dtype == np.uint8
    assert read.preprocessing.to_json()["low"] == kept.preprocessing.to_json()["low"] == 0
    grey = both(x=IMAGES[..., 0], y=np.arange(60) % 2)
    same_data(*grey)
    same_data(*both(x=RNG.standard_normal((60, 4, 2)), y=np.arange(60) % 3))


def test_constant_and_missing_are_said_as_in_memory(both):
    x = np.column_stack([X, np.full(90, 0.3, np.float32)])
    kept, read = both(x=x, y=np.repeat([0, 1, 2], [44, 44, 2]), split="60/20/20")
    assert [n for n in kept.notes if "Constant" in n] == [n for n in read.notes if "Constant" in n]
    assert [n for n in kept.notes if "no row" in n] == [n for n in read.notes if "no row" in n]
    assert read.preprocessing.x_scale.std[3] == 1


def test_arrays_in_a_folder_are_those_of_a_file(tmp_path, both):
    _, read = both(x=X, y=LABELS)
    folder = tmp_path / "rows"
    folder.mkdir()
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", LABELS)
    other = zoo.load_dataset("npz", path=str(folder), stream=True, seed=3)
    for key in ("x", "y"):
        assert np.array_equal(read.test[key], other.test[key])
    alone = zoo.load_dataset("npz", path=str(folder / "x.npy"), stream=True, target="none")
    assert alone.tasks == ("density",) and alone.train.count == 54


# Training (6)


def trained(data, steps=7, **options):
    model = zoo.MLP(3, 3, width=4, depth=1, key=jax.random.key(0))
    options = {"optimiser": ADAM, "batch_size": 16, "eval_every": 3, "keep_best": True} | options
    return zoo.fit(model, data, steps=steps, key=jax.random.key(1), **options)


ADAM = optax.adam(1e-2)


def leaves(result):
    return jax.tree.leaves(eqx.filter(result.state, eqx.is_array))


def test_a_run_sees_the_batches_that_it_sees_in_memory(both, monkeypatch):
    kept, read = both(x=X[:, :3], y=LABELS, weight=np.arange(90.0) % 3)
    monkeypatch.setattr(streamed, "_CHUNK_BYTES", 1000)  # three steps of a chunk
    assert 1 < streamed.chunk_room(read.train, 16) < 4
    one, other = trained(kept), trained(read)
    for mine, yours in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_allclose(yours, mine, rtol=1e-3, atol=1e-5)
    losses = [[row["loss"] for row in result.history.val] for result in (one, other)]
    np.testing.assert_allclose(*losses, rtol=1e-4)
    metrics = [zoo.evaluate(r.model, d, batch_size=8) for r, d in ((one, kept), (other, read))]
    assert metrics[0]["accuracy"] == metrics[1]["accuracy"]
    assert metrics[0]["majority_accuracy"] == metrics[1]["majority_accuracy"]


def test_a_run_on_disk_is_resumed_to_the_bit(both, tmp_path, monkeypatch):
    _, read = both(x=X, y=LABELS)
    monkeypatch.setattr(streamed, "_CHUNK_BYTES", 1000)
    whole = trained(read, steps=8)
    trained(read, steps=4, out=tmp_path / "run")
    resumed = trained(read, steps=8, out=tmp_path / "run", resume=True)
    for mine, yours in zip(leaves(whole), leaves(resumed), strict=True):
        assert np.array_equal(mine, yours)
    _, changed = both(x=np.where(np.arange(90)[:, None] == 50, X + 1, X), y=LABELS)
    with pytest.raises(zoo.errors.CheckpointError, match="data was"):
        trained(changed, steps=9, out=tmp_path / "run", resume=True)


def test_images_on_disk_are_augmented_as_in_memory(both):
    kept, read = both(x=IMAGES, y=np.arange(60) % 2)
    shown, dtype = [], np.dtype(np.float32)
    for data in (kept, read):
        arrival = arrival_of(data, zoo.train.Augmentation(shift=1), dtype)
        told = (range(3, 5), 16, jax.random.key(3), dtype, arrival, None)
        with choice.feed_of(data.train, *told) as source:
            fed = source.of_steps(3, 5)
        index = jax.numpy.asarray(fed.indices[1])
        batch = {name: values[index] for name, values in fed.data.items()}
        shown.append(arrival(batch, index, len(fed.data["x"]), jax.numpy.asarray(4), told[2]))
    for name in ("x", "y"):
        assert np.array_equal(shown[0][name], shown[1][name])
    assert set(shown[1]) == {"x", "y"}


def test_an_epoch_of_a_long_file_needs_no_array_of_its_length(monkeypatch):
    monkeypatch.setattr(order, "MOST_LISTED", 10)
    batches = Batches(50, 7, jax.random.key(0))
    shown = [batches.of_step(step) for step in range(16)]
    for epoch in (shown[:8], shown[8:]):
        seen = np.concatenate([index[weight > 0] for index, weight in epoch])
        assert np.array_equal(np.sort(seen), np.arange(50))
    assert not np.array_equal(shown[0][0], shown[8][0])
    assert isinstance(batches.order(1), KeyedPermutation)


def test_what_fails_while_it_is_read_ahead_is_told():
    def read(step):
        if step == 2:
            raise DataError("step 2")
        return step

    ahead = ReadingAhead(read, range(5), 1)
    assert [ahead.take(), ahead.take()] == [0, 1]
    with pytest.raises(DataError, match="step 2"):
        ahead.take()
    ahead.close()
    full = ReadingAhead(read, range(2), 1)
    full.close()  # ends though nobody takes what it has read


@pytest.mark.wrong_types  # a check of a mapping would read an array as a whole
def test_figures_and_levels_look_at_a_sample(both, monkeypatch):
    _, read = both(x=X, y=LABELS)
    monkeypatch.setattr("zoo.datasets.stream.sample.MOST_ROWS", 20)
    monkeypatch.setattr("zoo.datasets.stream.split.LARGEST", 60)
    with pytest.raises(DataError, match="to be read as a whole"):
        read.train["x"]
    sampled = read.sampled
    assert len(sampled.train["x"]) == 20 and len(sampled.val["y"]) == 18
    assert np.array_equal(sampled.test["x"], read.test.rows(np.arange(18))["x"])
    with pytest.raises(ZooError, match="98/1/1"):
        trained(read)
    with pytest.raises(ConfigError, match="lbfgs_steps"):
        monkeypatch.undo()
        trained(read, lbfgs_steps=2, keep_best=False)


# Parquet (1)


def test_a_parquet_file_is_read_by_its_groups(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = str(tmp_path / "rows.parquet")
    lists = arrow.FixedSizeListArray.from_arrays(arrow.array(X[:, :2].ravel()), 2)
    table = arrow.table({"ab": lists, "id": np.arange(90), "c": X[:, 2], "label": LABELS})
    parquet.write_table(table, path, row_group_size=13)
    load = partial(zoo.load_dataset, "parquet", path=path, seed=3)
    data = load(ignore="id")
    assert data.spec.sizes["features"] == 3 and data.classes == ("a", "b", "c")
    assert [data.split(name).count for name in SPLITS] == [54, 18, 18]
    raw = np.concatenate([data.preprocessing.raw(data.split(name)["x"]) for name in SPLITS])
    found = raw[np.argsort(raw[:, 0])]
    np.testing.assert_allclose(found, X[np.argsort(X[:, 0])], rtol=1e-3, atol=1e-3)
    one, other = (trained(data, steps=5), trained(load(ignore="id"), steps=5))
    for mine, yours in zip(leaves(one), leaves(other), strict=True):
        assert np.array_equal(mine, yours)
    amounts = load(target="id,c", ignore="label")
    assert amounts.tasks == ("regression",) and amounts.target_names == ("id", "c")
    assert load(target="none", ignore="id,label").tasks == ("density",)
