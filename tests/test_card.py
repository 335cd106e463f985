"""`zoo card`: a model card whose front matter the Hugging Face Hub reads."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import yaml

import zoo
from zoo.datasets.spec import Spec
from zoo.report import model_card
from zoo.report.reported import has_export
from zoo.report.yaml_text import yaml_text

WORDS = [
    "yes",
    "1e3",
    "null",
    "~",
    "",
    "a: b # c",
    'it\'s "q" \\',
    "- x\ny\t\r",
    "é☃ 😀",
    "{[&*!|>%@`",
]
WORDS += ["\x07\x7f\x85\xa0\u2028\ufeff", "\ud800", "---\n---"]
NUMBERS = [0, -3, 10**30, True, 0.1, 1e-5, 1e16, 1e22, -2.5e-300, 5e-324, 1.5e300, -0.0]


@pytest.mark.parametrize("value", [*WORDS, *NUMBERS], ids=ascii)
def test_yaml_is_read_as_it_was_written(value):
    line = yaml_text(value)
    read = yaml.safe_load(f"- value: {line}\n  next: 1")[0]
    assert read == {"value": value, "next": 1} and type(read["value"]) is type(value)
    assert line.isprintable()


def front_of(card: str) -> dict:
    """The front matter of a card, as a parser of YAML reads it."""
    before, front, _ = card.split("---\n", 2)
    assert before == ""
    return yaml.safe_load(front)


def test_the_front_matter_is_what_the_hub_asks_for(reported_run):
    name, target = 'runs/it\'s a "run": ☃😀\nyes', "1e3 €/m² | 😀"
    metrics = reported_run.metrics | {"loss": 1e-5, "nfe": math.nan, "failed": 0}
    metrics["accuracy"] = {target: 0.5, "null": math.inf, "whole": 10**30, "none": None}
    front = front_of(model_card(replace(reported_run, name=name, metrics=metrics), "no"))
    (entry,) = front.pop("model-index")
    assert front["license"] == "no" and front["library_name"] == "neural-de-zoo"
    assert front["pipeline_tag"] == "tabular-classification"
    assert front["tags"][-2:] == ["mlp", "classification"]
    (result,) = entry["results"]
    assert entry["name"] == name
    assert result["task"] == {"type": "tabular-classification", "name": "classification"}
    assert result["dataset"] == {"type": "moons", "name": "moons", "split": "test"}
    named = {"loss": 1e-5, f"accuracy {target}": 0.5, "accuracy whole": 10**30}
    named["majority_accuracy"] = metrics["majority_accuracy"]
    values = [{"type": n, "name": n, "value": v} for n, v in named.items()]
    assert result["metrics"] == values


def test_a_run_without_a_finite_metric_has_no_model_index(reported_run):
    nothing = dict.fromkeys(reported_run.metrics) | {"n": 20, "loss": math.inf}
    card = model_card(replace(reported_run, metrics=nothing, score=None), "mit")
    assert "model-index" not in front_of(card)


def test_no_text_ends_a_cell_or_a_heading(reported_run):
    metrics = reported_run.metrics | {"accuracy": {"a|b\nc": 0.5}}
    _, body = model_card(replace(reported_run, name="x\ny", metrics=metrics), "mit").split("\n# ")
    assert body.startswith("x y\n")
    assert "| accuracy a\\|b c | 0.5 |\n" in body


def test_the_card_says_metrics_limits_and_how_to_load_it(reported_run):
    odd = replace(
        reported_run, name="runs/a: 'b'", metrics=reported_run.metrics | {"failed": 3, "nfe": None}
    )
    text = model_card(odd, "apache-2.0")
    _, front, body = text.split("---\n", 2)
    values = dict(re.findall(r"^ *(?:- )?(\w+): (.+)$", front, re.MULTILINE))
    assert values["pipeline_tag"] == "tabular-classification"
    assert json.loads(values["license"]) == "apache-2.0"
    names = [json.loads(each) for each in re.findall(r"- type: (\".*\")$", front, re.MULTILINE)]
    assert names == ["loss", "accuracy", "majority_accuracy"]
    accuracy = float(re.search(r'"accuracy"\n *name: "accuracy"\n *value: (.*)', front)[1])
    assert accuracy == reported_run.metrics["accuracy"]
    assert "- name: \"runs/a: 'b'\"" in front
    assert "of 20 test examples 3 could not be solved" in body.lower()
    assert "The baseline beside it has accuracy" in body
    assert "Of the test split, 20 examples. Of accuracy, more is better." in body
    assert "zoo.load(\"runs/a: 'b'\")" in body and reported_run.commands in body


def test_the_commands_of_the_card_are_those_that_the_run_takes(reported_run):
    config = replace(reported_run.config, use=("my module",), x64=True)
    paths = Spec.of({"x": np.zeros((1, 65, 1))}, kind="paths")
    body = model_card(replace(reported_run, config=config, data=paths), "mit")
    lines = body.split("```python\n")[1].split("```")[0].splitlines()
    assert lines[:4] == ["import jax", "import zoo", "", "zoo.use('my module')"]
    assert lines[4] == "with jax.enable_x64(True):"
    assert f"zoo evaluate {reported_run.name} --use 'my module'\n" in body
    assert "--use 'my module' --length 65 --output model.stablehlo" in body
    pictures = Spec.of({"x": np.zeros((1, 4, 4, 1))}, kind="image")
    assert "--input pictures " in model_card(replace(reported_run, data=pictures), "mit")


def test_a_card_names_the_export_of_data_that_have_one(reported_run):
    assert "zoo export" in model_card(reported_run, "mit")
    assert "zoo export" not in model_card(replace(reported_run, has_export=False), "mit")
    driven = zoo.load_dataset("driven_pendulum", n=10)
    spiral = zoo.load_dataset("spirals", n=10)
    assert has_export(spiral.preprocessing, 50) and not has_export(driven.preprocessing, 50)
