"""The study of image models: equal sizes, honest baselines; a stem that makes images smaller."""

from importlib import import_module

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.models.stem import image_stem
from zoo.registry import MODELS
from zoo.schema import resolve

from . import idx_files

KEY = jax.random.key(0)
contenders, trial, store, report, regularisers, study = (
    import_module(f"images.{name}")
    for name in ("contenders", "trial", "store", "report", "regulariser_table", "__main__")
)
pixels, choose, choice_table, headline = (
    import_module(f"images.{name}")
    for name in ("pixel_contenders", "choose", "choice_table", "headline")
)


@pytest.mark.parametrize(
    ("shape", "halved", "once", "twice"),
    [
        ((28, 28, 1), 2, (14, 14, 8), (7, 7, 8)),
        ((27, 31, 3), 2, (14, 16, 8), (7, 8, 8)),
        ((1, 1, 1), 2, (1, 1, 8), (1, 1, 8)),
    ],
)
def test_a_stem_halves_an_image_as_often_as_it_is_told(shape, halved, once, twice):
    xs = jax.random.normal(KEY, (3, *shape))
    for times, expected in ((1, once), (halved, twice)):
        stem, small = image_stem(shape, 8, times, key=KEY)
        ys = stem(xs)
        assert small == expected and ys.shape == (3, *expected)
        # Normalised in groups of channels, then silu, which is never below -0.28.
        assert float(ys.min()) > -0.28 and float(ys.max()) > 0
    own, same = image_stem(shape, 0, 1, key=KEY)
    assert same[2] == shape[2] and own(xs).shape[-1] == shape[2]
    assert image_stem(shape, 0, 0, key=KEY) == (None, shape)


@pytest.mark.parametrize("name", ["conv_odenet", "unet_odenet"])
def test_a_model_solves_the_smaller_images(name):
    options = {"width": 4, "downsample": 2, "dynamics_options": {"width": 4}}
    options |= {"stages": 1} if name == "conv_odenet" else {}
    net = zoo.create_model(name, {"in_shape": (9, 6, 1), "out_size": 2}, key=KEY, **options)
    xs = jax.random.normal(KEY, (2, 9, 6, 1))
    shapes = eqx.filter_eval_shape(lambda net: net.initial_state(xs), net)
    assert shapes.shape == (2, 3, 2, 4)
    ys, _ = eqx.filter_jit(net.forward)(xs, solver=zoo.Solver(diffrax.Euler(), steps=1))
    own = net.outer.head(net.initial_state(xs) + net.dynamics.batch(0.0, net.initial_state(xs), 0))
    np.testing.assert_allclose(ys, own, atol=1e-5)
    assert resolve(MODELS[name].builder, {})["downsample"] == 0  # what a file of before says


def test_contenders_are_of_one_size():
    data = contenders.blank_images()
    sizes = {
        name: contenders.size(each, each.width, data)
        for name, each in contenders.CONTENDERS.items()
        if not each.without_block
    }
    off = {name: size / sizes["ODE-Net"] - 1 for name, size in sizes.items()}
    assert max(map(abs, off.values())) < 0.05, off
    assert sizes["one block"] == sizes["ODE-Net"]
    assert set(contenders.HEADLINE) <= set(sizes) and len(sizes) == 9


def test_models_that_read_every_pixel_have_the_size_of_the_others():
    data = contenders.blank_images()
    first = contenders.CONTENDERS["ODE-Net"]
    wanted = contenders.size(first, first.width, data)
    for name, each in {**pixels.CANDIDATES, **pixels.PIXEL_CONTENDERS}.items():
        if not each.without_block:
            assert abs(contenders.size(each, each.width, data) / wanted - 1) < 0.05, name
        assert dict(each.options(each.width))["pool"] is False
    block, ode, bare = (
        trial.fresh_model(pixels.PIXEL_CONTENDERS[name], data, 0)
        for name in ("U-Net, one block", "U-Net", "U-Net, identity")
    )
    assert zoo.count_parameters(block) == zoo.count_parameters(ode)
    assert jax.tree.structure(block.outer) == jax.tree.structure(bare.outer)
    ys, stats = bare.forward(jnp.ones((2, 28, 28, 1)))
    assert ys.shape == (2, 10) and (stats.nfe == 0).all()


