"""Folders of runs that were damaged: what is wrong is told by file and line, the rest is kept."""

import copy
import json
import shutil
from pathlib import Path

import jax
import pytest

import zoo
from zoo.errors import CheckpointError, UnknownNameError, ZooWarning
from zoo.runs.saved_config import check_run_config, saved_config
from zoo.train import read_log
from zoo.train.folder.metrics_log import MetricsLog

from .small_runs import RESUME
from .test_cli import call
from .torture import damage, folders
from .torture.folders import content

BAD_ROWS = {
    '{"split": "train", "step": null}': "its step is None, expected a whole number",
    '{"split": "train", "step": "two"}': "its step is 'two'",
    '{"split": "train", "step": 500}': "its step 500 is out of order",
    '{"split": "train", "step": 1}': "its step 1 is out of order",
    '{"split": "test", "step": 2}': "its split is 'test', expected train or val",
    '{"split": "train", "step": 2, "loss": "low"}': "its loss is 'low', expected a number",
    "[2]": "it is a list",
    "nonsense": "Expecting value",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_fault_83_a_bad_row_is_told_by_its_line_and_nothing_is_lost(tmp_path, row):
    good = [json.dumps({"split": "train", "step": n, "loss": 0.1}) for n in range(6)]
    text = "\n".join([*good[:2], row, *good[3:]]) + "\n"
    path = tmp_path / "metrics.jsonl"
    path.write_text(text)
    with pytest.raises(CheckpointError) as refused:
        MetricsLog(tmp_path).cut(5)
    assert "metrics.jsonl, line 3, is no row" in str(refused.value)
    assert BAD_ROWS[row] in str(refused.value) and path.read_text() == text
    if "500" in row or row.endswith("1}"):
        return
    with pytest.raises(CheckpointError, match="line 3"):
        read_log(path)
    path.write_text("\n".join([*good[:4], row, "{", good[5]]) + "\nhalf")
    with pytest.warns(ZooWarning, match="holds 4 of the 5 steps"):  # it may have been the fifth
        assert len(MetricsLog(tmp_path).cut(5)) == 4
    assert path.read_text() == "\n".join(good[:4]) + "\n"


def misplaced(run: Path, name: str) -> None:
    """A file where a folder is, or a folder where a file is, with something in it."""
    path = run / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if name in ("checkpoints", "figures"):
        path.write_text("mine")
    else:
        path.mkdir(parents=True)
        (path / "mine").write_text("mine")


@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "metrics.jsonl", "times.jsonl", "commands.txt", "card.md", "checkpoints"),
        *("model.safetensors", "figures", "checkpoints/step-000000020.safetensors"),
        "checkpoints/.lock",
    ],
)
def test_fault_83_a_folder_in_the_place_of_a_file_is_told(run, name, capsys):
    misplaced(run, name)
    before = content(run)
    assert call(*RESUME) == 3
    got, expected = ("a file", "a folder") if (run / name).is_file() else ("a folder", "a file")
    assert f"{run / name} is {got}: expected {expected}" in capsys.readouterr().err
    if name == "model.safetensors":
        assert [call("evaluate", "run"), call("sweep", "run")] == [3, 3]
    if name in ("metrics.jsonl", "figures"):
        assert call("plot", "run") == 3
    assert content(run) == before


def test_fault_83_weights_among_the_checkpoints_are_told_and_kept(finished, run, capsys):
    stray = run / "checkpoints" / "step-000000999.safetensors"
    shutil.copy(run / "model.safetensors", stray)
    before = content(run)
    assert call(*RESUME) == 3 and call(*RESUME, "--steps", "30") == 3
    assert f"{stray} holds a 'model' and no state of training" in capsys.readouterr().err
    assert content(run) == before
    stray.write_bytes(b"damaged")  # one of ours that is damaged is passed over
    with pytest.warns(ZooWarning, match="Resumed from step-000000020"):
        assert call(*RESUME, "--steps", "30") == 0
    assert stray.exists()
    kept = content(run)["model.safetensors"]
    assert kept == content(finished / "more")["model.safetensors"]


def everywhere(node: object, at: tuple = ()):
    """Every path in JSON values."""
    yield at
    pairs = (
        node.items() if isinstance(node, dict) else enumerate(node if type(node) is list else ())
    )
    for key, inner in pairs:
        yield from everywhere(inner, (*at, key))


def test_fault_83_a_value_of_another_type_is_told_by_its_name(run):
    config = saved_config(run).to_json()
    wrong = copy.deepcopy(config)
    refused = 0
    for at in everywhere(config):
        for value in damage.VALUES:
            inside = wrong = copy.deepcopy(config)
            for key in at[:-1]:
                inside = inside[key]
            if at:
                inside[at[-1]] = value
            else:
                wrong = value
            try:
                check_run_config(wrong, run / "config.json", "Way out.")
            except CheckpointError as error:
                refused += 1
                assert "config.json is no run's configuration: " in str(error)
            except UnknownNameError:
                assert at == ("use",) or at[:1] == ("use",)
    assert refused > 300


@pytest.mark.parametrize("name, value", [("lr", 0.5), ("optimiser", "sgd"), ("steps", 25)])
def test_fault_83_a_setting_that_is_not_the_checkpoint_s_is_told(run, name, value, capsys):
    path = run / "config.json"
    config = json.loads(path.read_text())
    before = content(run)
    config["training"][name] = value
    path.write_text(json.dumps(config))
    assert call(*RESUME) == 3
    assert f"training.{name} was" in capsys.readouterr().err
    path.write_bytes(before["config.json"])
    assert content(run) == before and call(*RESUME) == 0


def test_fault_83_damaged_folders_by_the_dozen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ends, found = folders.torture(12, 3, tmp_path)
    assert not found and sum(ends.values()) == 12 and {end[-1] for end in ends} <= set("023")


def test_python_and_the_command_line_hold_the_same_folder(run):
    """What `fit` refuses to resume the command refuses too: both hold it as a `RunFolder`."""
    (run / "times.jsonl").unlink()
    (run / "times.jsonl").mkdir()
    data = zoo.load_dataset("moons", n=60)
    model = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(CheckpointError, match=r"times\.jsonl is a folder"):
        zoo.fit(model, data, steps=1, out=run, resume=True)
