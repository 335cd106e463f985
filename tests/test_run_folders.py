"""Folders of runs: which is one, which is finished, and what is said of one that was damaged."""

import copy
import json
import shutil
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import zoo
from zoo import extensions
from zoo.cli.resume import reached
from zoo.cli.saved_config import check_run_config, saved_config
from zoo.cli.seeds import seed_folders
from zoo.errors import CheckpointError, UnknownNameError, ZooWarning
from zoo.train import RunFolder, read_log
from zoo.train.metrics_log import MetricsLog
from zoo.train.settings import check_same, threads

from .test_cli import call
from .torture import folders, kill

OPTIONS = ["--model", "mlp", "--dataset", "moons", "--dataset.n", "100", "--model.width", "8"]
TRAIN = ["train", *OPTIONS, "--no-figures", "--checkpoint-every", "10", "--ema", "0.9"]
RESUME = ["train", "--resume", "--no-figures", "--out", "run"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of 20 steps, and the same gone on to 30."""
    base = tmp_path_factory.mktemp("finished")
    assert call(*TRAIN, "--steps", "20", "--out", str(base / "run")) == 0
    shutil.copytree(base / "run", base / "more")
    assert call(*RESUME[:-1], str(base / "more"), "--steps", "30") == 0
    return base


@pytest.fixture
def run(finished, tmp_path, monkeypatch):
    """A copy of the finished run, in the current folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished / "run", "run")
    return Path("run")


def content(folder: Path) -> dict[str, bytes]:
    return folders.content(folder)


@pytest.mark.parametrize("old", [("model.safetensors", "card.md"), ("card.md",), ()])
def test_fault_80_results_of_an_old_end_are_made_again(finished, run, old, capsys):
    shutil.rmtree(run)
    shutil.copytree(finished / "more", run)
    for name in old:  # as a kill between the last checkpoint and these files leaves them
        shutil.copy(finished / "run" / name, run / name)
    assert call(*RESUME) == 0
    told = capsys.readouterr().err
    assert ("was finished" in told) == (not old) and ("wrote run/config.json" in told) == bool(old)
    for name in ("model.safetensors", "metrics.jsonl", "config.json", "card.md"):
        assert kill.same(run / name, finished / "more" / name), name
    assert "| steps | 30 (0 skipped) |" in (run / "card.md").read_text()


@pytest.mark.parametrize("lost", ["model.safetensors", "card.md", "config.json", "commands.txt"])
def test_fault_80_what_a_finished_run_lost_is_made_again(finished, run, lost):
    (run / lost).unlink()
    again = [*RESUME, *OPTIONS, "--checkpoint-every", "10", "--ema", "0.9", "--steps", "20"]
    assert call(*(again if lost == "config.json" else RESUME)) == 0
    made = content(run)
    assert made["model.safetensors"] == content(finished / "run")["model.safetensors"]
    assert (lost in made) == (lost != "commands.txt")  # nothing else says what was typed


def test_fault_80_the_card_is_written_last_and_names_the_figures(run):
    page = (run / "card.md").read_text()
    (run / "card.md").write_text(
        page.replace("## Made by", "![fit](figures/fit.png)\n\n## Made by")
    )
    assert call(*RESUME) == 0
    assert "fit.png" not in (run / "card.md").read_text()


def test_fault_81_another_program_s_folder_stays_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    other = Path("run")
    other.mkdir()
    for name in ("metrics.jsonl", "card.md", "model.safetensors", ".notes.tmp", ".card.md.x.tmp"):
        (other / name).write_text("mine")
    before = content(other)
    assert call(*RESUME, *OPTIONS) == 3
    assert "is no run's folder" in capsys.readouterr().err
    data = zoo.load_dataset("moons", n=60)
    model = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(CheckpointError, match="no run's folder"):
        zoo.fit(model, data, steps=1, out=other, resume=True)
    (other / "config.json").write_text('{"model": "bert"}')
    assert call(*RESUME) == 3
    assert "config.json is no run's configuration: in_size is missing" in capsys.readouterr().err
    (other / "config.json").unlink()
    assert content(other) == before and sorted(p.name for p in other.iterdir()) == sorted(before)


