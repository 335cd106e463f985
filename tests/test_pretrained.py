"""The weights that come with the zoo hold what their cards say."""

import os
import re
import shutil

import jax
import numpy as np
import pytest
from compare import between, render, score
from contenders import contenders, parameters

import zoo
from zoo.checkpoint import read
from zoo.errors import CheckpointError, ConfigError, UnknownNameError
from zoo.pretrained import FOLDER, path_of
from zoo.registry import Entry
from zoo.runs.config import ResolvedConfig
from zoo.runs.prepare import loss_of, precision_of

from .test_cli import call


def told(name: str) -> dict[str, float]:
    """The numbers on a card."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return {k: float(v) for k, v in re.findall(r"^\| (\w+) \| ([-\d.e]+) \|$", text, re.MULTILINE)}


def test_every_recipe_has_weights_and_every_weights_a_recipe():
    assert zoo.list_pretrained() == zoo.list_recipes()
    size = sum(path_of(name).stat().st_size for name in zoo.list_pretrained())
    assert size < 4_000_000


def kinds() -> dict[tuple, str]:
    """The first recipe of each model, dynamics and task."""
    found = {}
    for name in zoo.list_pretrained():
        config = ResolvedConfig.from_json(read(path_of(name))[0]["config"])
        kind = config.model, config.model_options.get("dynamics"), config.task
        found.setdefault(kind, name)
    return found


# An evaluation takes some seconds. ZOO_TESTS_ALL_WEIGHTS=1 makes all of them, as before a release.
ALL = os.environ.get("ZOO_TESTS_ALL_WEIGHTS") == "1"


# A processor without AVX-512 rounds otherwise: a solve of a whole batch takes a step more or less,
# or the slowest example alone does, which moves the idle share.
BOUNDS = {
    "loss": {"rel": 5e-2, "abs": 1e-5},
    "accuracy": {"rel": 2e-2},
    "nfe": {"rel": 2e-2, "abs": 12},
    "idle_share": {"abs": 2e-2},
}


@pytest.mark.parametrize("name", zoo.list_pretrained() if ALL else kinds().values())
def test_weights_give_the_figure_on_their_card(name):
    config = ResolvedConfig.from_json(read(path_of(name))[0]["config"])
    with precision_of(config):
        model = zoo.load(name)
        data = zoo.load_dataset(config.dataset, seed=config.seed, **config.dataset_options)
        metrics = zoo.evaluate(
            model, data, task=config.task, loss=loss_of(config), other_grids=False
        )
    card = told(name)
    figures = [f for f in ("loss", "accuracy", "nfe", "idle_share") if f in card]
    assert len(figures) >= 2
    for figure in figures:
        assert metrics[figure] == pytest.approx(card[figure], **BOUNDS[figure]), figure


def test_a_model_by_name_with_its_weights():
    data = zoo.load_dataset("circles")
    model = zoo.create_model("odenet", data, pretrained=True)
    assert zoo.evaluate(model, data)["accuracy"] == told("odenet-circles")["accuracy"]
    same = zoo.create_model("odenet", data, pretrained="odenet-circles")
    assert jax.tree.all(jax.tree.map(lambda a, b: (a == b).all(), model.dynamics, same.dynamics))
    with pytest.raises(ConfigError, match="No pretrained 'odenet' fits the data set 'circles'"):
        zoo.create_model("odenet", zoo.load_dataset("circles", n=100), pretrained=True)
    with pytest.raises(ConfigError, match="got augment too"):
        zoo.create_model("odenet", data, pretrained=True, augment=2)
    with pytest.raises(ConfigError, match="needs a key"):
        zoo.create_model("odenet", data)
    with pytest.raises(ConfigError, match="odenet-moons: its model is odenet"):
        zoo.create_model("mlp", data, pretrained="odenet-moons")
    with pytest.raises(ConfigError, match="odenet-moons: the inputs were those of moons"):
        zoo.create_model("odenet", data, pretrained="odenet-moons")
    with pytest.raises(UnknownNameError, match="Did you mean 'odenet'"):
        zoo.create_model("odnet", data, pretrained=True)


def test_95_a_pair_without_weights_says_what_would_make_them(monkeypatch):
    data = zoo.load_dataset("spirals2d", n=60)
    there_are = "There are those of .*; odenet on circles, cubic,.*; resnet on cubic, digits"
    with pytest.raises(ConfigError, match=f"no pretrained weights of 'resnet' .*{there_are}"):
        zoo.create_model("resnet", data, pretrained=True)
    recipe = Entry("arms", lambda: zoo.recipes.Recipe("resnet", "spirals2d"))
    monkeypatch.setitem(zoo.RECIPES._entries, "arms", recipe)
    with pytest.raises(ConfigError, match="'arms' makes them: zoo train --recipe arms"):
        zoo.create_model("resnet", data, pretrained=True)


TAKERS = {
    "load": zoo.load,
    "path_of": path_of,
    "transfer": lambda name: zoo.transfer(name, CIRCLES, key=jax.random.key(0)),
    "create_model": lambda name: zoo.create_model("odenet", CIRCLES, pretrained=name),
}
CIRCLES = zoo.load_dataset("circles", n=60)


@pytest.mark.parametrize("taker", TAKERS)
def test_95_one_place_decides_what_weights_are(taker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    take = TAKERS[taker]
    with pytest.raises(UnknownNameError, match="Did you mean 'odenet-circles'") as refused:
        take("odenet-circels")
    assert refused.value.exit_code == 2
    for path in ("runs/odenet-circels", "odenet-circles.safetensors"):
        with pytest.raises(CheckpointError, match=f"There is no weight file at {path}") as refused:
            take(path)
        assert refused.value.exit_code == 3
    (tmp_path / "half done").mkdir()
    (tmp_path / "half done" / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="zoo train --resume --out 'half done'"):
        take("half done")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="empty is a folder without a model"):
        take("empty")
    with pytest.raises(UnknownNameError, match="Did you mean 'half done'"):
        take("half-done")


def test_95_a_run_s_folder_stands_for_its_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "runs" / "odenet-moons"
    run.mkdir(parents=True)
    shutil.copy(path_of("odenet-moons"), run / "model.safetensors")
    assert path_of(run) == path_of("runs/odenet-moons").resolve() == run / "model.safetensors"
    assert zoo.load(run).augment == 1
    with pytest.raises(CheckpointError, match=r"expected one of them, runs/odenet-moons\."):
        path_of("runs")
    shutil.copytree(run, "odenet-circles")
    assert path_of("odenet-circles").parent.name == "odenet-circles", "what is there goes first"
    (tmp_path / "odenet-moons").mkdir()
    assert path_of("odenet-moons").parent == FOLDER, "a folder that is no run does not"


@pytest.mark.parametrize("command", ["evaluate", "plot", "sweep", "predict", "train --from"])
def test_95_a_misspelt_name_ends_every_command_with_2_a_path_with_3(
    command, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    more = {"predict": "--input x.csv --output y.csv", "train --from": "--dataset moons"}
    for name, code, words in (
        ("odenet-circels", 2, "Did you mean 'odenet-circles'"),
        ("runs/circles", 3, "There is no weight file at runs/circles"),
    ):
        assert call(*f"{command} {name} {more.get(command, '')}".split()) == code
        assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_commands_take_a_pretrained_name(tmp_path, capsys):
    assert call("evaluate", "odenet-moons") == 0
    assert f'"accuracy": {told("odenet-moons")["accuracy"]}' in capsys.readouterr().out
    (tmp_path / "new.csv").write_text("x0,x1\n0.0,1.0\n")
    output = ["--output", str(tmp_path / "out.csv")]
    assert call("predict", "odenet-moons", "--input", str(tmp_path / "new.csv"), *output) == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("0.0,1.0,0,")


def test_contenders_are_honest():
    data = zoo.load_dataset("wine")
    found = {c.name: parameters(c.model, c.options, data) for c in contenders(data)}
    assert found["linear"] == 13 * 3 + 3
    assert found["resnet, equal parameters"] == pytest.approx(found["odenet"], rel=0.05)
    model = zoo.create_model("odenet", data, key=jax.random.key(0))
    assert zoo.count_parameters(model) == found["odenet"]


def test_the_table_of_a_comparison():
    metrics = {"rmse": {"a": 1.0, "b": 3.0}, "mean_rmse": {"a": 2.0, "b": 3.0}}
    row = score(zoo.load_dataset("flip1d", n=20), metrics)
    assert row["score"] == 0.75 and row["baseline"] == 1.0
    runs = [row | {"parameters": 1234, "nfe": 3, "reconstruction_error": None, "seconds": 1.0}] * 2
    table = render({"flip1d: mlp": runs})
    assert "| flip1d | mlp | relative RMSE 0.750 ± 0.000 | 1.000 | 1,234 | 3 |" in table
    made_by = "scripts/maintain/compare.py"
    marks = f"a\n<!-- comparison: made by {made_by} -->\nold\n<!-- end of comparison -->\nb"
    page = between(marks, table)
    assert "old" not in page and table in page and page.startswith("a\n") and page.endswith("\nb")
    assert between(page, table) == page
    assert np.isfinite(row["score"])
