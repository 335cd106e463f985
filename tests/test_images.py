"""Images through every command; builders that name the sizes they need; old weight files."""

from typing import Annotated

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo import plots
from zoo.checkpoint import read
from zoo.datasets import Spec, preprocessing_of
from zoo.datasets.spec import AXES
from zoo.errors import CheckpointError, ConfigError, DataError
from zoo.pretrained import path_of
from zoo.registry import MODELS
from zoo.schema import FromData, Layers, least_layers, missing_sizes, sizes_of

from .files import signed
from .test_cli import call

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 3
IMAGES = RNG.standard_normal((60, 4, 3, 2)) * [1.0, 50.0] + LABELS[:, None, None, None]
SMALL = {
    "mlp": {"width": 8, "depth": 1},
    "resnet": {"width": 8, "depth": 1},
    "odenet": {"dynamics_options": {"width": 4, "depth": 1}, "solver": {"rtol": 1e-2}},
}


def images(x=IMAGES, **options) -> zoo.Dataset:
    return zoo.make_dataset(zoo.RawData({"x": x, "y": LABELS}, ("classification",)), **options)


class Mean(zoo.AbstractModel):
    """A linear layer on the mean of each channel."""

    objectives = zoo.losses.PREDICTION
    layer: eqx.nn.Linear

    def forward(self, xs, *, args=None, solver=None, key=None):
        return jax.vmap(self.layer)(xs.mean(axis=(1, 2))), zoo.Stats.discrete(len(xs), 1)


@pytest.fixture
def mean():
    """A registered model of images, gone after the test."""

    @zoo.register_model("mean-of-a-test")
    def builder(
        in_shape: tuple[int, ...], *, labels: Annotated[int, FromData("classes")], key
    ) -> Mean:
        """The mean of each channel, read by a linear layer."""
        return Mean(eqx.nn.Linear(in_shape[-1], labels, key=key))

    yield "mean-of-a-test"
    del MODELS._entries["mean-of-a-test"]


def test_a_spec_says_kind_shapes_and_sizes():
    spec = images().spec
    assert (spec.kind, spec.shapes) == ("image", {"x": (4, 3, 2), "y": ()})
    assert spec.sizes == {
        "in_size": 24, "in_shape": (4, 3, 2), "height": 4, "width": 3, "channels": 2, "classes": 3
    }  # fmt: skip
    assert str(spec) == "images of 4×3×2"
    table = zoo.load_dataset("cubic", n=20)
    assert table.spec.kind == "table" and "in_shape" not in table.spec.sizes
    assert table.sizes("regression")["out_size"] == table.spec.sizes["targets"] == 1
    series = Spec.of({"x": np.zeros((9, 5, 2))})
    assert series.kind == "series" and series.sizes == {"in_size": 2, "length": 5, "channels": 2}
    assert Spec.of({"x": np.zeros((9, 1, 2, 3, 4))}).kind == "other"
    assert Spec.of({"x": np.zeros((9, 5, 2))}, kind="paths").sizes == series.sizes
    assert tuple(AXES) == zoo.tasks.KINDS