def test_fault_81_only_what_the_run_left_behind_is_removed(run):
    theirs = [
        run / ".notes.tmp",
        run / "checkpoints" / ".best.tmp",
        run / ".notes.txt.abcdefgh.tmp",
    ]
    ours = [run / ".card.md.abc_1234.tmp", run / "checkpoints/.step-000000020.safetensors.x.tmp"]
    for path in (*theirs, *ours):
        path.write_text("x")
    with RunFolder(run, resume=True):
        assert [p.exists() for p in (*theirs, *ours)] == [True] * 3 + [False] * 2


REFUSED = {
    ("--seeds", "2"): "is one run, and --resume goes on with it: leave out --seeds",
    ("--lr", "0.1"): "none is left to take at another rate. Add --steps, more than 20",
    ("--resume-schedule", "keep"): "neither does: leave it out",
    ("--from", "gone"): "There is no run, weight file or pretrained model 'gone'",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_fault_81_what_a_finished_run_cannot_take_is_refused(run, words, capsys):
    before = content(run)
    assert call(*RESUME, *words) in (2, 3)
    assert REFUSED[words] in capsys.readouterr().err and content(run) == before
    assert sorted(p.name for p in run.glob("seed-*")) == []


def test_fault_81_all_seeds_of_a_folder_go_on(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished / "run", "runs/seed-0")
    Path("runs/seed-1").mkdir()  # --seeds 2 was killed in the first
    assert list(seed_folders(Path("runs"))) == [0, 1]
    assert call(*RESUME[:-1], "runs", "--seed", "1") == 2
    assert "name one with --out runs/seed-0" in capsys.readouterr().err
    assert call(*RESUME[:-1], "runs") == 0
    told = capsys.readouterr()
    assert "runs/seed-0 was finished" in told.err and "wrote runs/seed-1/config.json" in told.err
    summary = json.loads(Path("runs/summary.json").read_text())
    assert len(summary["loss"]["values"]) == 2 and reached(Path("runs/seed-1")).step == 20
    config = json.loads(Path("runs/seed-1/config.json").read_text())
    assert config["seed"] == 1 and config["options"]["width"] == 8
    assert call("evaluate", "runs") == 3
    assert "runs/seed-0 or runs/seed-1" in capsys.readouterr().err


def test_fault_82_a_run_that_has_begun_does_not_need_its_source(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished / "run", "source")
    assert call(*TRAIN, "--steps", "2", "--from", "source", "--out", "run") == 0
    shutil.rmtree("source")
    assert call(*RESUME, "--steps", "4") == 0
    assert call(*RESUME, "--from", "source") == 0
    assert json.loads(Path("run/config.json").read_text())["from"] == "source/model.safetensors"


LOSS = """
import jax.numpy as jnp
import {helper}
import zoo

def distance() -> zoo.losses.Loss:
    '''A loss.'''
    def loss(model, batch, *, key, step, solver):
        ys, stats = model.forward(batch["x"])
        return {helper}.RATE * jnp.mean(ys**2, axis=-1), zoo.Aux(stats, prediction=ys)
    return loss
"""


def test_fault_82_changed_code_of_a_user_is_noticed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    names = [f"{word}{abs(hash(tmp_path)) % 10**8}" for word in ("loss", "helper")]

    def write(rate: float) -> None:
        """The two modules, as a new program would find them."""
        Path(f"{names[0]}.py").write_text(LOSS.format(helper=names[1]))
        Path(f"{names[1]}.py").write_text(f"RATE = {rate}\n")
        for name in names:
            extensions._USED.pop(name, None)
            extensions._SOURCES.pop(name, None)
            sys.modules.pop(name, None)

    write(1.0)
    assert call(*TRAIN, "--steps", "2", "--loss", f"{names[0]}:distance", "--out", "run") == 0
    assert set(names) <= extensions.sources().keys()
    before = content(Path("run"))
    write(0.25)
    assert call(*RESUME, "--use", names[0], "--steps", "4") == 3
    assert f"made with other code: {names[1]} changed since" in capsys.readouterr().err
    assert content(Path("run")) == before
    write(1.0)
    assert call(*RESUME, "--use", names[0], "--steps", "4") == 0


def test_fault_82_threads_are_those_that_the_program_may_use(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0}, raising=False)
    assert threads() == 1
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    assert threads() == 12
    with pytest.warns(ZooWarning, match="Not bitwise.*threads was 2 and is 1"):
        check_same({"threads": 2}, {"threads": 1}, "The checkpoint in run")


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
    config = saved_config(run)
    wrong = copy.deepcopy(config)
    refused = 0
    for at in everywhere(config):
        for value in folders.VALUES:
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