def test_models_are_chosen_on_images_that_neither_train_nor_test(tmp_path, monkeypatch):
    idx_files.write(tmp_path / "fashion-mnist", train=240, test=20)
    monkeypatch.setenv("ZOO_DATA_DIR", str(tmp_path))
    whole, part = zoo.load_dataset("fashion_mnist"), choose.held_out(150)
    rows = {name: {row.tobytes() for row in part.split(name)["x"]} for name in ("train", "test")}
    assert len(part.train["x"]) == 150 and len(rows["test"]) == len(part.test["y"]) == 20
    tested = {row.tobytes() for row in whole.test["x"]}
    assert not rows["train"] & rows["test"] and not (rows["train"] | rows["test"]) & tested


def test_the_headline_models_go_on_from_their_checkpoints(tmp_path, monkeypatch, capsys):
    idx_files.write(tmp_path / "fashion-mnist", train=600, test=20)
    monkeypatch.setenv("ZOO_DATA_DIR", str(tmp_path))
    small = contenders.Contender("mlp", lambda width: {"width": width, "depth": 1}, 4)
    monkeypatch.setitem(pixels.PIXEL_CONTENDERS, "MLP", small)
    runs, folder = tmp_path / "runs.jsonl", tmp_path / "checkpoints"
    options = ["--names", "MLP", "--train-images", "500", "--epochs", "2"]
    options += ["--test-images", "20", "--store", str(runs), "--checkpoints", str(folder)]
    monkeypatch.setattr("sys.argv", ["headline", *options])
    headline.main()
    [(tried, first)] = store.read(runs).items()
    assert tried == store.Trial("fashion_mnist", "MLP", 500, 2, 20, 0)
    assert first["trained_on"] == 500 - 10 and first["nfe"] == 2 and first["seconds"] > 0
    headline.main()
    assert len(runs.read_text().splitlines()) == 1  # what is done is not done again
    runs.unlink()
    [times] = folder.glob("*/times.jsonl")
    steps = times.read_text()
    headline.main()
    [again] = store.read(runs).values()
    assert times.read_text() == steps  # all steps were taken before
    for name in ("accuracy", "loss", "seconds", "parameters"):
        assert first[name] == again[name], name
    assert "MLP, 500 images, seed 0: accuracy" in capsys.readouterr().out


def test_only_models_that_solve_an_ode_are_regularised():
    for name, settings in headline.CHOSEN.items():
        options = pixels.PIXEL_CONTENDERS[name].options(8)
        assert "regulariser" not in choose.SETTINGS[settings] or "solver" in options


def test_choices_stand_in_the_order_of_their_accuracy():
    row = {"settings": "plain", "images": 10_000, "trained_on": 10_000, "epochs": 2, "seed": 0}
    row |= {"nfe": 8.25, "seconds": 30.4, "reconstruction_error": 0.002}
    low, high = (row | {"contender": f"at {score}", "accuracy": score} for score in (0.8, 0.9))
    full = low | {"images": 55_000, "trained_on": 55_000, "epochs": 5}
    lines = choice_table.table([low, high, full])
    assert lines[2] == "| at 0.8 | plain | 55,000 | 5 | 80.00 | 8.2 | 0.002 | 30 |"
    assert [line.split(" | ")[0] for line in lines[3:]] == ["| at 0.9", "| at 0.8"]
    assert choice_table.table([]) == ["Not run yet."]


