"""Recipes, and a run that was stopped, from before the defaults were chosen anew: as they began.

`earlier_run` holds the first half of a run of the version before, `run`, and the weights with which
that version ended it, `end.safetensors`.
"""

import json
import shutil
import warnings
from pathlib import Path

import jax
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read_model
from zoo.pretrained import path_of
from zoo.registry import DATASETS, MODELS
from zoo.runs.config import recipe_config
from zoo.runs.saved_config import saved_config
from zoo.schema import resolve
from zoo.train.folder.earlier import with_new_names
from zoo.train.options import training_options

from .test_cli import call

EARLIER = Path(__file__).parent / "earlier_run"


@pytest.mark.parametrize("name", zoo.list_recipes())
def test_a_recipe_resolves_to_what_its_weights_were_trained_with(name):
    then, now = read_model(path_of(name))[0]["config"], recipe_config(name)
    assert [now.model, now.dataset, now.init] == [then[key] for key in ("model", "dataset", "init")]
    training = resolve(training_options, now.training)
    assert training.pop("keep_best") is then["training"].get("keep_best", False)
    decayed = "all" if training["optimiser"] == "adamw" else None  # before there was a choice
    assert training.pop("decayed") == then["training"].get("decayed", decayed)
    options = resolve(MODELS[now.model].builder, now.model_options)
    data = resolve(DATASETS[now.dataset].builder, _without_shared(now.dataset_options))
    assert data.pop("images", False) is then["dataset_options"].get("images", False)
    trained = {k: v for k, v in then["training"].items() if k not in ("keep_best", "decayed")}
    for made, kept in ((training, trained), (options, then["options"])):
        assert _given(made) == _given(kept)
    assert {key: then["dataset_options"][key] for key in data if key != "seed"} == {
        key: value for key, value in data.items() if key != "seed"
    }


def _without_shared(options: dict) -> dict:
    return {key: value for key, value in options.items() if key not in ("split", "standardise")}


def _given(options: dict) -> dict:
    """The options that say something: a file does not know those that came after it, as None."""
    nested = {key: _given(v) if isinstance(v, dict) else v for key, v in options.items()}
    return {key: value for key, value in nested.items() if value is not None}


def test_a_run_of_before_ends_with_the_options_that_it_began_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EARLIER / "run", "run")
    began = json.loads(Path("run/config.json").read_text())["training"]
    assert "keep_best" not in began  # or this test shows nothing
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Not bitwise", zoo.ZooWarning)  # on another machine
        assert call("train", "--resume", "--out", "run", "--no-figures") == 0
    training = saved_config(Path("run")).training
    later = dict.fromkeys(training.keys() - began.keys())  # None: as before there was one
    assert training == {**with_new_names(began), **later, "keep_best": False}
    assert training["schedule"] == "constant"
    ours, theirs = (jax.tree.leaves(zoo.load(p)) for p in ("run", EARLIER / "end.safetensors"))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
