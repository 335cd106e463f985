"""What everything registered must keep, so that an entry is tested by being registered."""

import json
from collections.abc import Mapping
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read
from zoo.dynamics import AbstractBatchDynamics, AbstractSecondOrderDynamics, lift
from zoo.models import common_tasks
from zoo.pretrained import path_of
from zoo.registry import CONTROLS, COUPLINGS, DATASETS, DYNAMICS, MODELS, PATHS, RECIPES, TASKS
from zoo.runs.config import ResolvedConfig, recipe_config
from zoo.runs.prepare import precision_of, prepare
from zoo.schema import options_of, required_options
from zoo.tasks import KINDS, Output, task_named
from zoo.train.folder.earlier import as_before

from .small_data import data_for, options_for, random_paths, series, shape_for, size_for

KEY = jax.random.key(0)
WITHOUT_FILE = [entry.name for entry in DATASETS if not required_options(entry.builder)]
"""Those that need a user's file are in test_files.py."""


@pytest.mark.parametrize("name", zoo.list_dynamics())
@pytest.mark.parametrize("time_axis", ["scalar", "batch"])
def test_batch_and_example_evaluation_agree(name, time_axis):
    with jax.enable_x64(True):
        dynamics = DYNAMICS[name].builder(size_for(name), **options_for(name), key=KEY)
        ys = jax.random.normal(KEY, (3, *shape_for(name)))
        t = jnp.asarray(0.3) if time_axis == "scalar" else jnp.linspace(0.0, 1.0, 3)
        batched = lift(dynamics)(t, ys, None)
        pairs = zip(jnp.broadcast_to(t, 3), ys, strict=True)
        each = jnp.stack([dynamics(ti, y, None) for ti, y in pairs])
        assert isinstance(dynamics, AbstractBatchDynamics)
        assert batched.shape == ys.shape and batched.dtype == ys.dtype
        np.testing.assert_allclose(batched, each, rtol=1e-12)


@pytest.mark.parametrize("name", zoo.list_dynamics())
def test_init_scale_zero_is_no_motion(name):
    options = options_for(name)
    dynamics = DYNAMICS[name].builder(size_for(name), **options, init_scale=0.0, key=KEY)
    ys, moves = jnp.ones((4, *shape_for(name))), 0.0
    if isinstance(dynamics, AbstractSecondOrderDynamics):  # positions move by their velocities
        moves = jnp.concatenate([ys[:, 4:], jnp.zeros((4, 4))], axis=1)
    assert (lift(dynamics)(0.5, ys, None) == moves).all()


@pytest.mark.parametrize("name", [entry.name for entry in TASKS if entry.module is None])
def test_task_contract(name):
    task = task_named(name)
    tables = (zoo.load_dataset("moons"), zoo.load_dataset("cubic"))
    found = (*tables, series(2), series(1), random_paths())
    for data in [each for each in found if each.serves(name)]:
        check_task_on(task, data)


def check_task_on(task, data):
    count, size = len(data.test["x"]), task.out_size(data.spec)
    paths = task.output is Output.PATH
    rows = data.test["x"].shape[:2] if paths else (count,)
    shape = {Output.LOG_DENSITY: rows, Output.PATH: (*rows, size, 2)}.get(
        task.output, (*rows, size)
    )
    shape = shape[:3] if task.name == "paths" else shape  # a path, not its mean and deviation
    outputs = abs(np.random.default_rng(0).normal(size=shape)).astype(np.float32)
    task.check_outputs(shape, count)
    ok = np.arange(count) > 0
    metrics = task.metrics(outputs, data.test, data, ok)
    assert {task.metric, task.baseline} <= metrics.keys() and json.loads(json.dumps(metrics))
    score = task.score(metrics)
    assert np.isfinite([score.score, score.baseline]).all() and score.figure
    answer = task.answer(outputs, data.test["x"], data.preprocessing)
    assert len(answer.values) == count
    assert answer.values.reshape(np.prod(rows), -1).shape[1] == len(answer.names)
    assert set(task.kinds) <= set(KINDS) and task.output_label and type(task).__doc__
    # Where no example was solved, the metrics are there too.
    assert {task.metric, task.baseline} <= task.metrics(outputs, data.test, data, ok & False).keys()