def test_images_are_standardised_by_channel():
    data = images()
    assert data.train["x"].shape[1:] == (4, 3, 2) and data.x_scale.mean.shape == (2,)
    np.testing.assert_allclose(data.train["x"].mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(data.train["x"].std(axis=(0, 1, 2)), 1, rtol=1e-4)
    again = preprocessing_of(
        {**zoo.model_config("mlp", data), "preprocessing": data.preprocessing.to_json()}
    )
    assert again.in_shape == (4, 3, 2) and again.to_json() == data.preprocessing.to_json()
    same = IMAGES.copy()
    same[..., 1] = 7
    assert any("channel 1" in note for note in images(same).notes)


@pytest.mark.parametrize("name", SMALL)
def test_training_on_images_is_training_on_their_numbers(name):
    flat = images(IMAGES.reshape(60, -1), standardise=False)
    whole = images(standardise=False)
    results = [
        zoo.fit(zoo.create_model(name, data, key=KEY, **SMALL[name]), data, steps=2)
        for data in (flat, whole)
    ]
    assert results[0].history.train == results[1].history.train
    assert eqx.tree_equal(results[0].model, results[1].model)
    model = results[1].model
    assert zoo.evaluate(model, whole)["loss"] == zoo.evaluate(model, flat)["loss"]
    told = zoo.predict(model, IMAGES, data=whole)  # compiled, unlike forward: to rounding
    np.testing.assert_allclose(told, model.forward(IMAGES.reshape(60, -1))[0], atol=1e-5)
    assert model(IMAGES[0]).shape == (3,)
    with pytest.raises(DataError, match=r"\(60, 4, 3, 1\): expected \(B, 24\)"):
        model.forward(IMAGES[..., :1])
    with pytest.raises(DataError, match=r"one is x\[None\]"):
        model.forward(IMAGES[0])
    if name == "odenet":
        drawn = plots.all_figures(model, whole, None, "classification")
        assert set(drawn) == {"steps", "effort_by_class"}  # two channels have no colours
        words = plots.left_out(drawn, whole)
        assert "images of 4×3×2" in words and "boundary, effort, flow, lift (two features)" in words
        grey = zoo.create_model(name, images(IMAGES[..., :1]), key=KEY, **SMALL[name])
        drawn = plots.all_figures(grey, images(IMAGES[..., :1]), None, "classification")
        assert set(drawn) == {"steps", "effort_by_class", "hardest"}
    assert plots.left_out({}, flat) == ""


def test_images_by_name_through_every_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pixels = np.clip(IMAGES[..., :1] * 40 + 100, 0, 255).astype(np.uint8)
    np.savez("mine.npz", x=pixels, y=LABELS)
    np.savez("new.npz", x=pixels[:5])
    train = "train --model mlp --model.width 8 --dataset npz --dataset.path mine.npz --steps 150"
    assert call(*train.split(), "--out", "run") == 0
    told = capsys.readouterr()
    assert "x is taken as images of 4×3×1" in told.err and "not drawn of images" in told.err
    card = (tmp_path / "run" / "card.md").read_text()
    assert "| inputs | images of 4×3×1, flattened to 12 numbers |" in card
    assert call("evaluate", "run") == 0
    assert capsys.readouterr().out == told.out and '"accuracy": ' in told.out
    assert call("plot", "run", "--out", "drawn") == 0
    assert call("predict", "run", "--input", "new.npz", "--output", "out.npz") == 0
    data, model = zoo.load_dataset("npz", path="mine.npz"), zoo.load("run/model.safetensors")
    expected = zoo.predict(model, pixels[:5], data=data).argmax(axis=1)
    np.testing.assert_array_equal(np.load("out.npz")["prediction"], expected)
    np.savez("flat.npz", x=pixels[:5].reshape(5, -1))
    (tmp_path / "flat.csv").write_text("\n".join(["1," * 11 + "1"] * 2))
    capsys.readouterr()
    assert call("predict", "run", "--input", "flat.npz", "--output", "no.npz") == 2
    assert "of shape (5, 12): expected numbers of shape (examples, 4, 3, 1)" in (
        capsys.readouterr().err
    )
    assert call("predict", "run", "--input", "flat.csv", "--output", "no.csv") == 2
    assert "is a table, and the model takes images of 4×3×1" in capsys.readouterr().err
    np.savez("mine.npz", x=pixels[:, :2], y=LABELS)
    with pytest.warns(zoo.ZooWarning, match="are not those"):
        assert call("evaluate", "run") == 3
    assert "of in_size 12, out_size 3, and npz has other sizes" in capsys.readouterr().err


def test_a_builder_gets_the_sizes_that_it_names(mean, tmp_path):
    data, path = images(), tmp_path / "m.safetensors"
    config = zoo.model_config(mean, data)
    assert config["sizes"] == {"classes": 3, "in_shape": [4, 3, 2]} and config["in_size"] == 24
    model = zoo.create_model(config, key=KEY)
    assert model.forward(IMAGES)[0].shape == (60, 3) and config["options"] == {}
    by_name = zoo.create_model(mean, {"in_shape": (4, 3, 2), "classes": np.int64(3)}, key=KEY)
    assert eqx.tree_equal(by_name, model)
    zoo.save(path, model, config)
    assert eqx.tree_equal(zoo.load(path), model)
    with pytest.raises(
        ConfigError,
        match=r"needs the size in_shape, which the data set 'moons' "
        r"\(rows of 2 features\).*Models for these data: .*mlp, odenet, resnet\.",
    ):
        zoo.model_config(mean, zoo.load_dataset("moons", n=30))
    with pytest.raises(ConfigError, match="needs the size in_shape and classes, and has in_size 2"):
        zoo.model_config(mean, (2, 2))
    assert mean in zoo.models.fitting_models(data)
    assert mean not in zoo.models.fitting_models(zoo.load_dataset("moons", n=30))


HOSTILE = {
    "a word": {"in_shape": "4"},
    "a mapping": {"in_shape": {}},
    "nothing": {"in_shape": None},
    "truth": {"classes": True},
    "no axes": {"in_shape": []},
    "many axes": {"in_shape": [1] * 9},
    "zero": {"in_shape": [0, 3, 2]},
    "a number where a shape is wanted": {"in_shape": 24},
    "a shape where a number is wanted": {"classes": [3]},
    "a giant": {"in_shape": [2**30, 2**30, 2]},
    "another length": {"in_shape": [4, 3, 200]},
    "one of them": {"classes": None},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_89_sizes_in_a_file_are_checked_as_options_are(case, mean, tmp_path):
    config = zoo.model_config(mean, images())
    config["sizes"] |= HOSTILE[case]
    if case == "one of them":
        del config["sizes"]["classes"]
    (tmp_path / "m").write_bytes(signed({}, {"config": config, "leaves": {}}))
    with pytest.raises(CheckpointError, match=r"in_shape|classes"):
        zoo.load(tmp_path / "m")


def test_89_a_size_that_counts_layers_asks_for_no_more_than_the_arrays():
    def builder(times: Annotated[int, FromData("length"), Layers(more=1)], out_size, *, key): ...

    assert [each.size for each in sizes_of(builder)] == ["length", "out_size"]
    assert least_layers(builder, {}, {"length": 9, "out_size": 2}) == 10
    assert missing_sizes(builder, {"out_size": 2}) == ["length"]
    with pytest.raises(ConfigError, match="'other' of the builder 'wrong' has no value"):

        def wrong(in_size, *, other, key): ...

        sizes_of(wrong)


@pytest.mark.parametrize("name", ["odenet-moons", "cubic-resnet"])
def test_a_file_says_what_those_of_before_said(name, tmp_path):
    header, arrays = read(path_of(name))
    config = header["config"]
    assert "sizes" not in config and not any("in_size" in each for each in header["static"])
    zoo.save(tmp_path / "m", zoo.load(name), config)
    again, same = read(tmp_path / "m")
    assert header["static"].items() <= again["static"].items() and again["config"] == config
    assert not any("in_size" in each for each in again["static"])
    assert all((same[leaf] == arrays[leaf]).all() for leaf in arrays)
    xs = jnp.ones((2, config["in_size"]))
    assert (zoo.load(tmp_path / "m").forward(xs)[0] == zoo.load(name).forward(xs)[0]).all()
    made = zoo.model_config(config["model"], (config["in_size"], config["out_size"]))
    assert made.keys() <= config.keys()


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("imgae", (9, 4, 4, 1), "expected one of table, image, series, paths"),
        ("image", (9, 4, 4), r"expected \(N, height, width, channels\).*x\[\.\.\., None\]"),
    ],
)
def test_a_kind_that_the_data_are_not_is_refused(kind, shape, words):
    with pytest.raises(DataError, match=words):
        zoo.make_dataset(
            zoo.RawData(
                {"x": np.ones(shape), "y": np.arange(9) % 3}, ("classification",), kind=kind
            )
        )
