"""The command line, in this process: exit codes, words, and that nothing is compiled or written."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.cli import main
from zoo.runs.config import RunConfig
from zoo.runs.folder import fresh_directory


def call(*argv: str) -> int:
    """The exit code of a command."""
    try:
        main(list(argv))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_command_imports_no_more_than_it_needs():
    script = """
import sys, zoo.cli
try:
    zoo.cli.main(["train", "--model", "odnet", "--dataset", "circles"])
except SystemExit as end:
    assert end.code == 2
late = ("matplotlib", "scipy", "sklearn", "zoo.evaluation.sweep")
print([n for n in late if n in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


BAD = {
    "model": (["--model", "odnet", "--dataset", "circles"], "odenet"),
    "dataset": (["--model", "odenet", "--dataset", "cirles"], "circles"),
    "recipe": (["--recipe", "cubic-odenett"], "cubic-odenet"),
    "dynamics": (["--model", "odenet", "--dataset", "moons", "--model.dynamics", "mpl"], "mlp"),
    "option": (["--model", "odenet", "--dataset", "moons", "--model.agument", "1"], "augment"),
    "ignored": (["--model", "mlp", "--dataset", "moons", "--solver.rtol", "1e-3"], "solver.rtol"),
    "tolerance": (["--model", "odenet", "--dataset", "moons", "--solver.rtol", "-1"], "rtol"),
    "step": (["--model", "odenet", "--dataset", "moons", "--solver.method", "Euler"], "steps"),
    "solver": (["--model", "odenet", "--dataset", "moons", "--solver.method", "Dopri6"], "Dopri5"),
    "width": (["--model", "mlp", "--dataset", "moons", "--model.width", "0"], "model.width"),
    "rate": (["--model", "mlp", "--dataset", "moons", "--lr", "-1"], "lr"),
    "batch": (["--model", "mlp", "--dataset", "moons", "--batch-size", "9999"], "batch_size"),
    "pair": (["--model", "mlp", "--dataset", "moons", "--task", "density"], "density"),
    "nothing": ([], "--model"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_2_and_the_way_out(case, capsys, tmp_path, monkeypatch, compilations):
    monkeypatch.chdir(tmp_path)
    arguments, word = BAD[case]
    # Importing and drawing initial weights compile: what counts is that no step is compiled.
    assert call("train", *arguments, "--out", "run") == 2
    captured = capsys.readouterr()
    assert word in captured.err and "Traceback" not in captured.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("case", ["model", "dataset", "option", "tolerance", "step", "pair"])
def test_names_and_ranges_are_checked_before_any_compilation(case, compilations, capsys):
    compilations.clear()
    assert call("train", *BAD[case][0]) == 2
    assert not compilations


def test_a_taken_directory_is_refused_unchanged(tmp_path, capsys, compilations):
    (tmp_path / "mine.txt").write_text("mine")
    compilations.clear()
    assert call("train", "--model", "mlp", "--dataset", "moons", "--out", str(tmp_path)) == 5
    assert "exists" in capsys.readouterr().err and not compilations
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_unknown_command_and_help(capsys):
    assert call("trian") == 2
    assert "train" in capsys.readouterr().err
    assert call("train", "--model", "odenet", "--dataset", "moons", "--help") == 0
    shown = capsys.readouterr().out
    for option in ("--model.augment", "--model.dynamics.width", "--solver.rtol", "--dataset.noise"):
        assert option in shown
    assert call("list") == 0
    assert "cubic-odenet" in capsys.readouterr().out


def test_train_evaluate_plot(tmp_path, capsys):
    out = tmp_path / "a run"
    arguments = ["--model", "mlp", "--dataset", "moons", "--dataset.n", "200", "--steps", "30"]
    assert call("train", *arguments, "--out", str(out), "--seed", "3") == 0
    metrics = json.loads(capsys.readouterr().out)
    names = {p.name for p in out.iterdir()}
    files = {"config.json", "commands.txt", "metrics.jsonl", "times.jsonl", "card.md"}
    assert names == files | {"model.safetensors", "checkpoints", "figures"}
    config = json.loads((out / "config.json").read_text())
    assert config["seed"] == 3 and config["dataset_options"]["n"] == 200
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [r["step"] for r in rows if r["split"] == "train"] == list(range(30))
    assert str(out) in (out / "card.md").read_text()
    assert call("evaluate", str(out)) == 0
    assert json.loads(capsys.readouterr().out) == metrics
    assert call("plot", str(out), "--out", str(tmp_path / "figures")) == 0
    assert (tmp_path / "figures" / "boundary.png").stat().st_size > 1000
    assert call("evaluate", str(tmp_path / "none")) == 3
    weights = out / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    assert call("evaluate", str(weights)) == 3


def test_seeds_give_mean_and_deviation(tmp_path, capsys):
    arguments = ["--model", "mlp", "--dataset", "cubic", "--steps", "5", "--seeds", "2"]
    assert call("train", *arguments, "--out", str(tmp_path / "run"), "--no-figures") == 0
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    losses = summary["loss"]["values"]
    assert summary["loss"]["mean"] == pytest.approx(np.mean(losses))
    assert (tmp_path / "run" / "seed-1" / "model.safetensors").is_file()


def test_recipe_options_can_be_replaced(tmp_path, capsys):
    out = tmp_path / "run"
    arguments = ["--recipe", "cubic-resnet-printed", "--steps", "3", "--model.width", "4"]
    assert call("train", *arguments, "--out", str(out), "--no-figures") == 0
    config = json.loads((out / "config.json").read_text())
    assert config["training"]["steps"] == 3 and config["training"]["lr"] == 0.01
    assert config["options"]["width"] == 4 and config["options"]["depth"] == 1
    assert config["init"] == "standard-normal" and config["dataset_options"]["split"] == "all"
    assert zoo.load(out / "model.safetensors")(np.zeros(1)).shape == (1,)


def test_a_run_that_diverges_ends_with_4_and_the_last_good_weights(tmp_path, capsys):
    out = tmp_path / "run"
    arguments = ["--model", "mlp", "--dataset", "cubic", "--optimiser", "sgd", "--lr", "1e38"]
    assert call("train", *arguments, "--out", str(out), "--no-figures") == 4
    assert "10 steps in a row" in capsys.readouterr().err
    model = zoo.load(out / "model.safetensors")
    assert np.isfinite(np.asarray(model(np.zeros(1)))).all()


def test_a_folder_is_named_in_letters_for_any_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = RunConfig(model="mine:net", dataset="../my data")
    with fresh_directory(config) as first, fresh_directory(config) as second:
        assert str(first) == str(Path("runs") / "mine-net-..-my-data-1")
        assert str(second) == str(Path("runs") / "mine-net-..-my-data-2")
        (second / "card.md").write_text("written")
    assert [str(path) for path in tmp_path.rglob("*-*")] == [str(tmp_path / second)]
    with fresh_directory(replace(config, model="m" * 999)) as long:
        assert long.is_dir()
