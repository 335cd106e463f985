"""How commands end and what they show: devices, output, JSON, tables, help, lines that are odd."""

import contextlib
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import jax
import pytest
from matplotlib.figure import Figure

import zoo
from zoo.checkpoint import json_text
from zoo.cli import _COMMANDS, main
from zoo.cli.metrics_table import MOST, flat, table
from zoo.errors import ConfigError
from zoo.runs.devices import check_devices, device_words

from .test_cli import call
from .torture import commands
from .torture.command_lines import by_intent, misspelt

ROOT = Path(__file__).parents[1]
TRAIN = ["train", "--model", "mlp", "--dataset", "moons", "--dataset.n", "60", "--steps", "2"]


@pytest.fixture(scope="module")
def furniture(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("furniture")
    commands.furnished(folder)
    return folder


def test_98_lines_made_by_intent_end_as_they_must(furniture):
    assert len(by_intent()) >= 100
    assert commands.intended(furniture) == []


def test_98_lines_made_by_chance_end_in_words_and_leave_nothing(furniture):
    ends, found = commands.torture(count=40, whole=0.0, seed=1, furniture=furniture)
    assert found == [] and ends["2"] > 5


def test_98_what_the_torture_would_tell_of():
    fine = commands.End(code=2, printed="error: x", crash="", began=False, changed=[])
    assert fine.faults() == []
    crash = commands.End(code=0, printed="", crash="KeyError('x')", began=False, changed=[])
    assert crash.faults() == ["traceback: KeyError('x')"]
    wrong = commands.End(code=1, printed="", crash="", began=False, changed=[])
    assert wrong.faults() == ["exit code 1", "no word"]
    left = commands.End(code=5, printed="x", crash="", began=False, changed=["run"])
    assert left.faults() == ["left run"]
    assert misspelt("--steps", random.Random(0)) != "--steps"


def test_96_a_platform_that_is_not_there_is_told_with_those_that_are():
    done = subprocess.run(
        [sys.executable, "-m", "zoo", *TRAIN],
        env=os.environ | {"JAX_PLATFORMS": "cuda"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "JAX_PLATFORMS asks for cuda, and this machine offers JAX cpu" in done.stderr
    assert "unset JAX_PLATFORMS" in done.stderr and "jax[cuda]" in done.stderr


@pytest.mark.parametrize("error", [RuntimeError, AssertionError])
def test_96_every_command_that_computes_asks_for_its_device(error, monkeypatch, capsys):
    def fail():
        raise error

    monkeypatch.setattr(jax.config, "update", lambda *_: None)
    monkeypatch.setattr("zoo.runs.devices._asked", lambda: "cuda")
    monkeypatch.setattr(jax, "devices", fail)
    for name in set(_COMMANDS) - {"list"}:
        assert call(name, "run") == 2
        assert "JAX_PLATFORMS asks for cuda" in capsys.readouterr().err
        assert call(name, "--help") == 0
    with pytest.raises(ConfigError):
        check_devices()


def test_96_the_device_is_named_by_the_first_line_and_the_card(tmp_path, capsys):
    assert call(*TRAIN, "--no-figures", "--out", str(tmp_path / "run")) == 0
    printed = capsys.readouterr()
    first = printed.err.splitlines()[0]
    assert first == f"mlp on moons (classification), seed 0, on {device_words()}"
    assert re.search(r"\((1 thread|\d+ threads)\)$", first)
    card = (tmp_path / "run" / "card.md").read_text()
    assert f"| device | {device_words()}, Python" in card
    (line,) = printed.out.splitlines()
    told = json.loads(line)
    assert told["recall.0"] >= 0 and not any(isinstance(v, dict | list) for v in told.values())
    assert "  accuracy " in printed.err and "  recall.0 " in printed.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
def test_98_output_that_is_full_costs_no_run(tmp_path, capsys):
    with (
        contextlib.suppress(OSError),  # as it is closed
        open("/dev/full", "w") as full,
        contextlib.redirect_stdout(full),
    ):
        code = call(*TRAIN, "--no-figures", "--out", str(tmp_path / "run"))
    assert code == 5
    assert "Standard output cannot be read or written: No space left" in capsys.readouterr().err
    assert zoo.load(tmp_path / "run" / "model.safetensors") is not None
    assert (tmp_path / "run" / "card.md").is_file()
    zoo_list = f"{sys.executable} -m zoo list"
    shell = f"{zoo_list} | head -1; echo ${{PIPESTATUS[0]}}; {zoo_list} > /dev/full; echo $?"
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["model", "0", "5"]
    assert done.stderr.count("\n") == 1 and "Standard output" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
def test_98_nobody_who_watches_costs_no_run(tmp_path, capsys, monkeypatch):
    with open("/dev/full", "w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert call(*TRAIN, "--no-figures", "--out", str(tmp_path / "run")) == 0
        monkeypatch.setattr(sys, "stderr", None)
        assert call("evaluate", str(tmp_path / "run")) == 0
        assert call("evaluate", "runs/none") == 3
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()
    trained, evaluated = capsys.readouterr().out.splitlines()
    assert trained == evaluated


def test_98_a_disk_that_fills_up_while_figures_are_drawn(tmp_path, capsys, monkeypatch):
    replace = os.replace

    def full(source, target):
        if "figures" in str(target):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    assert call(*TRAIN, "--out", str(tmp_path / "run")) == 5
    assert "the disk is full" in capsys.readouterr().err
    assert (tmp_path / "run" / "model.safetensors").is_file()
    assert "Not all could be written: " in (tmp_path / "run" / "card.md").read_text()
    assert not list((tmp_path / "run" / "figures").iterdir())
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.warns(zoo.ZooWarning, match="could not be written: division by zero"):
        assert call(*TRAIN, "--out", str(tmp_path / "other")) == 0
    monkeypatch.undo()
    assert call("train", "--resume", "--out", str(tmp_path / "run")) == 0
    assert (tmp_path / "run" / "figures" / "boundary.png").stat().st_size > 1000
    capsys.readouterr()
    assert call("train", "--resume", "--out", str(tmp_path / "run")) == 0
    assert "was finished" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_98_a_signal_ends_a_command_once(number, monkeypatch, capsys):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("zoo.cli._command", lambda name: lambda _: signal.raise_signal(number))
    try:
        assert call("list") == 128 + number
        signal.raise_signal(signal.SIGINT)  # on the way out, which nothing stops any more
        signal.raise_signal(signal.SIGTERM)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert capsys.readouterr() == ("", "")
    monkeypatch.undo()
    assert call("list", "--help") == 0
    assert {each: signal.getsignal(each) for each in before} == before


def test_98_json_is_strict_and_made_in_one_place():
    text = json_text({"b": [float("nan"), 1.5], "a": {"c": float("-inf")}}, sort_keys=True)
    assert text == '{"a": {"c": null}, "b": [null, 1.5]}'
    assert json_text({"é": (1, True, None)}) == '{"\\u00e9": [1, true, null]}'
    makers = [p.name for p in (ROOT / "zoo").rglob("*.py") if "json.dump" in p.read_text()]
    assert makers == ["json_text.py"]


def test_98_memory_is_asked_for_before_it_is_taken():
    with pytest.raises(ConfigError, match=r"1,000,006,000,002 parameters and needs 4,000,024,"):
        zoo.create_model("mlp", (2, 2), width=1_000_000, key=jax.random.key(0))


def test_99_metrics_are_flat_and_a_table():
    metrics = {"split": "test", "loss": 0.5, "recall": {"a b": 1.0, "c": None}, "failed": 0}
    assert flat(metrics) == {
        "split": "test",
        "loss": 0.5,
        "recall.a b": 1.0,
        "recall.c": None,
        "failed": 0,
    }
    shown = "test\n  loss        0.5\n  recall.a b  1\n  recall.c    unknown\n  failed      0"
    assert table(metrics, "test") == shown
    assert table({"loss": {"mean": 0.5, "sd": 0.1}}, "2 seeds") == "2 seeds\n  loss  0.5 ± 0.1"
    many = {"recall": {str(i): 1.0 for i in range(MOST + 3)}}
    assert table(many, "").endswith("recall.*   and 3 more")
    assert "\x1b" not in table({"recall": {"\x1b[2J\n": 1.0}}, "")


def test_99_help_shows_what_was_chosen_by_subject(capsys):
    assert call("train", "--recipe", "cubic-resnet", "--model.width", "3", "--help") == 0
    shown = capsys.readouterr().out
    words = " ".join(shown.replace("│", " ").split())
    for told in ("(chosen: cubic)", "(chosen: cubic-resnet)", "(recipe: sgd)", "--steps INT"):
        assert told in words
    for section in ("training options", "dataset cubic options", "model resnet options"):
        assert f" {section} " in shown
    assert call("train", "--help") == 0
    assert "ode_rnn, odenet, resnet, sde_gan" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", _COMMANDS)
def test_99_help_of_every_command_is_in_words(name, capsys):
    assert call(name, "--help") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: zoo {name} [-h]")
    assert "None}" not in shown and "STR" not in shown and "default: None" not in shown


def test_99_zoo_alone_tells_what_one_can_do(capsys):
    assert call() == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) <= 10
    assert all(name in shown for name in _COMMANDS)


def test_98_debug_shows_the_traceback_and_ends_with_the_same_code(capsys):
    assert call("evaluate", "runs/none", "--debug") == 3
    shown = capsys.readouterr().err
    assert "Traceback" in shown and shown.splitlines()[-1].startswith("error: ")


def test_99_letters_that_a_terminal_lacks_are_printed_as_numbers(monkeypatch):
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    main(["list"])
    ascii_only.flush()
    assert b"dataset \\xd7 model" in ascii_only.buffer.getvalue()
