"""One description of a run: in files of every version, on the command line, checked once."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest
import tyro

import zoo
from zoo.checkpoint import json_text, read
from zoo.cli import first_pass
from zoo.cli.first_pass import CommandLine
from zoo.cli.train import TrainCommand, parse_train
from zoo.errors import ConfigError
from zoo.pretrained import path_of
from zoo.runs.config import ResolvedConfig, RunConfig, recipe_config
from zoo.runs.prepare import carry_out, prepare
from zoo.runs.resume import as_asked
from zoo.runs.saved_config import saved_config
from zoo.train import check_fit

from .test_cli import call

EARLIER = Path(__file__).parent / "earlier_run" / "run" / "config.json"
SMALL = {"model_options": {"width": 4, "depth": 1}, "dataset_options": {"n": 60}}
TRAIN = ("train", "--model", "mlp", "--dataset", "moons", "--dataset.n", "60", "--no-figures")


@pytest.mark.parametrize("name", zoo.list_pretrained())
def test_a_file_of_any_version_is_read_and_written_as_it_was(name):
    header = read(path_of(name))[0]["config"]
    assert ResolvedConfig.from_json(header).to_json() == header


def test_a_run_of_before_is_read_and_written_as_it_was():
    text = EARLIER.read_text()
    config = ResolvedConfig.from_json(json.loads(text))
    assert json_text(config.to_json(), indent=2) + "\n" == text


def test_what_is_written_now_is_what_is_read(tmp_path):
    asked = RunConfig(model="mlp", dataset="moons", **SMALL, split_seed=3)
    run = prepare(asked)
    assert type(run.config) is ResolvedConfig and type(asked) is RunConfig
    assert run.config.sizes["in_size"] == 2 and not hasattr(asked, "sizes")
    written = json.loads(json_text(run.config.to_json()))
    assert ResolvedConfig.from_json(written).to_json() == run.config.to_json()
    # Going on with it asks for the same run.
    assert prepare(as_asked(run.config)).config.to_json() == run.config.to_json()


@pytest.mark.parametrize("name", ["cubic-resnet", "digits-odenet"])
def test_a_recipe_s_description_is_json(name):
    config = dataclasses.replace(recipe_config(name), x64=False, seed=4)
    values = json.loads(json_text(config.to_json()))
    assert RunConfig.from_json(values) == config
    del values["dataset"]
    with pytest.raises(ConfigError, match="dataset is missing"):
        RunConfig.from_json(values)


def test_a_run_is_checked_once_by_either_entrance(monkeypatch):
    calls = []

    def counted(*args, **options):
        calls.append(options["steps"])
        return check_fit(*args, **options)

    for module in ("zoo.runs.prepare", "zoo.train.fit"):
        monkeypatch.setattr(sys.modules[module], "check_fit", counted)
    options = {"training": {"steps": 2}}
    run = prepare(RunConfig(model="mlp", dataset="moons", **SMALL, **options))
    assert calls == [2]
    result, _ = carry_out(run)
    assert calls == [2] and int(result.state.step) == 2
    zoo.fit(run.model, run.data, steps=3)
    assert calls == [2, 3]


@pytest.fixture
def passes(monkeypatch):
    """How often a command line is walked over, and how often tyro reads one."""
    found = {"walks": 0, "tyro": 0}
    of, cli = CommandLine.of.__func__, tyro.cli

    def walked(cls, words):
        found["walks"] += 1
        return of(cls, words)

    def read_by_tyro(*args, **options):
        found["tyro"] += 1
        return cli(*args, **options)

    monkeypatch.setattr(first_pass.CommandLine, "of", classmethod(walked))
    monkeypatch.setattr(sys.modules["tyro"], "cli", read_by_tyro)
    return found


def test_a_command_line_is_walked_once_and_read_by_tyro_once(tmp_path, monkeypatch, passes):
    monkeypatch.chdir(tmp_path)
    more = ("--out", "runs", "--seeds", "2", "--schedule", "constant")
    assert call(*TRAIN, "--steps", "2", *more, "--model.width", "4") == 0
    assert passes == {"walks": 1, "tyro": 1}
    ahead = ("train", "--resume", "--out", "runs/seed-1", "--no-figures")
    assert call(*ahead, "--steps", "3") == 0
    passes.update(walks=0, tyro=0)
    # Two runs that are not as far as each other, each over its own description.
    assert call("train", "--resume", "--out", "runs", "--no-figures", "--steps", "4") == 0
    assert passes == {"walks": 1, "tyro": 1}
    resumed = [saved_config(Path(f"runs/seed-{seed}")).resumed for seed in (0, 1)]
    assert [[change["step"] for change in each] for each in resumed] == [[2], [2, 3]]
    assert saved_config(Path("runs/seed-1")).model_options["width"] == 4


def test_the_values_of_an_option_are_those_that_argparse_sees():
    words = "--lr 0.1 --out=a=b --split_seed -1 --use a --use -b --text --resume - --x= --n -.5"
    line = CommandLine.of([*words.split(), "--input", "--a file"])
    assert line.given == {
        "--lr": ("0.1",),
        "--out": ("a=b",),
        "--split-seed": ("-1",),
        "--use": ("a", None),
        "--text": (None,),
        "--resume": ("-",),
        "--x": ("",),
        "--n": ("-.5",),
        "--input": ("--a file",),
    }
    assert line.value_of("--split_seed") == "-1" and line.value_of("--seed") is None
    with pytest.raises(ConfigError, match="--use needs a value, such as --use mymodule"):
        line.all_values_of("--use")


def holds(options, asked):
    """Whether options are as asked, and perhaps more."""
    if not isinstance(asked, dict):
        return options == asked
    return all(name in options and holds(options[name], each) for name, each in asked.items())


@pytest.mark.parametrize("name", zoo.list_recipes())
def test_every_recipe_is_trained_by_its_name(name):
    told = parse_train(CommandLine.of(["--recipe", name, "--steps", "3"]), TrainCommand)
    recipe = recipe_config(name)
    assert holds(told.config.training, {**recipe.training, "steps": 3})
    assert holds(told.config.model_options, recipe.model_options)
    assert holds(told.config.dataset_options, recipe.dataset_options)