@pytest.mark.parametrize("name", zoo.list_models())
def test_model_contract(name, tmp_path):
    data = data_for(name)
    config = zoo.model_config(name, data)
    model = zoo.create_model(config, key=KEY)
    xs = model.inputs({name: jnp.asarray(each[:4]) for name, each in data.train.items()})
    ys, stats = model.forward(xs)
    output = task_named(config["task"]).output
    paths = output is Output.PATH
    times = data.spec.shapes["x"][:1] if paths else ()
    size = () if output is Output.LOG_DENSITY else (data.out_size(config["task"]),)
    shape = (4, *times, *size)
    assert ys.shape in ((shape, (*shape, 2)) if paths else (shape,))
    draws = getattr(model, "samples", 1)  # one call of a batch serves all draws of an example
    assert stats.nfe.shape == (4,) and stats.ok.all()
    assert draws * int(stats.calls) >= int(stats.nfe.max())
    second, none = (jax.tree.map(lambda x, at=at: x[at], xs) for at in (1, slice(0)))
    np.testing.assert_allclose(model(second), ys[1], atol=1e-5)
    assert model.forward(none)[0].shape == (0, *ys.shape[1:])
    assert zoo.count_parameters(model) > 0
    zoo.save(tmp_path / "m.safetensors", model, config)
    for again in (
        zoo.load(tmp_path / "m.safetensors"),
        zoo.load(tmp_path / "m.safetensors", model),
    ):
        assert jax.tree.structure(again) == jax.tree.structure(model)
        assert (again.forward(xs)[0] == ys).all()


@pytest.mark.parametrize(
    "registry", [MODELS, DYNAMICS, CONTROLS, PATHS, COUPLINGS, DATASETS], ids=lambda r: r.kind
)
def test_every_option_is_documented(registry):
    for entry in registry:
        for option in options_of(entry.builder).values():
            assert option.help, f"{entry.name}: {option.name}"


@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_dataset_contract(name):
    data = zoo.load_dataset(name)
    for part in (data.train, data.val, data.test):
        assert part["x"].dtype == np.float32 and np.isfinite(part["x"]).all() and len(part["x"])
    assert [t for e in MODELS for t in data.tasks if t in e.product.objectives], "no model fits"
    preview = DATASETS[name].preview  # what `zoo list` says of it without building it
    assert preview is not None and (preview.kind, preview.tasks) == (data.spec.kind, data.tasks)
    for entry in MODELS:
        assert common_tasks(entry.name, preview) == common_tasks(entry.name, data), entry.name


@pytest.mark.parametrize("name", zoo.list_recipes())
def test_recipe_is_what_its_weights_were_trained_by(name):
    recipe, told = recipe_config(name), read(path_of(name))[0]["config"]
    saved = ResolvedConfig.from_json(told)
    assert (recipe.model, recipe.dataset, saved.recipe) == (saved.model, saved.dataset, name)
    assert_holds(saved.model_options, recipe.model_options, "model_options")
    assert_holds(saved.dataset_options, recipe.dataset_options, "dataset_options")
    assert_holds(as_before(saved.training), recipe.training, "training")
    assert len(RECIPES[name].builder.__doc__) > 20


def assert_holds(saved, given, where):
    """Each option that is given is there."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            assert_holds(saved[name], value, f"{where}.{name}")
        else:
            assert json.dumps(saved[name]) == json.dumps(value), f"{where}.{name}"


@pytest.mark.parametrize("name", {recipe_config(n).model: n for n in zoo.list_recipes()}.values())
def test_recipe_of_each_model_is_runnable(name):
    config = recipe_config(name)
    with precision_of(config):
        run = prepare(replace(config, seed=1))
    assert run.config.recipe == name and run.config.seed == 1


def test_digits_recipes_have_equal_parameters():
    counts = [
        zoo.count_parameters(prepare(recipe_config(f"digits-{name}")).model)
        for name in ("odenet", "resnet")
    ]
    assert abs(counts[0] / counts[1] - 1) < 0.05


def test_resnet_is_truly_chained():
    block = lambda x: 2.0 * x  # noqa: E731
    assert zoo.ResNet([block], repeats=3)(jnp.ones(2)).tolist() == [27.0, 27.0]
    shared = zoo.create_model("resnet", (2, 2), shared=True, key=KEY)
    assert len(shared.blocks) == 1 and shared.repeats == 3
    with pytest.raises(zoo.ZooError, match="equal"):
        zoo.ResNet([lambda x: x[:1]])(jnp.ones(2))


def test_augmented_dimensions_are_discarded_or_read():
    free = zoo.ODENet(lambda t, y, args: jnp.ones_like(y), augment=2)
    assert free(jnp.zeros(3)).shape == (3,)
    states, _ = free.trajectory(jnp.zeros((1, 3)), jnp.array([0.0, 1.0]))
    assert states.shape == (1, 2, 5)
    assert zoo.create_model("odenet", (3, 4), augment=2, key=KEY).head.layer.weight.shape == (4, 5)
    with pytest.raises(zoo.ZooError, match="keeps the size"):
        zoo.create_model("odenet", (3, 4), head=False, key=KEY)