def test_fault_83_patience_that_is_exhausted_takes_no_more_steps(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    patient = ["--patience", "1", "--eval-every", "2", "--lr", "10", "--steps", "40"]
    assert call(*TRAIN, *patient, "--out", "run") == 0
    at, before = reached(Path("run")), content(Path("run"))
    assert at.exhausted and at.step < 40
    assert call(*RESUME) == 0
    assert "was finished: nothing was written" in capsys.readouterr().err
    assert call(*RESUME, "--steps", "80") == 2
    assert "its patience exhausted" in capsys.readouterr().err
    assert content(Path("run")) == before


def test_fault_93_data_are_found_beside_their_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(40, 2))
    text = "a,y\n" + "".join(f"{a},{b}\n" for a, b in rows)
    Path("homes.csv").write_text(text)
    data = ["--dataset", "csv", "--dataset.path", "homes.csv"]
    train = ["train", "--model", "mlp", *data, "--model.width", "8", "--no-figures"]
    assert call(*train, "--steps", "2", "--out", "runs/homes") == 0
    assert call("evaluate", "runs/homes") == 0
    here = capsys.readouterr().out.splitlines()[-1]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run = str(tmp_path / "runs" / "homes")
    assert call("evaluate", run) == 0 and capsys.readouterr().out.splitlines()[-1] == here
    resume = ["train", "--resume", "--no-figures", "--out", run]
    assert call(*resume, "--steps", "4") == 0
    config = saved_config(Path(run))
    assert config["dataset_options"]["path"] == "homes.csv" and config["resumed"]
    (tmp_path / "homes.csv").rename(tmp_path / "moved.csv")
    for command in (["evaluate", run], ["plot", run], ["sweep", run], resume):
        assert call(*command) == 2
        assert "say where it is with --dataset.path FILE" in capsys.readouterr().err
    moved = ["--dataset.path", str(tmp_path / "moved.csv")]
    assert call("evaluate", run, *moved) == 0 and call(*resume, *moved) == 0
    (tmp_path / "moved.csv").write_text(text.replace("a,y\n", "a,y\n9,9\n"))
    assert call(*resume, *moved) == 3
    assert "data was" in capsys.readouterr().err
    assert call("evaluate", "odenet-circles", *moved) == 2
    assert "circles reads no file" in capsys.readouterr().err


def test_python_and_the_command_line_hold_the_same_folder(run):
    """What `fit` refuses to resume the command refuses too: both hold it as a `RunFolder`."""
    (run / "times.jsonl").unlink()
    (run / "times.jsonl").mkdir()
    data = zoo.load_dataset("moons", n=60)
    model = zoo.create_model("mlp", data, width=4, depth=1, key=jax.random.key(0))
    with pytest.raises(CheckpointError, match=r"times\.jsonl is a folder"):
        zoo.fit(model, data, steps=1, out=run, resume=True)
