"""Signed weight files that ask for anything: refused in words, soon, and nothing is opened."""

import copy
import itertools
import os
import random
import stat
import time
import zipfile

import jax
import pytest

import zoo
from zoo.checkpoint import read, sizes_to_json, template
from zoo.checkpoint.leaves import arrays_of
from zoo.datasets import preprocessing_of
from zoo.datasets.files import input_file
from zoo.errors import CheckpointError, ConfigError, DataError, ZooError
from zoo.registry import MODELS
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare
from zoo.schema import least_layers, options_of, resolve

from .small_data import sizes_for
from .test_cli import call
from .torture.swapped import nested, resigned, swapped, values

pytestmark = pytest.mark.wrong_types  # of hostile files and faulty calls

MLP = {"width": 4, "depth": 1}


@pytest.fixture
def opened(monkeypatch):
    """The paths that are opened by number, as the zoo opens what a file names."""
    paths = []
    real = os.open

    def note(path, *arguments, **named):
        paths.append(os.fspath(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr("os.open", note)
    return paths


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A weight file as train writes it, and its configuration."""
    path = tmp_path_factory.mktemp("good") / "model.safetensors"
    data = {"dataset": "moons", "dataset_options": {"n": 60}}
    run = prepare(RunConfig(model="mlp", model_options=MLP, **data))
    zoo.save(path, run.model, run.config.to_json())
    return path.read_bytes(), read(path)[0]["config"]


@pytest.fixture
def refused(good, tmp_path):
    """The words with which the file is refused that has a configuration changed in one place."""

    def load(config):
        path = tmp_path / "hostile.safetensors"
        path.write_bytes(resigned(good[0], config, fitting=False))
        with pytest.raises(CheckpointError) as error:
            zoo.load(path)
        return str(error.value)

    return load


@pytest.mark.parametrize("name", ["csv", "npz"])
def test_89_data_are_read_from_regular_files_alone(name, tmp_path, opened):
    os.mkfifo(tmp_path / "pipe")
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    (tmp_path / "link").symlink_to("/dev/zero")
    own = [str(tmp_path / each) for each in ("pipe", "socket", "link")]
    devices = ["/dev/zero", "/dev/stdin", "/dev/tty", *own]
    for path in filter(os.path.exists, devices):
        if not os.path.isfile(path):  # standard input may be one
            with pytest.raises(DataError, match=r"is a (device|pipe|socket): expected a file"):
                zoo.load_dataset(name, path=path)
    assert not opened
    for path in (
        "/proc/kmsg",
        "/proc/self/mem",
        "a\0b",
        "a" * 5000,
        "/proc/self/nothing/x",
        "\ud800",
    ):
        with pytest.raises(DataError):
            zoo.load_dataset(name, path=path)
    with pytest.raises(CheckpointError, match="is a pipe: expected a weight file"):
        zoo.load(tmp_path / "pipe")


def test_89_what_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    large = tmp_path / "large"
    large.touch()
    os.truncate(large, 2**42)
    for name in ("csv", "npz"):
        with pytest.raises(DataError, match=r"holds 4,398,046,511,104 bytes: expected at most 4,2"):
            zoo.load_dataset(name, path=str(large))
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(2**20))
    monkeypatch.setattr(input_file, "LARGEST", 2**16)
    assert (tmp_path / "bomb.npz").stat().st_size < 2**16
    with pytest.raises(DataError, match="holds 1,048,576 bytes"):
        zoo.load_dataset("npz", path=str(tmp_path / "bomb.npz"))


ENTRIES = {
    "model": (None, 3, ["mlp"], {}),
    "in_size": ("2", 2.0, True, None, 0, -1, [2], 10**400),
    "out_size": ("2", float("nan"), False, {}, 0),
    "options": (None, [], "width", 3),
    "task": (3, [], {}, False),
    "use": ("os", {}, [3], [["os"]]),
    "dataset": (3, None, ["moons"]),
    "dataset_options": ([], "path", None),
    "training": ([], 3, None),
    "seed": ("0", -1, 2**40, 1.5, None, True),
    "classes": ({}, "ab", [[]], [None]),
    "preprocessing": ([], "x", 3),
    "x64": ("no", 1, None),
    "from": (3, None, []),
    "resumed": ({}, [3], [{}], [{"step": -1}], "x"),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_89_every_entry_that_is_used_has_its_kind(entry, good, refused):
    for value in ENTRIES[entry]:
        words = refused({**good[1], entry: value})
        assert f"does not make sense: {entry}" in words and len(words) < 1000, value
    if entry in ("model", "in_size", "out_size", "options"):
        without = {name: value for name, value in good[1].items() if name != entry}
        assert f"{entry} is missing" in refused(without)


def test_89_what_goes_too_deep_or_is_no_mapping_is_refused(good, refused):
    for value in (nested(150), nested(99, dict)):
        words = refused({**good[1], "options": {**good[1]["options"], "width": value}})
        assert "more than 32 lists and mappings in one another" in words
    assert "no mapping" in refused([1, 2]) and "no mapping" in refused("mlp")
    assert len(refused({**good[1], "options": {"width": "a" * 10**6}})) < 1000


GIANTS = {
    "mlp": [{"depth": 10**7}, {"depth": 10_000}, {"width": 2**62}, {"width": 10**6, "depth": 3}],
    "odenet": [
        {"dynamics_options": {"depth": 10**7}},
        {"dynamics_options": {"depth": 9_999, "width": 10**6}},
        {"dynamics": "concat_squash", "dynamics_options": {"depth": 9_999}},
        {"lift": 10**6, "augment": 10**6},
        {"augment": 2**62},
        {"solver": {"steps": 10**7}},
        {"solver": {"max_steps": 10**7}},
    ],
    "resnet": [{"depth": 10_000}, {"block_depth": 10_000}, {"depth": 100, "block_depth": 100}],
}


@pytest.mark.parametrize("model", GIANTS)
def test_89_a_giant_is_refused_before_it_is_built(model, good, refused):
    for options in GIANTS[model]:
        began = time.process_time()
        words = refused({**good[1], "model": model, "options": options})
        assert time.process_time() - began < 2, options
        assert any(w in words for w in ("layers, and the file holds 4", "at most", "does not fit"))


@pytest.mark.parametrize("name", zoo.list_models())
def test_89_no_model_has_fewer_arrays_than_its_layers(name):
    builder, sizes = MODELS[name].builder, sizes_for(name)
    known, of_images = options_of(builder).keys(), "in_shape" in sizes
    fields = ["conv", "unet", "transformer"] if of_images else ["mlp", "concat_squash"]
    if name == "transformer_odenet":
        fields = ["transformer"]
    for depth, inner, shared, dynamics in itertools.product([1, 3], [0, 2], [False, True], fields):
        counted = "levels" if dynamics == "unet" else "depth"
        asked = {"depth": depth, "block_depth": inner, "shared": shared}
        asked |= {"dynamics": dynamics, "dynamics_options": {counted: depth}}
        asked |= {"discrete": 2 * shared, "stages": 1 + inner}
        options = resolve(builder, {n: value for n, value in asked.items() if n in known})
        recorded = sizes_to_json(builder, sizes)
        made = template({"model": name, **recorded, "options": options})
        least = least_layers(builder, options)
        assert (1 if known & asked.keys() else 0) <= least <= len(arrays_of(made))


def test_89_many_layers_that_share_their_weights_are_few(tmp_path):
    config = zoo.model_config("resnet", (2, 2), width=4, depth=300, shared=True)
    zoo.save(tmp_path / "m", zoo.create_model(config, key=jax.random.key(0)), config)
    assert zoo.load(tmp_path / "m").repeats == 300


LEARNED = {
    "in_size": (3, "2", None),
    "classes": ([0], "01", [0, [1]], [0, None]),
    "x_scale": ({}, [], {"mean": [0.0], "std": [1.0]}, {"mean": [0.0, 0.0], "std": [0.0, 1.0]}),
    "columns": (3, [], {}, {"columns": [{}], "width": 2, "header": True, "missing": "refuse"}),
    "tasks": ("classification", [3]),
    "target_names": ({}, [3]),
    "y_scale": ({}, [], {"name": "x"}),
}


@pytest.mark.parametrize("entry", LEARNED)
def test_89_what_was_learned_is_checked_before_it_is_used(entry, good):
    config = good[1]
    for value in LEARNED[entry]:
        learned = {**config["preprocessing"], entry: value}
        with pytest.raises(CheckpointError, match="preprocessing does not make sense"):
            preprocessing_of({**config, "preprocessing": learned})


@pytest.mark.parametrize(
    "value", [{"split": 5}, {"split": "60/20"}, {"standardise": "no"}, {"seed": -1}, {"n": 10**9}]
)
def test_89_options_of_data_are_checked_whoever_gives_them(value):
    with pytest.raises(ConfigError):
        zoo.load_dataset("moons", **value)


def test_89_swapped_entries_are_taken_or_refused_in_words(good, tmp_path):
    rng, pool, path = random.Random(0), values(), tmp_path / "hostile.safetensors"
    taken = 0
    for _ in range(120):
        config, what = swapped(good[1], rng, pool)
        path.write_bytes(resigned(good[0], config, fitting=False))
        began = time.process_time()
        try:
            zoo.load(path)
            preprocessing_of(read(path)[0]["config"])
            taken += 1
        except ZooError as error:
            assert len(str(error)) > 20
        assert time.process_time() - began < 2, what
    assert 0 < taken < 90


@pytest.mark.filterwarnings("ignore:The data are not those that m was trained on")
@pytest.mark.parametrize(
    "changes",
    [
        {"dataset_options": {"n": 60, "split": 3}},
        {"dataset_options": {"name": "x"}},
        {"dataset_options": {"seed": 3}},
        {"dataset": "cubic", "dataset_options": {}},
        {"dataset": "csv", "dataset_options": {"path": "/dev/zero"}},
        {"training": {"loss": 3}},
        {"training": {"loss": "huber", "loss_options": {"delta": "x"}}},
        {"task": "density"},
    ],
)
def test_89_evaluate_ends_in_words(changes, good, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    whole, config = good
    (tmp_path / "m").write_bytes(resigned(whole, {**copy.deepcopy(config), **changes}, False))
    assert call("evaluate", "m") in (2, 3)
    assert capsys.readouterr().err.startswith("error: ")


def test_89_train_from_a_file_does_not_build_what_that_asks_for(
    good, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    whole, config = good
    for options in ({"width": 10**6, "depth": 3}, {"width": 4, "depth": 9_999}):
        (tmp_path / "m").write_bytes(resigned(whole, {**config, "options": options}, False))
        assert call("train", "--from", "m", "--dataset", "moons", "--out", "new") == 3
        assert not (tmp_path / "new").exists()
        assert "does not" in capsys.readouterr().err
