"""A run that was stopped goes on to the same bits, or says why it cannot."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import equinox as eqx
import jax
import numpy as np
import optax
import pytest

import zoo
from zoo.errors import CheckpointError, ConfigError, OutputError, ZooWarning
from zoo.train import RunFolder, read_log
from zoo.train.interrupts import Interrupts
from zoo.train.schedules import continued, geometric, learning_rate

from .test_cli import call
from .torture import kill

OPTIONS = {"ema": 0.9, "eval_every": 10, "patience": 100, "batch_size": 32, "checkpoint_every": 15}


@pytest.fixture(scope="module")
def data() -> zoo.Dataset:
    return zoo.load_dataset("moons", n=200)


@pytest.fixture(scope="module")
def model(data):
    return zoo.create_model("mlp", data, width=8, depth=1, key=jax.random.key(0))


def fit(model, data, steps, out=None, resume=False, **options):
    rate = optax.cosine_decay_schedule(1e-2, 60)
    return zoo.fit(
        model,
        data,
        steps=steps,
        optimiser=optax.adamw(rate),
        key=jax.random.key(1),
        out=out,
        resume=resume,
        **{**OPTIONS, **options},
    )


@pytest.fixture(scope="module")
def whole(model, data, tmp_path_factory):
    """A run of 60 steps that was never stopped, and its folder."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return fit(model, data, 60, folder), folder


@pytest.fixture
def stopped(model, data, tmp_path):
    """The folder of the same run, stopped after 34 steps."""
    fit(model, data, 34, tmp_path / "run")
    return tmp_path / "run"


def steps_of(folder: Path) -> list[int]:
    return sorted(int(p.stem.removeprefix("step-")) for p in folder.glob("checkpoints/step-*"))


def test_a_resumed_run_ends_in_the_same_bits(whole, stopped, model, data):
    result, folder = whole
    assert steps_of(stopped)[-1] == 34 and len(steps_of(stopped)) == 2
    again = fit(model, data, 60, stopped, resume=True)
    assert eqx.tree_equal(again.state, result.state) and eqx.tree_equal(again.model, result.model)
    assert again.history.train == result.history.train and len(again.history.train) == 60
    assert [row["step"] for row in again.history.val] == [10, 20, 30, 34, 40, 50, 60]
    kept = [
        r for r in read_log(stopped / "metrics.jsonl") if (r["split"], r["step"]) != ("val", 34)
    ]
    assert kept == read_log(folder / "metrics.jsonl")
    assert steps_of(stopped)[-1] == 60


def test_what_came_after_the_checkpoint_is_cut_and_no_step_is_there_twice(stopped, model, data):
    log = stopped / "metrics.jsonl"
    good = log.read_bytes()
    extra = {"split": "train", "step": 34, "loss": 1.0}
    log.write_bytes(good + (json.dumps(extra) + "\n").encode() + b'{"split": "tra')
    (stopped / "checkpoints" / ".step-000000050.safetensors.x.tmp").write_bytes(b"half")
    fit(model, data, 36, stopped, resume=True)
    rows = read_log(log)
    assert [r["step"] for r in rows if r["split"] == "train"] == list(range(36))
    assert log.read_bytes().startswith(good)
    assert not list(stopped.glob("checkpoints/.*.tmp"))


def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(whole, stopped, model, data):
    newest = max(stopped.glob("checkpoints/step-*"))
    newest.write_bytes(newest.read_bytes()[:-20])
    with pytest.warns(ZooWarning, match=r"Resumed from step-0000000\d\d.*is damaged: its digest"):
        again = fit(model, data, 60, stopped, resume=True)
    assert eqx.tree_equal(again.state, whole[0].state)
    for path in stopped.glob("checkpoints/step-*"):
        path.write_bytes(b"")
    log = (stopped / "metrics.jsonl").read_bytes()
    with pytest.raises(CheckpointError, match=r"No checkpoint in .* can be resumed.*is empty"):
        fit(model, data, 60, stopped, resume=True)
    assert (stopped / "metrics.jsonl").read_bytes() == log


