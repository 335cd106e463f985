"""The weights that come with the zoo hold what their cards say."""

import re

import jax
import numpy as np
import pytest

import zoo
from zoo.checkpoint import read
from zoo.cli.compare import between, render, score
from zoo.contenders import contenders, parameters
from zoo.errors import ConfigError, UnknownNameError
from zoo.pretrained import FOLDER, path_of
from zoo.run import loss_of, precision_of

from .test_cli import call


def told(name: str) -> dict[str, float]:
    """The numbers on a card."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return {k: float(v) for k, v in re.findall(r"^\| (\w+) \| ([-\d.e]+) \|$", text, re.MULTILINE)}


def test_every_recipe_has_weights_and_every_weights_a_recipe():
    assert zoo.list_pretrained() == zoo.list_recipes()
    size = sum(path_of(name).stat().st_size for name in zoo.list_pretrained())
    assert size < 1_000_000


@pytest.mark.parametrize("name", zoo.list_pretrained())
def test_weights_give_the_figure_on_their_card(name):
    config = read(path_of(name))[0]["config"]
    with precision_of(config):
        model = zoo.load(name)
        options = config["dataset_options"]
        data = zoo.load_dataset(config["dataset"], seed=config["seed"], **options)
        metrics = zoo.evaluate(
            model, data, task=config["task"], loss=loss_of(config), other_grids=False
        )
    card = told(name)
    figures = [f for f in ("loss", "accuracy", "nfe", "idle_share") if f in card]
    assert len(figures) >= 2
    for figure in figures:
        assert metrics[figure] == pytest.approx(card[figure], rel=2e-2, abs=1e-5), figure


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
    with pytest.raises(UnknownNameError, match="Did you mean 'odenet-circles'"):
        zoo.load("odenet-circle")


def test_the_commands_take_a_pretrained_name(tmp_path, capsys):
    assert call("evaluate", "odenet-moons") == 0
    assert f'"accuracy": {told("odenet-moons")["accuracy"]}' in capsys.readouterr().out
    (tmp_path / "new.csv").write_text("x0,x1\n0.0,1.0\n")
    output = ["--output", str(tmp_path / "out.csv")]
    assert call("predict", "odenet-moons", "--input", str(tmp_path / "new.csv"), *output) == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("0.0,1.0,0,")
    assert call("evaluate", "odenet-mons") == 3
    assert "a pretrained name" in capsys.readouterr().err


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
    marks = "a\n<!-- comparison: made by scripts/compare.py -->\nold\n<!-- end of comparison -->\nb"
    page = between(marks, table)
    assert "old" not in page and table in page and page.startswith("a\n") and page.endswith("\nb")
    assert between(page, table) == page
    assert np.isfinite(row["score"])
