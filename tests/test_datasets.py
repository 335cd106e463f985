"""Data sets: nothing lost, nothing leaked from validation or test, and metrics in known cases."""

import warnings

import numpy as np
import pytest

import zoo
from zoo.datasets.scale import constant
from zoo.errors import ConfigError, DataError
from zoo.evaluation.sweep.effort import rank_correlations
from zoo.plots.style import padded
from zoo.registry import DATASETS
from zoo.schema import required_options
from zoo.tasks.classification import classification_metrics
from zoo.tasks.regression import regression_metrics

SPLITS = ("train", "val", "test")


def raw(n=100, tasks=("regression",), **arrays):
    rng = np.random.default_rng(0)
    x = 5 + 3 * rng.standard_normal((n, 2))
    return zoo.RawData({"x": x, "y": x @ [1.0, -2.0], **arrays}, tasks)


def labelled(counts, labels=(0, 3, 7)):
    y = np.repeat(labels, counts)
    x = np.random.default_rng(0).standard_normal((len(y), 2))
    return zoo.RawData({"x": x, "y": y}, ("classification",))


@pytest.mark.parametrize("name", [e.name for e in DATASETS if not required_options(e.builder)])
def test_every_data_set_is_whole_and_finite(name):
    data = zoo.load_dataset(name)
    for split in SPLITS:
        arrays = data.split(split)
        assert arrays["x"].dtype == np.float32 and len(arrays["x"]) > 0
        for key, values in arrays.items():
            assert len(values) == len(arrays["x"])
            types = (np.bool_,) if key in ("mask", "given") else (np.float32, np.int32)
            assert np.isfinite(values).all() and values.dtype in types
        if data.classes:
            assert set(arrays["y"]) == set(range(len(data.classes)))
    example = data.train["x"][0]
    channels = data.spec.kind in ("series", "paths")
    assert data.in_size == (example.shape[-1] if channels else example.size)
    for task in data.tasks:
        assert data.out_size(task) > 0


@pytest.mark.parametrize(
    ("name", "count", "features", "task", "outputs"),
    [
        ("digits", 1797, 64, "classification", 10),
        ("breast_cancer", 569, 30, "classification", 2),
        ("diabetes", 442, 10, "regression", 1),
    ],
)
def test_sizes_of_the_real_data(name, count, features, task, outputs):
    data = zoo.load_dataset(name)
    assert sum(len(data.split(s)["x"]) for s in SPLITS) == count
    assert data.in_size == features and data.tasks[0] == task
    assert data.out_size(task) == outputs


def test_splits_share_no_point_and_lose_none():
    index = np.arange(100)
    data = zoo.make_dataset(raw(index=index))
    parts = [data.split(s)["index"] for s in SPLITS]
    assert [len(p) for p in parts] == [60, 20, 20]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), index)
    again = zoo.make_dataset(raw(index=index))
    np.testing.assert_array_equal(again.train["index"], data.train["index"])
    other = zoo.make_dataset(raw(index=index), seed=1)
    assert set(other.train["index"]) != set(data.train["index"])


def test_the_split_keeps_the_share_of_every_class():
    data = zoo.make_dataset(labelled([500, 50, 10]))
    counts = [np.bincount(data.split(s)["y"], minlength=3).tolist() for s in SPLITS]
    assert counts == [[300, 30, 6], [100, 10, 2], [100, 10, 2]]


def test_labels_are_indices_and_the_originals_are_kept():
    source = labelled([50, 30, 20])
    data = zoo.make_dataset(source, standardise=False)
    assert data.classes == (0, 3, 7) and data.out_size("classification") == 3
    # The inputs are distinct, so that each label can be found again by its point.
    original = {tuple(np.float32(x)): y for x, y in zip(*source.arrays.values(), strict=True)}
    for split in SPLITS:
        arrays = data.split(split)
        for x, y in zip(arrays["x"], arrays["y"], strict=True):
            assert data.classes[y] == original[tuple(x)]


def test_words_are_labels_too():
    data = zoo.make_dataset(labelled([10, 10, 10], ("no", "perhaps", "yes")))
    assert data.classes == ("no", "perhaps", "yes") and data.train["y"].dtype == np.int32


