"""Folders of runs: which is one, which is finished, and what is said of one that was damaged."""

import json
import shutil
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import zoo
from zoo import extensions
from zoo.errors import CheckpointError, ZooWarning
from zoo.runs.resume import reached
from zoo.runs.saved_config import saved_config
from zoo.runs.seeds import seed_folders
from zoo.train import RunFolder
from zoo.train.folder.settings import check_same, threads

from .small_runs import OPTIONS, RESUME, TRAIN
from .test_cli import call
from .torture import kill
from .torture.folders import content


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


@pytest.mark.filterwarnings("ignore:.*holds no checkpoint yet:zoo.ZooWarning")
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
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    assert threads() == 12
    with pytest.warns(ZooWarning, match="Not bitwise.*threads was 2 and is 1"):
        check_same({"threads": 2}, {"threads": 1}, "The checkpoint in run")


def test_fault_81_patience_that_is_exhausted_takes_no_more_steps(tmp_path, monkeypatch, capsys):
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
    train += ["--schedule", "constant"]
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
    assert config.dataset_options["path"] == "homes.csv" and config.resumed
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
