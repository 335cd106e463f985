"""Data for densities: points of known ones, levels that are found, bits that are counted."""

import json
import math

import jax
import numpy as np
import pytest

import zoo
from zoo.checkpoint import sizes_from_json
from zoo.datasets.preparation import same_as_saved
from zoo.errors import ConfigError, DataError
from zoo.registry import DATASETS
from zoo.schema import same_size
from zoo.tasks import task_named

from .test_density import StandardNormal

TASK = task_named("density")
RNG = np.random.default_rng(0)
N = 400
NORMAL = RNG.normal(size=(N, 2)) * [3.0, 0.01] + [50.0, 1.0]


def density(x: np.ndarray, **options) -> zoo.Dataset:
    return zoo.make_dataset(zoo.RawData({"x": x}, ("density",), **options))


def table(**columns: np.ndarray) -> zoo.Dataset:
    return density(np.stack([*NORMAL.T, *columns.values()], axis=1))


def metrics(data: zoo.Dataset, outputs: np.ndarray | None = None) -> dict:
    count = len(data.test["x"])
    outputs = np.zeros(count) if outputs is None else outputs
    return TASK.metrics(outputs, data.test, data, np.ones(count, bool))


@pytest.mark.parametrize("name", ["checkerboard", "eightgaussians", "rings"])
def test_points_are_drawn_from_the_density_that_is_told(name):
    raw = DATASETS[name].builder(n=20_000)
    edges, fine = np.linspace(-5, 5, 21), np.linspace(-5, 5, 801)
    middles = (fine[1:] + fine[:-1]) / 2
    grid = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(raw.log_density(grid)).reshape(800, 800) * (10 / 800) ** 2
    assert density.sum() == pytest.approx(1.0, abs=1e-3)
    expected = 20_000 * density.reshape(20, 40, 20, 40).sum(axis=(1, 3))
    counts, *_ = np.histogram2d(*raw.arrays["x"].T, bins=edges)
    assert (np.abs(counts - expected) <= 5 * np.sqrt(expected) + 5).all()
    # The test rows say so too, beside the model's own figure, in the user's units.
    data = zoo.load_dataset(name, n=4000)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(density > 0, density * np.log(density * 80**2), 0).sum()
    assert metrics(data)["true_nll"] == pytest.approx(entropy, abs=0.1)


def test_an_arm_of_the_pinwheel_turns_as_it_says():
    build = DATASETS["pinwheel"].builder
    straight, turned = build(rate=0.0).arrays, build(rate=0.25).arrays
    x, arm = straight["x"], straight["y"]
    turn = np.exp(-2j * np.pi * arm / 5)
    along = (x[:, 0] + 1j * x[:, 1]) * turn / 2
    np.testing.assert_allclose([along.real.mean(), along.real.std()], [1.0, 0.3], atol=0.03)
    np.testing.assert_allclose([along.imag.mean(), along.imag.std()], [0.0, 0.1], atol=0.01)
    quotient = (turned["x"] @ [1, 1j]) / (x @ [1, 1j])
    np.testing.assert_allclose(quotient, np.exp(0.25j * np.exp(along.real)), rtol=1e-9)
    assert np.bincount(arm).min() > 300


