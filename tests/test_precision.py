"""Fault 79: all that works in 32 bits works in 64, and from one to the other."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read
from zoo.errors import CheckpointError, ConfigError, DynamicsError
from zoo.models import common_tasks
from zoo.objectives.parameters import float_type
from zoo.registry import MODELS
from zoo.schema import options_of, sizes_of

from .small_data import images, series
from .test_cli import call
from .test_pretrained import told
from .test_readme import blocks

BOTH = pytest.mark.parametrize("x64", [False, True], ids=["32 bits", "64 bits"])
KEY = jax.random.key(0)


def sizes_of_model(name: str) -> list[str]:
    """The sizes that a model's builder needs."""
    return [each.size for each in sizes_of(MODELS[name].builder) if each.required]


TRAIN = ["--model", "odenet", "--dataset", "moons", "--dataset.n", "60", "--batch-size", "9"]
TRAIN += ["--schedule", "constant"]


@pytest.mark.parametrize("name", zoo.list_models())
@pytest.mark.parametrize("dataset", ["moons", "cubic", "images", "series"])
def test_smoke_in_64_bits(name, dataset):
    """The other tests have 32."""
    wanted = {"images": "in_shape", "series": "channels"}
    if [size in sizes_of_model(name) for size in wanted.values()] != [
        dataset == each for each in wanted
    ]:
        pytest.skip("the model takes tables, images or series alone")
    if name in ("unet_odenet", "transformer_odenet"):
        pytest.skip("their stages are those of conv_odenet, and take longer to compile")
    with jax.enable_x64(True):
        own = {"images": images, "series": series}
        data = own[dataset]() if dataset in own else zoo.load_dataset(dataset, n=60)
        assert data.train["x"].dtype == np.float64
        if not common_tasks(name, data):
            pytest.skip("the model is of densities or random paths, and these data are not")
        # One step without an estimate of its error: a fifth of the time to compile.
        solves = "solver" in options_of(MODELS[name].builder)
        options = {"solver": {"steps": 1}} if dataset in own and solves else {}
        options |= {"width": 4} if dataset == "images" else {}
        model = zoo.create_model(name, data, key=KEY, **options)
        result = zoo.fit(model, data, steps=3, ema=0.9)
        assert float_type(result.model) == np.float64
        told = zoo.evaluate(result.model, data, split="train", other_grids=dataset not in own)
        assert np.isfinite(told["loss"])
        raw = np.zeros((2, *data.spec.shapes["x"]))
        assert zoo.predict(result.model, raw, data=data).shape[0] == 2
        for given in (raw[0], raw[0].astype(np.float32), jnp.zeros(raw[0].shape)):
            one = jax.tree.map(lambda x: x[0], result.model.inputs({"x": given[None]}))
            assert result.model(one).dtype == np.float64


def test_the_readme_s_example_in_64_bits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = [b for b in blocks("README.md", "python") if "zoo.create_model" in b]
    shared: dict = {}
    with jax.enable_x64(True):
        exec(example, shared)
        assert float_type(shared["model"]) == np.float64
        assert zoo.evaluate(shared["model"], shared["data"])["accuracy"] > 0.95


@BOTH
def test_a_run_is_what_it_was_wherever_it_goes_on(x64, tmp_path, capsys):
    """Trained with one number of bits; evaluated, predicted and resumed where JAX has the other."""
    (tmp_path / "new.csv").write_text("x0,x1\n0.0,1.0\n")
    run, whole, output = (str(tmp_path / name) for name in ("run", "whole", "out.csv"))
    with jax.enable_x64(x64):
        assert call("train", *TRAIN, "--steps", "4", "--out", run, "--no-figures") == 0
        trained = capsys.readouterr().out
        assert call("train", *TRAIN, "--steps", "8", "--out", whole, "--no-figures") == 0
    capsys.readouterr()
    with jax.enable_x64(not x64):
        assert call("evaluate", run) == 0
        assert capsys.readouterr().out == trained
        predict = ["predict", run, "--input", str(tmp_path / "new.csv"), "--output", output]
        assert call(*predict) == 0
        assert call("train", "--resume", "--out", run, "--steps", "8", "--no-figures") == 0
        assert "Not bitwise" not in capsys.readouterr().err
    arrays, expected = (read(f"{p}/model.safetensors")[1] for p in (run, whole))
    for name, array in arrays.items():
        assert array.dtype == (np.float64 if x64 else np.float32)
        np.testing.assert_array_equal(array, expected[name])
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config.get("x64", False) == x64


def test_a_file_brings_its_own_types(tmp_path):
    with jax.enable_x64(True):
        for name in zoo.list_pretrained():
            zoo.load(name)
        data = zoo.load_dataset("moons")
        model = zoo.load("odenet-moons")
        assert float_type(model) == np.float32 and data.train["x"].dtype == np.float64
        assert zoo.evaluate(model, data)["accuracy"] == told("odenet-moons")["accuracy"]
        assert float_type(zoo.fit(model, data, steps=2, ema=0.9).model) == np.float32
        assert float_type(zoo.load("odenet-moons", cast=True)) == np.float64
        config = zoo.model_config("mlp", (2, 2), width=4)
        wide = zoo.create_model(config, key=KEY)
        zoo.save(tmp_path / "wide.safetensors", wide, config)
    with jax.enable_x64(False):
        with pytest.raises(CheckpointError, match=r"within `with jax.enable_x64\(True\):`"):
            zoo.load(tmp_path / "wide.safetensors")
        narrow = zoo.load(tmp_path / "wide.safetensors", cast=True)
        assert float_type(narrow) == np.float32


def test_which_weights_need_64_bits_is_listed(capsys):
    assert call("list") == 0
    shown = capsys.readouterr().out
    assert "flip-odenet (64 bits)" in shown and "odenet-moons," in shown


def test_types_that_disagree_are_refused_in_words():
    with jax.enable_x64(True):
        data = zoo.load_dataset("moons", n=60)
        model = zoo.create_model("odenet", data, key=KEY)
        head = zoo.precision.cast_floats(model.head, "float32")
        mixed = zoo.ODENet(model.dynamics, head=head)
        words = r"of several types: dynamics\S+ is float64, head\S+ is float32"
        for use in (
            lambda: zoo.fit(mixed, data),
            lambda: zoo.evaluate(mixed, data),
            lambda: zoo.predict(mixed, data.test["x"]),
            lambda: mixed.forward(data.test["x"]),
        ):
            with pytest.raises(ConfigError, match=words):
                use()
        y0 = jnp.zeros((3, 2), jnp.float32)
        with pytest.raises(DynamicsError, match=r"another type(.|\n)*float64\[2\](.|\n)*float32"):
            zoo.solve.solve(model.dynamics, y0)


def test_gradients_beyond_single_precision_are_no_bad_step():
    with jax.enable_x64(True):
        data = zoo.make_dataset(
            zoo.RawData({"x": np.ones((9, 1)), "y": 1e30 * np.ones((9, 1))}, ("regression",)),
            standardise=False,
        )
        result = zoo.fit(zoo.create_model("mlp", data, depth=0, key=KEY), data, steps=2)
        assert int(result.state.skipped) == 0
