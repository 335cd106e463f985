"""What the documents say, as a reader would paste it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp

import zoo

ROOT = Path(__file__).parents[1]


def blocks(document: str, language: str) -> list[str]:
    """The code blocks of a document in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL)


def module_of(document: str, name: str, folder: Path) -> Path:
    """The module that a document shows, written to a folder."""
    (text,) = [b for b in blocks(document, "python") if b.startswith(f"# {name}\n")]
    (folder / name).write_text(text)
    return folder / name


def commands_of(document: str, word: str) -> list[list[str]]:
    """The zoo's commands in the shell block in which a word stands, as `python -m zoo`."""
    (text,) = [b for b in blocks(document, "sh") if word in b]
    lines = [shlex.split(line) for line in text.splitlines()]
    return [[sys.executable, "-m", *line] for line in lines if line[0] == "zoo"]


def follow(commands: list[list[str]], folder: Path) -> list[subprocess.CompletedProcess]:
    """Run commands in a folder; each must end well."""
    done = []
    for command in commands:
        done.append(subprocess.run(command, cwd=folder, capture_output=True, text=True))
        assert done[-1].returncode == 0, done[-1].stderr
        assert "Traceback" not in done[-1].stderr
    return done


def test_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    module_of("README.md", "mymodule.py", tmp_path)
    first, second, third = [b for b in blocks("README.md", "python") if not b.startswith("# ")]
    shared: dict = {"jnp": jnp}
    exec(first, shared)
    accuracy = shared["zoo"].evaluate(shared["model"], shared["data"])["accuracy"]
    assert accuracy > 0.95
    assert shared["labels"].tolist() == [0, 1]
    assert shared["states"].shape == (len(shared["data"].test["x"]), 50, 3)
    exec(second, shared)
    turned = shared["model"](shared["jnp"].array([1.0, 0.0]))
    assert abs(turned - shared["jnp"].array([-1.0, 0.0])).max() < 1e-2
    assert zoo.count_parameters(shared["frozen"]) == 0
    capsys.readouterr()
    exec(third, shared)
    printed = capsys.readouterr().out
    assert "nan" in printed and "1 of 2 solves grew past any bound" in printed
    assert "t≈1.571 after 25 accepted" in printed


def test_the_readme_s_dynamics_from_an_empty_folder(tmp_path):
    module_of("README.md", "mymodule.py", tmp_path)
    commands = commands_of("README.md", "mymodule:swirl")
    follow(commands, tmp_path)
    assert (tmp_path / "swirl" / "figures" / "boundary.png").is_file()
    forgotten = [word for word in commands[1] if word not in ("--use", "mymodule")]
    refused = subprocess.run(forgotten, cwd=tmp_path, capture_output=True, text=True)
    assert refused.returncode == 2 and "evaluate swirl --use mymodule" in refused.stderr


def test_what_is_out_of_the_tree(tmp_path):
    module_of("CONTRIBUTING.md", "mine.py", tmp_path)
    trained, evaluated, straight = follow(commands_of("CONTRIBUTING.md", "mine:wave"), tmp_path)
    assert trained.stdout == evaluated.stdout and "height" in trained.stdout
    assert "penalty" in (tmp_path / "straight" / "metrics.jsonl").read_text()
    assert straight.stdout
