"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

from ..checkpoint import save, write_atomically
from ..parameters import count_parameters, own_solver
from ..pretrained import path_of
from ..run import Run
from ..train import Result
from .invocation import typed

_DISTRIBUTIONS = ("jax", "equinox", "diffrax", "optax")


def fresh_directory(config: Mapping[str, Any]) -> Path:
    """A folder under runs/ that does not exist yet, named after the run in letters for any disk."""
    name = config.get("recipe") or f"{config['model']}-{config['dataset']}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    numbers = (n for n in range(1, 1_000_000))
    return next(p for n in numbers if not (p := Path("runs") / f"{name}-{n}").exists())


def find_weights(run: str) -> Path:
    """The weight file of a run directory, of a file, or of a pretrained name; see `path_of`."""
    return path_of(run)


def begin_run(folder: Path, run: Run, again: bool) -> None:
    """Write down what a run is, before its first step, and the command that started it.

    `again` is a run that has all its steps: nothing is left to do by this command.
    """
    text = json.dumps(run.config, indent=2) + "\n"
    path = folder / "config.json"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text.encode())
    commands = folder / "commands.txt"
    known = commands.read_text(encoding="utf-8") if commands.is_file() else ""
    line = typed(*(() if "--out" in typed().split() else ("--out", str(folder)))) + "\n"
    if not (again and known) and not known.endswith(line):
        write_atomically(commands, (known + line).encode())


def write_run(folder: Path, run: Run, result: Result, metrics: Mapping[str, Any]) -> list[Path]:
    """Write what a finished run has beside its log; the files. Raises `OutputError`."""
    save(folder / "model.safetensors", result.model, run.config)
    commands = (folder / "commands.txt").read_text(encoding="utf-8").rstrip()
    write_atomically(folder / "card.md", card(run, result, metrics, commands).encode())
    names = ("config.json", "metrics.jsonl", "card.md", "model.safetensors")
    return [folder / name for name in names]


def card(run: Run, result: Result, metrics: Mapping[str, Any], commands: str) -> str:
    """The run in one page of Markdown; `commands` are those that made it."""
    config, history = run.config, result.history
    solver = own_solver(result.model)
    compiled = history.seconds[0][1] if history.seconds else float("nan")
    speed = history.steps_per_second
    rows = {
        "parameters": f"{count_parameters(result.model):,}",
        "seed": config["seed"],
        "steps": f"{int(result.state.step)} ({int(result.state.skipped)} skipped)",
        "first step, compilation included": f"{compiled:.2f} s",
        "step": f"{1000 / speed:.2f} ms" if speed else "not measured",
        "solver": "none" if solver is None else _describe(solver),
        "versions": ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS),
        "device": f"{jax.devices()[0].device_kind}, Python {platform.python_version()}",
    }
    held_out = "" if run.data.held_out else " (no part is held out: these are the training points)"
    lines = [f"# {config['model']} on {config['dataset']}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    lines += ["", f"## Test split{held_out}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_short(value)} |" for name, value in metrics.items()]
    lines += ["", "## Made by", "", "```", commands, "```", "", "## Configuration", ""]
    shown = {name: value for name, value in config.items() if name != "preprocessing"}
    lines += ["```json", json.dumps(shown, indent=2), "```", ""]
    return "\n".join(lines)


def _describe(solver: Any) -> str:
    resolved = solver.resolve()
    how = f"{type(resolved.method).__name__}, controller {resolved.controller}"
    if resolved.is_constant:
        step = f"{resolved.steps} steps" if resolved.steps else f"dt0 {resolved.dt0:g}"
        how += f", {step}"
    else:
        how += f", rtol {resolved.rtol:g}, atol {resolved.atol:g}"
    return f"{how}, t {resolved.t0:g} to {resolved.t1:g}, {resolved.adjoint}, {resolved.batching}"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_short(each)}" for name, each in value.items())
    return "unknown" if value is None else str(value)