def test_the_scale_is_that_of_the_training_split_alone():
    source = raw(index=np.arange(100))
    data = zoo.make_dataset(source)
    train = source.arrays["x"][data.train["index"]]
    np.testing.assert_allclose(data.x_scale.mean, train.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(data.x_scale.std, train.std(axis=0), rtol=1e-12)
    np.testing.assert_allclose(data.train["x"].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(data.train["y"].std(axis=0), 1, rtol=1e-6)
    # The other splits go through the same map, so that their own mean is not zero.
    expected = (source.arrays["x"][data.test["index"]] - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(data.test["x"], expected, rtol=1e-5, atol=1e-6)
    assert np.abs(data.test["x"].mean(axis=0)).max() > 1e-3


def test_a_constant_feature_is_shifted_to_zero():
    x = np.stack([np.full(50, 7.0), np.arange(50.0)], axis=1)
    data = zoo.make_dataset(zoo.RawData({"x": x, "y": np.arange(50.0)}, ("regression",)))
    assert (data.train["x"][:, 0] == 0).all() and np.isfinite(data.test["x"]).all()


def test_without_standardising_values_are_as_they_came():
    source = raw(index=np.arange(100))
    data = zoo.make_dataset(source, standardise=False)
    np.testing.assert_array_equal(
        data.val["x"], source.arrays["x"][data.val["index"]].astype(np.float32)
    )
    assert data.x_scale is None and data.y_scale is None


def test_split_all_is_every_point_three_times():
    data = zoo.make_dataset(raw(index=np.arange(100)), split="all")
    assert not data.held_out and zoo.make_dataset(raw()).held_out
    for split in SPLITS:
        np.testing.assert_array_equal(data.split(split)["index"], np.arange(100))


def test_two_targets_of_different_scale_have_metrics_in_their_own_units():
    n = 200
    rng = np.random.default_rng(0)
    y = rng.standard_normal((n, 2)) * [1.0, 1000.0] + [0.0, 5000.0]
    source = zoo.RawData({"x": rng.standard_normal((n, 3)), "y": y}, ("regression",), ("a", "b"))
    data = zoo.make_dataset(source, split="all")
    true = data.test["y"]
    np.testing.assert_allclose(true.std(axis=0), 1, rtol=1e-5)
    # Off by half a unit of `a` and by 100 units of `b`.
    prediction = data.y_scale.apply(y + np.array([0.5, -100.0]))
    metrics = regression_metrics(data, prediction, true, np.ones(n, bool))
    assert list(metrics["rmse"]) == ["a", "b"]
    np.testing.assert_allclose(list(metrics["rmse"].values()), [0.5, 100.0], rtol=1e-4)
    np.testing.assert_allclose(list(metrics["mean_rmse"].values()), y.std(axis=0), rtol=1e-4)
    expected = 1 - np.array([0.5, 100.0]) ** 2 / y.var(axis=0)
    np.testing.assert_allclose(list(metrics["r2"].values()), expected, rtol=1e-4)


def test_the_training_mean_predicts_as_well_as_its_baseline():
    data = zoo.make_dataset(raw())
    y = data.test["y"]
    metrics = regression_metrics(data, np.zeros_like(y), y, np.ones(len(y), bool))
    np.testing.assert_allclose(metrics["rmse"]["y0"], metrics["mean_rmse"]["y0"], rtol=1e-6)


def test_unsolved_examples_are_left_out_of_a_regression_error():
    data = zoo.make_dataset(raw())
    y = data.test["y"]
    prediction, ok = y.copy(), np.ones(len(y), bool)
    prediction[0], ok[0] = np.nan, False
    assert regression_metrics(data, prediction, y, ok)["rmse"]["y0"] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert regression_metrics(data, prediction, y, ok & False)["rmse"]["y0"] is None


def test_accuracy_counts_every_example_also_of_a_partial_last_batch():
    data = zoo.make_dataset(labelled([500, 500], (0, 1)), split="all")
    labels = data.test["y"]
    guessed = np.where(np.arange(1000) >= 768, 1 - labels, labels)
    metrics = classification_metrics(data, np.eye(2)[guessed], labels, np.ones(1000, bool))
    assert metrics["accuracy"] == pytest.approx(0.768)
    assert metrics["recall"] == pytest.approx({"0": 1.0, "1": 1 - 232 / 500})
    assert metrics["balanced_accuracy"] == pytest.approx(0.768)


def test_the_majority_class_is_beside_the_accuracy():
    data = zoo.make_dataset(labelled([990, 10], ("common", "rare")), split="all")
    labels = data.test["y"]
    majority = np.bincount(labels).argmax()
    logits = np.eye(2)[np.full(1000, majority)]
    metrics = classification_metrics(data, logits, labels, np.ones(1000, bool))
    assert metrics["accuracy"] == metrics["majority_accuracy"] == pytest.approx(0.99)
    assert metrics["balanced_accuracy"] == pytest.approx(0.5)


def test_an_unsolved_example_counts_as_wrong():
    data = zoo.make_dataset(labelled([50, 50], (0, 1)), split="all")
    labels = data.test["y"]
    ok = np.arange(100) >= 10
    metrics = classification_metrics(data, np.eye(2)[labels], labels, ok)
    assert metrics["accuracy"] == pytest.approx(0.9)


@pytest.mark.parametrize("name", ["x", "y"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused_by_index(name, value):
    arrays = {key: values.copy() for key, values in raw().arrays.items()}
    index = (17, 1) if name == "x" else (17,)
    arrays[name][index] = value
    with pytest.raises(DataError) as caught:
        zoo.make_dataset(zoo.RawData(arrays, ("regression",)))
    assert f"{name}{list(index)} is {value}" in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, "examples"),
        ({"x": np.zeros(5), "y": np.zeros(5)}, r"x\[:, None\]"),
        ({"x": np.ones((5, 2), complex), "y": np.zeros(5)}, "complex"),
        ({"x": np.ones((5, 2)), "y": np.zeros(5, complex)}, "y is complex"),
        ({"x": np.ones((5, 2)), "y": np.zeros(4)}, "y has shape"),
        ({"x": np.ones((5, 2)), "y": np.zeros(5), "weight": np.ones(6)}, "weight has shape"),
        ({"x": np.ones((5, 2))}, "and y for"),
        ({"y": np.ones(5)}, "expected x"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, words):
    with pytest.raises(DataError, match=words):
        zoo.make_dataset(zoo.RawData(arrays, ("regression",)))


@pytest.mark.parametrize(
    "split", ["60/40", "60/20/30", "100/0/0", "-10/60/50", "a/b/c", "", "nan/50/50", "All"]
)
def test_splits_that_cannot_be_made_are_refused(split):
    with pytest.raises(ConfigError, match="split"):
        zoo.make_dataset(raw(), split=split)


def test_too_few_examples_for_a_split_are_refused():
    with pytest.raises(ConfigError, match="empty"):
        zoo.make_dataset(raw(n=2))
    with pytest.raises(ConfigError, match="no split"):
        zoo.make_dataset(raw()).split("validation")


def test_standardised_predictions_come_back_in_the_original_unit():
    source = raw(index=np.arange(100))
    data = zoo.make_dataset(source)
    y = source.arrays["y"][data.test["index"]][:, None]
    np.testing.assert_allclose(data.targets(data.test["y"]), y, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        data.inputs(source.arrays["x"][data.test["index"]]), data.test["x"]
    )


def test_a_wedge_is_the_test_split_and_nothing_else():
    data = zoo.load_dataset("circles", n=400, wedge=np.pi / 5, standardise=False)
    inside = lambda part: np.arctan2(*part["x"].T[::-1]) % (2 * np.pi) < np.pi / 5  # noqa: E731
    assert inside(data.test).all() and not inside(data.train).any() and not inside(data.val).any()
    assert len(data.train["x"]) + len(data.val["x"]) + len(data.test["x"]) == 400
    assert len(data.train["x"]) == pytest.approx(0.8 * (400 - len(data.test["x"])), abs=2)
    with pytest.raises(ConfigError, match="has no test split"):
        zoo.load_dataset("circles", n=400, wedge=0.5, split="all")


def test_signs_are_a_regression():
    data = zoo.load_dataset("circles", n=300, targets="signs", standardise=False)
    radius = np.linalg.norm(data.train["x"], axis=1)
    assert data.tasks == ("regression",) and ((data.train["y"][:, 0] > 0) == (radius > 0.75)).all()


def test_the_arms_of_the_spirals_wind_apart():
    data = zoo.load_dataset("spirals2d", n=400, noise=0.0, standardise=False)
    x = np.concatenate([data.train["x"], data.test["x"]])
    y = np.concatenate([data.train["y"], data.test["y"]])
    radius = np.linalg.norm(x, axis=1)
    phase = (np.arctan2(x[:, 1], x[:, 0]) - 3 * np.pi * radius) % (2 * np.pi)
    near_pi = np.abs(phase - np.pi) < 0.1
    assert (near_pi == (y == 1)).all() and radius.max() <= 1


# Constant but for rounding (91), and classes that a part lacks (92)


@pytest.mark.parametrize("value", [0.1, 14.62, -1e-9, 1e300, 0.0])
@pytest.mark.parametrize("count", [7, 200, 1000])
def test_91_what_is_constant_is_only_shifted(value, count):
    x = np.stack([np.full(count, value), np.arange(count)], axis=1)
    y = np.stack([np.arange(count), np.full(count, value)], axis=1)
    source = zoo.RawData({"x": x, "y": y}, ("regression",), ("varied", "same"))
    data = zoo.make_dataset(source, split="all")
    for scale, varied, same, values in ((data.x_scale, 1, 0, x), (data.y_scale, 0, 1, y)):
        assert scale.mean[same] == value and scale.std[same] == 1
        assert scale.std[varied] == values[:, varied].std()
    assert not data.train["x"][:, 0].any() and not data.train["y"][:, 1].any()
    (features, targets) = (
        [note for note in data.notes if kind in note] for kind in ("feature 0", "target same")
    )
    assert len(features) == len(targets) == 1 and "Constant" in features[0]


def test_91_rounding_is_no_variation_and_little_variation_is_one():
    rounded = np.array([0.3, 0.1 + 0.2, 0.3, 0.3])
    little = 1 + 1e-12 * np.arange(4)
    assert constant(np.stack([rounded, little, np.full(4, 2.0)], axis=1)).tolist() == [1, 0, 1]
    narrow = np.array([1, 1 + 2**-23, 1, 1], np.float32)
    assert constant(narrow[:, None]) and not constant(narrow.astype(np.float64)[:, None])
    assert constant(np.array([[-1e308], [1e308]])).tolist() == [False]


def test_91_a_constant_target_has_no_r2_and_an_axis_with_room():
    y = np.full((200, 1), 0.1)
    data = zoo.make_dataset(
        zoo.RawData({"x": y + np.arange(200)[:, None], "y": y}, ("regression",))
    )
    true = data.test["y"]
    metrics = regression_metrics(data, true + 1, true, np.ones(len(true), bool))
    assert np.isnan(metrics["r2"]["y0"]) and metrics["rmse"]["y0"] == pytest.approx(1)
    assert padded(np.array([0.3, 0.1 + 0.2]), 0.05) == pytest.approx((-0.7, 1.3))
    rows = [{"nfe": n, "loss": 0.3 + 5e-17 * (n % 4)} for n in range(9)]
    assert rank_correlations(rows) == {"loss": None}


def test_92_a_class_that_a_part_lacks_is_told():
    data = zoo.make_dataset(labelled([40, 1, 2], ("common", "once", "twice")))
    assert [note for note in data.notes if "There is no row of" in note] == [
        "There is no row of class 'once' in validation: no figure of validation tells how well it "
        "is known.",
        "There is no row of 2 classes 'once', 'twice' in test: no figure of test tells how well "
        "it is known.",
    ]
    outside = zoo.make_dataset(labelled([40, 1, 2]), split="40/30/30")
    assert any("class 3 in training: what is no example cannot" in note for note in outside.notes)
    assert not zoo.make_dataset(labelled([20, 20, 20])).notes