def test_levels_are_found_column_by_column():
    columns = {
        "counts": RNG.poisson(np.exp(RNG.normal(3, 1, N))).astype(float),
        "marks": RNG.integers(2, 11, N) / 2,
        "thirds": RNG.integers(0, 7, N) / 3 + 0.1,
        "two": np.where(RNG.uniform(size=N) < 0.3, -1.25, 2.5),
        "tenths": np.round(RNG.normal(20, 3, N), 1),
        "seconds": 1.7e9 + RNG.uniform(0, 1e8, N).round(),
    }
    data = table(**columns)
    raw = data.levels.quanta * data.x_scale.std
    np.testing.assert_allclose(raw, [0, 0, 1, 0.5, 1 / 3, 3.75, 0.1, 0], rtol=1e-4)
    assert not data.levels.uneven.any() and not data.levels.constant.any()
    TASK.check_data(data)
    (note,) = TASK.notes(data)
    assert "2 (1), 3 (0.5), 4 (0.3333), 5 (3.75), 6 (0.1)." in note
    assert not list(TASK.notes(table())) and "quanta" not in table().sizes("density")
    assert len(data.sizes("density")["quanta"]) == 8 and "quanta" not in data.sizes("regression")


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("town", None, "Column 'town' holds words.*--dataset.ignore"),
        (
            "half_zero",
            np.where(RNG.uniform(size=N) < 0.3, 0.0, RNG.normal(size=N)),
            "values in 240 numbers for training, 0 in 68",
        ),
        ("logs", np.log(RNG.integers(1, 20, N)), "no multiples of one step.*counts"),
        (
            "three",
            RNG.choice([0.123, 0.517, 0.934], N),
            "'three' has no density: it takes 3 values in 240",
        ),
        ("same", np.full(N, 7.5), "'same' is the same in all training rows"),
        ("total", NORMAL @ [2.0, -3.0] + 1, "'total' is a linear sum of 'a', 'b' in all"),
    ],
)
@pytest.mark.filterwarnings("ignore:::zoo.ZooWarning")
def test_a_column_without_a_density_is_refused_by_name_before_training(
    name, column, words, tmp_path
):
    values = RNG.choice(["x", "y", "z"], N) if column is None else column
    pairs = zip(NORMAL.tolist(), values.tolist(), strict=True)
    rows = [f"{a!r},{b!r},{c},{i % 2}" for i, ((a, b), c) in enumerate(pairs)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([f"a,b,{name},kind", *rows]) + "\n")
    data = zoo.load_dataset("csv", path=str(path), task="classification")
    with pytest.raises(DataError, match=words):
        zoo.fit(StandardNormal(), data, task="density", steps=1)
    mlp = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(0))
    zoo.fit(mlp, data, steps=1)  # as classes they are what they were


def test_the_spacing_of_levels_travels_with_the_weights(tmp_path):
    data = table(marks=RNG.integers(2, 11, N) / 2)
    config = zoo.model_config("cnf", data, dynamics_options={"width": 4, "depth": 1})
    model = zoo.create_model(config, key=jax.random.key(0))
    assert model.quanta == tuple(data.levels.quanta) and model.quanta[2] > 0
    zoo.save(tmp_path / "flow.safetensors", model, config)
    assert zoo.load(tmp_path / "flow.safetensors").quanta == model.quanta
    assert zoo.create_model("cnf", table(), key=jax.random.key(0)).quanta == ()
    saved = json.loads(json.dumps(config))
    sizes = sizes_from_json(saved)
    assert sizes["quanta"] == model.quanta
    assert same_size(sizes["quanta"], tuple(each * (1 + 1e-7) for each in model.quanta))
    assert not same_size(sizes["quanta"], (*model.quanta[:2], 1.0)) and not same_size(3, None)
    for wrong in ([0.5, 0.5], [0.5, 1, 2], [-0.5], [math.inf]):
        with pytest.raises(ConfigError, match=r"sizes\.quanta"):
            sizes_from_json({**saved, "sizes": {"quanta": wrong}})


@pytest.mark.parametrize("kind", ["bytes", "sixteenths", "told"])
def test_images_count_bits_of_the_levels_of_their_file(kind):
    counts = np.minimum(RNG.integers(0, 40, (300, 3, 2, 2)), 16)
    counts[:, 0, 0] = 0  # a corner that is the same in all
    x = counts.astype(np.uint8) if kind == "bytes" else counts / 16
    data = density(x, **({"quantum": 1 / 16} if kind == "told" else {}))
    step = 1.0 if kind == "bytes" else 1 / 16
    np.testing.assert_allclose(data.levels.quanta[:2], step / data.x_scale.std, rtol=1e-5)
    TASK.check_data(data)
    # A uniform choice of one of 17 levels in each of the 12 numbers.
    nll = 12 * math.log(17 * step)
    outputs = np.full(len(data.test["x"]), -nll - data.preprocessing.log_volume((3, 2, 2)))
    told = metrics(data, outputs)
    assert told["nll"] == pytest.approx(nll) == pytest.approx(told["uniform_nll"], rel=1e-5)
    for name in ("bits_per_dim", "uniform_bits_per_dim"):
        assert told[name] == pytest.approx(math.log2(17), rel=1e-5)
    # The corner has one level, which the Gaussian nearly knows.
    assert told["gaussian_bits_per_dim"] < math.log2(17)


