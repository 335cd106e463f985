"""What `train` does with nothing else: the best weights kept, and the settings of the study."""

from importlib import import_module
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.evaluation import evaluate
from zoo.registry import MODELS
from zoo.runs.config import RunConfig
from zoo.runs.prepare import carry_out, prepare
from zoo.schema import resolve
from zoo.train.folder.earlier import as_before
from zoo.train.options import training_options

SMALL = {"model_options": {"width": 8, "depth": 1}, "dataset_options": {"n": 100}}
FAST = {"steps": 40, "optimiser": optax.adam(0.3), "key": jax.random.key(0)}


def test_the_best_weights_are_kept_without_patience_and_every_step_is_taken():
    noisy = zoo.load_dataset("moons", n=60, noise=0.6)
    net = zoo.create_model("mlp", noisy, width=8, depth=1, key=jax.random.key(1))
    result = zoo.fit(net, noisy, keep_best=True, eval_every=1, **FAST)
    losses = [row["loss"] for row in result.history.val]
    assert int(result.state.step) == len(losses) == 40
    best = int(np.argmin(losses))
    assert best < 39 and int(result.state.best_step) == best + 1
    assert abs(evaluate(result.model, noisy, split="val")["loss"] - losses[best]) < 1e-5
    last = zoo.fit(net, noisy, eval_every=1, **FAST).model
    assert abs(evaluate(last, noisy, split="val")["loss"] - losses[-1]) < 1e-5


def test_fit_with_nothing_else_trains_as_the_command_does():
    asked = RunConfig(model="mlp", dataset="moons", training={"steps": 30}, **SMALL)
    run = prepare(asked)
    by_command, _ = carry_out(run)
    key = jax.random.fold_in(jax.random.key(0), 1)
    by_hand = zoo.fit(run.model, run.data, steps=30, key=key)
    assert by_hand.history.train == by_command.history.train
    assert by_hand.history.val == by_command.history.val and len(by_hand.history.val) > 3
    for a, b in zip(*map(jax.tree.leaves, (by_hand.model, by_command.model)), strict=True):
        np.testing.assert_array_equal(a, b)
    # An optimiser of one's own leaves the last weights, as ever.
    last = zoo.fit(run.model, run.data, steps=2, optimiser=optax.adam(1e-3))
    assert last.state.best is None


def test_without_a_held_out_part_the_last_weights_are_the_result():
    data = zoo.load_dataset("moons", n=100, split="all")
    net = zoo.create_model("mlp", data, width=8, depth=1, key=jax.random.key(1))
    kept, last = (zoo.fit(net, data, keep_best=b, **FAST).model for b in (True, False))
    for a, b in zip(jax.tree.leaves(kept), jax.tree.leaves(last), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_is_looked_for_as_often_as_it_is_cheap(moons):
    def steps_of(data, **options):
        net = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(1))
        fitted = zoo.fit(net, data, steps=100, **options)
        return [row["step"] for row in fitted.history.val]

    assert steps_of(moons, keep_best=False) == list(range(10, 101, 10))
    assert steps_of(moons, keep_best=True) == list(range(2, 101, 2))
    # 100 examples of validation in batches of 20 are those of 5 steps; of 5, at most those of 10.
    assert steps_of(moons, keep_best=True, batch_size=20) == list(range(5, 101, 5))
    assert steps_of(moons, keep_best=True, batch_size=5) == list(range(10, 101, 10))


@pytest.fixture
def study():
    """The modules of scripts/maintain/defaults."""
    names = ("candidates", "store", "trial")
    return SimpleNamespace(**{name: import_module(f"defaults.{name}") for name in names})


def test_the_defaults_are_those_that_the_study_chose(study):
    chosen = study.candidates.CANDIDATES[study.candidates.CHOSEN]
    now = resolve(training_options, {})
    assert now["weight_decay"] is None and chosen.training["weight_decay"] == 0.1
    assert now["decayed"] is None and chosen.training["decayed"] == "matrices"
    same = [name for name in chosen.training if name not in ("weight_decay", "decayed")]
    assert {n: chosen.training[n] for n in same} == {n: now[n] for n in same}
    assert now["keep_best"] and set(now) - set(chosen.training) > {"ema", "patience"}
    assert not [name for name in ("ema", "patience", "warmup") if now[name]]
    for model in study.candidates.MODELS:
        plain = resolve(MODELS[model].builder, {})
        assert resolve(MODELS[model].builder, chosen.model_options(model)) == plain
    assert set(study.candidates.MODELS) <= set(MODELS.names())


def test_the_study_looks_at_no_test_split(study, moons):
    part = study.trial.without_test(moons)
    rows = {name: {x.tobytes() for x in part.split(name)["x"]} for name in ("train", "val", "test")}
    assert rows["test"] == {x.tobytes() for x in moons.val["x"]}
    assert rows["train"] | rows["val"] == {x.tobytes() for x in moons.train["x"]}
    assert not rows["train"] & rows["val"] and len(part.val["y"]) == len(moons.train["y"]) // 4


def test_a_run_that_was_cut_off_while_it_was_kept_is_run_again(study, tmp_path, monkeypatch):
    monkeypatch.setattr(study.store, "FOLDER", tmp_path)
    keys = [("a", "moons", "mlp", seed) for seed in range(3)]
    for key in keys[:2]:
        study.store.append("test", key, {"best": 1.0})
    path = tmp_path / "test.jsonl"
    path.write_text(path.read_text()[:-5])
    assert list(study.store.read("test")) == keys[:1]
    study.store.append("test", keys[2], {"best": 0.5})
    assert list(study.store.read("test")) == [keys[0], keys[2]]
    assert study.store.read("test")[keys[2]]["best"] == 0.5


def test_decay_draws_matrices_to_zero_and_leaves_a_field_s_constants():
    weights = {"rate": jnp.array(1.3), "bias": jnp.ones(2), "weight": jnp.ones((2, 2))}
    still = jax.tree.map(jnp.zeros_like, weights)

    def after(**options):
        arguments = training_options(**{"schedule": "constant", **options}).fit_arguments(None)
        optimiser = arguments["optimiser"]
        updates, _ = optimiser.update(still, optimiser.init(weights), weights)
        return {k: float(v.mean()) for k, v in optax.apply_updates(weights, updates).items()}

    assert after(lr=0.5) == pytest.approx({"rate": 1.3, "bias": 1.0, "weight": 0.95})
    everything = after(lr=0.5, decayed="all", weight_decay=0.2)
    assert everything == pytest.approx({"rate": 1.17, "bias": 0.9, "weight": 0.9})
    with pytest.raises(ConfigError, match="decayed = all would be ignored by adam"):
        training_options(optimiser="adam", decayed="all")
    # What a run of before did, which says neither how much nor of what.
    assert after(**as_before({"optimiser": "adamw"}), lr=0.5)["rate"] == pytest.approx(1.3 - 6.5e-5)