def test_the_width_is_the_nearest_one():
    data = contenders.blank_images()
    mlp = contenders.CONTENDERS["MLP"]
    around = [contenders.size(mlp, width, data) for width in (15, 16, 17)]
    assert contenders.fitting_width(mlp, around[1] + 5, data) == 16
    assert contenders.fitting_width(mlp, around[2] - 5, data) == 17


def test_the_identity_has_the_stem_and_the_head_alone():
    data = contenders.blank_images()
    each = contenders.CONTENDERS["identity"]
    net, block = (
        trial.fresh_model(contenders.CONTENDERS[name], data, 0)
        for name in ("identity", "one block")
    )
    xs = jnp.asarray(data.train["x"][:2], jnp.float32) + jax.random.normal(KEY, (2, 28, 28, 1))
    ys, stats = net.forward(xs)
    np.testing.assert_array_equal(ys, block.outer.head(block.outer.enter(xs, block)))
    assert (stats.nfe == 0).all() and each.without_block
    assert zoo.count_parameters(net) < zoo.count_parameters(block) / 2
    metrics = zoo.evaluate(net, data)
    assert metrics["nfe"] == 0 and metrics["idle_share"] is None


def test_a_study_goes_on_and_a_small_try_is_no_result(tmp_path):
    small, full = (study.trials_of(part, "fashion_mnist") for part in ("small", "full"))
    assert len(small) == 30 and len(full) == 3 and {each.seed for each in full} == {0}
    found = {"accuracy": 0.9, "nfe": 20.0, "seconds": 3.0, "step_ms": 2.0, "parameters": 1000}
    found |= {"device": "cpu", "reconstruction_error": 0.02}
    tried = study.trials_of("small", "fashion_mnist", images=500, epochs=1, names=["ODE-Net"])
    for seed, each in enumerate([*small[:1], *small[10:11], *tried]):
        store.append(tmp_path / "runs", each, found | {"accuracy": 0.9 + seed / 100})
    done = store.read(tmp_path / "runs")
    assert [each for each in small if each not in done] == [*small[1:10], *small[11:]]
    page = tmp_path / "page.md"
    mark = "fashion_mnist, 10,000 images"
    page.write_text(f"before\n<!-- {mark} -->\nold\n<!-- end of {mark} -->\nafter\n")
    rows = report.chosen(list(done.values()), "fashion_mnist", 10_000)
    report.fill_marks(page, {mark: report.table(rows)})
    text = page.read_text()
    assert "| ODE-Net | 1,000 | 90.50 ± 0.71 | 20.0 | 0.02 | 3 | 2.0 |" in text
    assert "old" not in text and text.startswith("before") and text.endswith("after\n")
    assert "2 seeds" in text


def test_a_regulariser_is_set_beside_the_same_seeds_without_one():
    row = {"model": "odenet", "reconstruction_error": 1e-3}
    none = [
        row | {"settings": "none", "seed": seed, "accuracy": 0.9 + seed / 10, "nfe": 30.0} | ms
        for seed, ms in enumerate(({"step_ms": 2.0}, {"step_ms": 3.0}))
    ]
    one = row | {"settings": "kinetic 0.01", "seed": 1, "accuracy": 0.99, "nfe": 15.0}
    rows = [one | {"step_ms": 4.0}, *none]
    lines = regularisers.table(rows, "odenet")
    assert lines[2].startswith("| none | 95.00 ± 7.07 | +0.00 | 30.0 | 1.00 | 1.0 | 1.0 |")
    assert lines[3] == "| kinetic 0.01 | 99.00 | -1.00 | 15.0 | 0.50 | 2.0 | 4.0 | 0.001 |"
    failed = {"model": "odenet", "settings": "stiffness 1", "seed": 0, "diverged": "why"}
    assert "| stiffness 1 | diverged |" in regularisers.table([*rows, failed], "odenet")[4]
    assert regularisers.table(rows, "conv_odenet") == ["Not run yet."]