def test_checkpoints_that_are_gone_are_no_new_beginning(stopped, model, data):
    shutil.rmtree(stopped / "checkpoints")
    with pytest.raises(CheckpointError, match="can be resumed"):
        fit(model, data, 60, stopped, resume=True)
    shutil.rmtree(stopped)
    with pytest.warns(ZooWarning, match="begins at step 0"):
        fit(model, data, 12, stopped, resume=True)


def test_other_settings_or_data_are_refused_with_the_difference(stopped, model, data):
    with pytest.raises(CheckpointError, match=r"batch_size was 32 and is 16"):
        fit(model, data, 60, stopped, resume=True, batch_size=16)
    with pytest.raises(CheckpointError, match=r"examples was 120 and is 108"):
        fit(model, zoo.load_dataset("moons", n=180), 60, stopped, resume=True)
    other = zoo.create_model(
        "mlp", data, width=8, depth=1, activation="relu", key=jax.random.key(0)
    )
    with pytest.raises(CheckpointError, match=r"activation: gelu in the file, relu in the model"):
        fit(other, data, 60, stopped, resume=True)


def test_another_machine_is_told_of(stopped, model, data, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(77), raising=False)
    with pytest.warns(ZooWarning, match="Not bitwise.*threads was .* and is 77"):
        fit(model, data, 35, stopped, resume=True)


def test_patience_that_was_exhausted_stays_so(model, data, tmp_path):
    options = {"patience": 2, "eval_every": 3}
    rate = {"steps": 200, "optimiser": optax.sgd(0.0), "key": jax.random.key(1), **options}
    first = zoo.fit(model, data, out=tmp_path / "run", **rate)
    assert int(first.state.step) == 9  # the first evaluation is the best, two more are not
    again = zoo.fit(model, data, out=tmp_path / "run", resume=True, **rate)
    assert eqx.tree_equal(first.state, again.state) and not again.history.seconds


def test_a_folder_has_one_owner_and_is_not_taken(stopped, model, data):
    before = {p: p.read_bytes() for p in stopped.rglob("step-*")}
    with pytest.raises(OutputError, match="exists and is not an empty folder"):
        fit(model, data, 60, stopped)
    held = pytest.raises(OutputError, match=r"written by another run \(process \d+\)")
    with RunFolder(stopped, resume=True), held:
        fit(model, data, 60, stopped, resume=True)
    assert {p: p.read_bytes() for p in stopped.rglob("step-*")} == before
    with pytest.raises(ConfigError, match="resume=True needs out"):
        fit(model, data, 60, resume=True)


def test_a_checkpoint_that_cannot_be_written_ends_the_run(stopped, model, data, monkeypatch):
    before = {p: p.read_bytes() for p in stopped.rglob("step-*")}

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match=r"the disk is full|No space left"):
        fit(model, data, 60, stopped, resume=True)
    monkeypatch.undo()
    assert {p: p.read_bytes() for p in stopped.rglob("step-*")} == before
    fit(model, data, 36, stopped, resume=True)


def test_a_folder_that_cannot_be_written_is_refused_before_compiling(
    model, data, tmp_path, compilations
):
    (tmp_path / "file").write_text("")
    compilations.clear()
    with pytest.raises(OutputError):
        fit(model, data, 60, tmp_path / "file" / "run")
    assert not compilations


def test_schedules_go_on_as_they_are_told():
    make = lambda lr, steps: learning_rate(lr, "cosine", 0, steps)  # noqa: E731
    change = {"step": 500, "update": 500, "steps": 2000, "lr": 1e-3}
    rate = {
        name: continued(make, 1e-3, 1000, [change | {"schedule": name}], "update")
        for name in ("keep", "stretch", "restart")
    }
    assert float(rate["keep"](500)) == pytest.approx(5e-4)
    assert float(rate["keep"](1500)) == pytest.approx(0)
    assert float(rate["stretch"](500)) == pytest.approx(8.536e-4, rel=1e-4)
    assert float(rate["restart"](500)) == pytest.approx(1e-3)
    assert float(rate["restart"](1250)) == pytest.approx(5e-4)
    assert float(geometric(1e-1, 1e-3, 11)(50)) == pytest.approx(1e-3)


