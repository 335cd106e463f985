"""Fine-tuning: what of old weights is taken for other data, what is new, and what is said of it."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np
import pytest

import zoo
from zoo.checkpoint import arrays_of
from zoo.checkpoint.file import encode
from zoo.errors import CheckpointError, ConfigError
from zoo.models import take_weights
from zoo.models.transfer import head_paths
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .small_data import IMAGE, labelled_series, models_with_outputs, sizes_for
from .tables import lines, write_file

OLD, NEW = jax.random.key(0), jax.random.key(1)


def labelled(
    classes: str = "abc",
    features: int = 2,
    name: str = "own",
    seed: int = 0,
    image: bool = False,
    series: bool = False,
):
    """Sixty points with labels, or sixty images or series."""
    if series:
        return labelled_series(classes, ("classification",), count=60, name=name)
    x = np.random.default_rng(seed).normal(size=(60, *IMAGE) if image else (60, features))
    y = np.array(list(classes))[np.arange(60) % len(classes)]
    return zoo.make_dataset(zoo.RawData({"x": x, "y": y}, ("classification",)), name=name)


def measured(*names: str, name: str = "own", outputs: int = 1, seed: int = 0):
    """Sixty points with numbers as targets."""
    rng = np.random.default_rng(seed)
    raw = zoo.RawData(
        {"x": rng.normal(size=(60, 2)), "y": rng.normal(size=(60, outputs))}, ("regression",), names
    )
    return zoo.make_dataset(raw, name=name)


def weights(folder: Path, data, model: str = "odenet", **options) -> tuple[str, Any]:
    """A weight file as training leaves it, and the model in it."""
    config = zoo.model_config(model, data, **options)
    made = zoo.create_model(config, key=OLD)
    learned = {"dataset": data.name, "preprocessing": data.preprocessing.to_json()}
    zoo.save(folder / "old.safetensors", made, {**config, **learned})
    return str(folder / "old.safetensors"), made


def same(a: Any, b: Any) -> bool:
    return bool(eqx.tree_equal(eqx.filter(a, eqx.is_array), eqx.filter(b, eqx.is_array)))


@pytest.mark.parametrize("name", models_with_outputs())
def test_the_head_is_what_another_number_of_outputs_changes(name):
    three, five = (zoo.create_model(name, sizes_for(name, n), key=OLD) for n in (3, 5))
    shapes = {path: array.shape for path, array in arrays_of(three).items()}
    changed = [path for path, array in arrays_of(five).items() if array.shape != shapes[path]]
    assert list(head_paths(three)) == changed != []


@pytest.mark.parametrize("name", models_with_outputs())
def test_94_a_head_for_as_many_other_classes_is_drawn_anew(name, tmp_path):
    sizes = sizes_for(name)
    kind = {"image": "in_shape" in sizes, "series": "length" in sizes}
    path, old = weights(tmp_path, labelled("abc", **kind), name)
    model, taken = zoo.transfer(path, labelled("xyz", **kind), key=NEW)
    fresh = zoo.create_model(name, sizes_for(name, 3), key=NEW)
    head = head_paths(model)
    for path, array in arrays_of(model).items():
        assert same(array, arrays_of(fresh if path in head else old)[path]), path
    assert tuple(taken.new) == head
    assert set(taken.new.values()) == {"the classes were a, b, c and are x, y, z"}
    assert taken.taken.keys() | taken.new.keys() == arrays_of(model).keys()
    assert taken.parameters == zoo.count_parameters(model)


def test_94_a_head_for_the_same_classes_is_taken_and_their_order_counts(tmp_path):
    data = labelled("abc")
    path, old = weights(tmp_path, data)
    again = labelled("abc", seed=1)
    model, taken = zoo.transfer(path, again, key=NEW)
    assert same(model, old) and not taken.new
    assert str(taken).startswith(f"all 8 arrays ({taken.parameters:,} of {taken.parameters:,}")
    assert taken.notes == ("the inputs are standardised by other rows than they were",)
    turned = dataclasses.replace(again.preprocessing, classes=("c", "b", "a"))
    turned = dataclasses.replace(again, preprocessing=turned)
    assert set(zoo.transfer(path, turned, key=NEW)[1].new) == set(head_paths(old))
    _, elsewhere = zoo.transfer(path, labelled("abc", name="theirs"), key=NEW)
    assert not elsewhere.new and "the classes are a, b, c as they were" in elsewhere.notes
    assert "the inputs were those of own and are those of theirs" in elsewhere.notes


TARGETS = {
    "named alike": (measured("height"), measured("height", seed=1), ""),
    "named otherwise": (
        measured("height"),
        measured("weight"),
        "the targets were height and are weight",
    ),
    "no names, the same data": (measured(), measured(seed=1), ""),
    "no names, other data": (
        measured(),
        measured(name="theirs"),
        "the targets were those of own and are those of theirs",
    ),
    "another task": (
        measured("a", "b", outputs=2),
        labelled("ab"),
        "the task was regression and is classification",
    ),
}


@pytest.mark.parametrize("case", TARGETS)
def test_94_a_head_is_for_its_targets(case, tmp_path):
    then, now, why = TARGETS[case]
    path, old = weights(tmp_path, then, "mlp")
    _, taken = zoo.transfer(path, now, key=NEW)
    assert set(taken.new.values()) == ({why} if why else set())
    told = "the targets are standardised by other rows than they were" in taken.notes
    assert told == (not why), "numbers in other units are told of where the head was kept"
    assert list(taken.new) == (list(head_paths(old)) if why else [])


def test_94_what_has_no_head_is_told_of(tmp_path):
    path, old = weights(tmp_path, measured("a", "b", outputs=2), head=False)
    model, taken = zoo.transfer(path, measured("c", "d", outputs=2), key=NEW)
    assert same(model, old) and not taken.new
    assert "the targets were a, b and are c, d, and this ODENet has no head to draw anew" in str(
        taken
    )


def test_94_a_file_that_does_not_say_its_classes_gives_no_head(tmp_path):
    data = labelled()
    config = zoo.model_config("mlp", data)
    zoo.save(tmp_path / "m.safetensors", zoo.create_model(config, key=OLD), config)
    _, taken = zoo.transfer(tmp_path / "m.safetensors", data, key=NEW)
    assert set(taken.new.values()) == {"the file does not say what its targets were"}


def test_94_what_hardly_fits_is_refused_with_the_way_out(tmp_path):
    small = {"dynamics_options": {"width": 16, "depth": 1}}
    path, old = weights(tmp_path, labelled(features=2), **small)
    wider = labelled("xy", features=5)
    words = r"Too little of .*: 16 of the 197 .*expected half.*or give lift=2 \(--model.lift 2\)"
    with pytest.raises(CheckpointError, match=words) as refused:
        zoo.transfer(path, wider, key=NEW)
    assert refused.value.exit_code == 3
    model, taken = zoo.transfer(path, wider, key=NEW, lift=2)
    assert same(model.dynamics, old.dynamics)
    assert sorted(name.split(".")[0] for name in taken.new) == ["head", "head", "lift", "lift"]
    assert taken.new["lift.layer.weight"] == "the file has none such"
    path, _ = weights(tmp_path, labelled(), "resnet", depth=2)
    with pytest.raises(CheckpointError, match="fits the model"):
        zoo.transfer(path, labelled(), key=NEW, depth=5)
    with pytest.raises(CheckpointError, match="classes were a, b, c and are x, y, z"):
        path, _ = weights(tmp_path, labelled("abc"), "mlp", depth=0)
        zoo.transfer(path, labelled("xyz"), key=NEW)


def test_options_are_the_file_s_own_but_for_those_that_are_given(tmp_path):
    options = {"dynamics_options": {"width": 8, "depth": 1}, "solver": {"rtol": 1e-2, "t1": 2.0}}
    path, _ = weights(tmp_path, labelled(), **options)
    model, _ = zoo.transfer(path, labelled("xyz"), key=NEW, solver=zoo.Solver(rtol=1e-4))
    assert model.dynamics.net.layers[0].weight.shape == (8, 3)
    assert (model.solver.rtol, model.solver.t1) == (1e-4, 2.0)
    with pytest.raises(CheckpointError, match="weight: the file has none such"):
        zoo.transfer(path, labelled("xyz"), key=NEW, dynamics="concat_squash")
    with pytest.raises(ConfigError, match=r"'model\.agument'\. Did you mean"):
        zoo.transfer(path, labelled("xyz"), key=NEW, agument=1)


def test_sources_are_names_files_and_runs_and_nothing_that_is_no_model(tmp_path):
    path, old = weights(tmp_path, labelled())
    Path(path).rename(tmp_path / "model.safetensors")
    for source in (tmp_path, str(tmp_path), tmp_path / "model.safetensors"):
        assert same(zoo.transfer(source, labelled(), key=NEW)[0], old)
    ten = labelled("abcdefghij", features=64)
    model, taken = zoo.transfer("digits-odenet", ten, key=NEW)
    assert len(taken.new) == 2 and "are from digits-odenet; new are head." in str(taken)
    assert "the classes were 0, 1, 2, ... (10) and are a, b, c, ... (10)" in str(taken)
    assert same(model.dynamics, zoo.load("digits-odenet").dynamics)
    zoo.save(tmp_path / "hand.safetensors", old)
    with pytest.raises(CheckpointError, match=r"ODENet made by hand.*zoo.checkpoint.transfer"):
        zoo.transfer(tmp_path / "hand.safetensors", labelled(), key=NEW)
    zoo.checkpoint.write(tmp_path / "state.safetensors", old, "state", None)
    with pytest.raises(CheckpointError, match="holds a 'state', expected a model"):
        zoo.transfer(tmp_path / "state.safetensors", labelled(), key=NEW)


def test_a_run_begins_with_the_same_weights_and_the_same_words(tmp_path):
    rows = [f"{i},{i % 7},{'red' if i % 2 else 'blue'}" for i in range(40)]
    mine = {"path": write_file(tmp_path, lines("length,weight,colour", *rows)), "target": "colour"}
    path, _ = weights(tmp_path, labelled("ab"), "mlp")
    run = prepare(RunConfig(model="mlp", dataset="csv", dataset_options=mine, source=path, seed=1))
    model, taken = zoo.transfer(path, run.data, key=jax.random.key(1))
    assert same(run.model, model) and run.notes[-1] == str(taken)
    assert "the classes were a, b and are blue, red" in str(taken)
    assert "the inputs were without names and are length, weight" in str(taken)


@pytest.mark.parametrize("config", [7, ["mlp"], {"model": "mlp", "options": 7}, {"model": ["mlp"]}])
def test_a_configuration_that_makes_no_sense_ends_in_words(config, tmp_path):
    data = labelled()
    net = zoo.create_model("mlp", data, key=OLD)
    arrays = {path: np.asarray(array) for path, array in arrays_of(net).items()}
    header = {"kind": "model", "class": "MLP", "config": config, "static": {}}
    (tmp_path / "m.safetensors").write_bytes(encode(header, arrays))
    made = zoo.model_config("mlp", data)
    for take in (
        lambda: zoo.transfer(tmp_path / "m.safetensors", data, key=NEW),
        lambda: take_weights(tmp_path / "m.safetensors", net, data, made),
    ):
        with pytest.raises(CheckpointError, match=r"does not make|no sound weight file"):
            take()


class Scaled(zoo.AbstractModel):
    objectives: ClassVar[Mapping[str, Any]] = zoo.losses.PREDICTION
    net: zoo.nn.dense.Affine

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.net(xs), zoo.Stats.discrete(len(xs), 1)


def test_a_model_of_one_s_own_that_names_no_head_gives_all_of_it():
    assert head_paths(Scaled(zoo.nn.dense.Affine(2, 3, key=OLD))) == ()