def test_pixels_that_are_often_0_and_else_continuous_have_no_density():
    x = RNG.normal(size=(60, 4, 3, 2)).clip(0)
    x[:, 0, 0] = 0
    with pytest.raises(DataError, match=r"Column \(0, 0, 0\), .* and 16 more has no density"):
        TASK.check_data(density(x))
    TASK.check_data(density(RNG.normal(size=(60, 4, 3, 2))))


def test_the_gaussian_sees_what_is_dequantised():
    data = table(marks=RNG.integers(2, 5, N) / 2)
    quanta, xs = data.levels.quanta, data.test["x"]
    noise = quanta * (RNG.uniform(size=(2000, *xs.shape)) - 0.5)
    train = data.train["x"].astype(float)
    covariance = np.cov(train.T, ddof=0) + np.diag(quanta**2 / 12)
    away = xs + noise - train.mean(axis=0)
    quadratic = np.einsum("sni,ij,snj->", away, np.linalg.inv(covariance), away) / (2000 * len(xs))
    expected = 0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * covariance)[1])
    expected -= data.preprocessing.log_volume((3,))
    assert metrics(data)["gaussian_nll"] == pytest.approx(expected, abs=2e-3)


def test_the_standard_error_is_that_of_a_mean():
    data = table()
    outputs = RNG.normal(size=len(data.test["x"])) * 3
    told = metrics(data, outputs)
    assert told["nll_se"] == pytest.approx(outputs.std(ddof=1) / math.sqrt(len(outputs)))
    assert set(told) == {"nll", "nll_se", "gaussian_nll"}


def test_rows_beyond_the_training_levels_have_no_uniform_probability():
    counts = np.arange(100.0)[:, None] % 10
    raw = zoo.RawData({"x": counts}, ("density",), held_out=np.arange(100) >= 90)
    assert metrics(zoo.make_dataset(raw))["uniform_bits_per_dim"] == pytest.approx(math.log2(10))
    counts[95] = 11
    told = metrics(zoo.make_dataset(raw))
    assert told["uniform_bits_per_dim"] is None and told["uniform_nll"] is None
    assert told["bits_per_dim"] is not None


def test_weights_of_before_are_of_the_same_data_where_these_serve_more_now():
    learned = density(NORMAL).preprocessing
    before = learned.to_json() | {"tasks": ["classification"]}
    assert same_as_saved(before, learned) and same_as_saved(learned.to_json(), learned)
    assert not same_as_saved({**before, "x_scale": None}, learned)
    assert not same_as_saved({k: v for k, v in before.items() if k != "x_scale"}, learned)


@pytest.mark.parametrize("name", ["breast_cancer", "digits", "wine"])
def test_real_tables_have_a_density(name):
    data = zoo.load_dataset(name)
    TASK.check_data(data)
    assert len(data.sizes("density")["quanta"]) == data.in_size
    # Measurements that were written with two decimals, and those with more than a row repeats.
    steps = data.levels.quanta * data.x_scale.std
    expected = {"breast_cancer": [0.001, 0, 0], "digits": [1 / 16] * 3, "wine": [0.01] * 3}
    np.testing.assert_allclose(steps[:3], expected[name], rtol=1e-3)


def test_levels_of_many_pixels_are_those_of_all_places():
    x = np.zeros((256, 32, 16, 1))
    x[..., 1::2, :] = RNG.integers(0, 5, (256, 32, 8, 1)) / 4
    data = density(x)
    np.testing.assert_allclose(data.levels.quanta * data.x_scale.std, 0.25, rtol=1e-5)
    assert len(data.sizes("density")["quanta"]) == 1