TRAIN = ["--model", "mlp", "--dataset", "moons", "--dataset.n", "100", "--no-figures"]
TRAIN += ["--schedule", "cosine", "--lr", "1e-3"]


def test_the_command_goes_on_with_what_is_changed_named(tmp_path, capsys):
    out = ["--out", str(tmp_path / "run")]
    assert call("train", *TRAIN, "--steps", "30", *out) == 0
    weights = tmp_path / "run" / "model.safetensors"
    first = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
    capsys.readouterr()
    assert call("train", "--resume", *out) == 0
    assert "was finished" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in first} == first
    assert call("train", "--resume", *out, "--steps", "60") == 2
    assert "--resume-schedule keep" in capsys.readouterr().err
    assert call("train", "--resume", *out, "--steps", "60", "--resume-schedule", "stretch") == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    change = {"step": 30, "update": 30, "schedule": "stretch", "steps": 60, "lr": 0.001}
    assert config["resumed"] == [change] and config["training"]["steps"] == 30
    assert "stretch" in (tmp_path / "run" / "card.md").read_text()
    assert weights.read_bytes() != first[weights] and zoo.load(weights)(np.zeros(2)).shape == (2,)
    capsys.readouterr()
    for wrong, word in {
        ("--lr", "0.1", "--resume-schedule", "keep"): "would ignore lr",
        ("--steps", "10", "--resume-schedule", "keep"): "at step 60 already",
        ("--model.width", "8"): "options.width was 64 and is 8",
        ("--seed", "5"): "seed was 0 and is 5",
    }.items():
        assert call("train", "--resume", *out, *wrong) == 2
        assert word in capsys.readouterr().err
    assert call("train", *TRAIN, *out) == 5
    assert "add --resume" in capsys.readouterr().err


def test_interrupts_are_noted_and_the_handlers_come_back(capfd):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0.02)  # by then the first has been read by the thread that watches
        signal.raise_signal(signal.SIGINT)
        assert interrupts.signal == signal.SIGTERM
        with pytest.raises(SystemExit) as end:
            interrupts.stop()
        assert end.value.code == 143
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_a_checkpoint_within_five_seconds(number, tmp_path):
    folder = tmp_path / "a run ü"
    process = kill.start(folder, 100_000)
    while len(read_log(folder / "metrics.jsonl")) < 5:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(number)
    time.sleep(0.005)
    process.send_signal(signal.SIGINT)  # a second one changes nothing
    words = process.communicate(timeout=20)[1].decode()
    assert "Traceback" not in words and "Exception ignored" not in words
    assert time.monotonic() - began < 5 and process.returncode in (130, 143)
    assert process.returncode == 128 + number
    steps = [r["step"] for r in read_log(folder / "metrics.jsonl") if r["split"] == "train"]
    assert steps_of(folder)[-1] == steps[-1] + 1 > 0


def test_kills_do_not_change_a_bit(tmp_path):
    assert kill.torture(kills=2, a_run=2, steps=600, seed=0, base=tmp_path) == []


def test_mutations_are_refused():
    code = "from tests.torture.mutate import torture; print(torture(300, 1)[1])"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_hostile_files_import_nothing_and_write_nothing():
    command = [sys.executable, "-m", "tests.torture.hostile"]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert told["files"] >= 30 and told["events"] == [] and told["harmed"] == []
    ends = [end for each in told["ends"].values() for end in each]
    assert all(end.startswith(("refused: ", "exit 2: ", "exit 3: ")) for end in ends)
