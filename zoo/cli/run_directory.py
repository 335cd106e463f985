"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

from ..checkpoint import save, write_atomically
from ..errors import CheckpointError, ConfigError, OutputError
from ..parameters import count_parameters, own_solver
from ..run import Run
from ..train import History, Result

_DISTRIBUTIONS = ("jax", "equinox", "diffrax", "optax")


def check_free(path: Path) -> None:
    """Raise where a run cannot be written: `ConfigError` for a folder with something in it,
    `OutputError` for a place without permission. Writes nothing."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConfigError(
            f"{path} exists and is not an empty folder: choose another --out, or move it away."
        )
    parent = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not os.access(parent, os.W_OK):
        raise OutputError(f"{path} cannot be written: no permission in {parent}.")


def fresh_directory(config: Mapping[str, Any]) -> Path:
    """A folder under runs/ that does not exist yet, named after the run."""
    name = config.get("recipe") or f"{config['model']}-{config['dataset']}"
    numbers = (n for n in range(1, 1_000_000))
    return next(p for n in numbers if not (p := Path("runs") / f"{name}-{n}").exists())


def find_weights(run: str) -> Path:
    """The weight file of a run directory or of a file. Raises `CheckpointError` for neither."""
    path = Path(run)
    if path.is_file():
        return path
    if (path / "model.safetensors").is_file():
        return path / "model.safetensors"
    raise CheckpointError(
        f"{run} is neither a weight file nor a run directory with a model.safetensors in it."
    )


def write_run(folder: Path, run: Run, result: Result, metrics: Mapping[str, Any]) -> list[Path]:
    """Write a finished run; the files that were written. Raises `OutputError`."""
    files = {
        "config.json": json.dumps(run.config, indent=2) + "\n",
        "metrics.jsonl": "".join(json.dumps(row) + "\n" for row in _rows(result.history)),
        "card.md": card(folder, run, result, metrics),
    }
    for name, text in files.items():
        write_atomically(folder / name, text.encode())
    save(folder / "model.safetensors", result.model, run.config)
    return [folder / name for name in (*files, "model.safetensors")]


def _rows(history: History) -> list[dict[str, Any]]:
    rows = [{"split": "train", **row} for row in history.train]
    return rows + [{"split": "val", **row} for row in history.val]


def card(folder: Path, run: Run, result: Result, metrics: Mapping[str, Any]) -> str:
    """The run in one page of Markdown."""
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
    lines += ["", "## Made by", "", "```", command(folder), "```", "", "## Configuration", ""]
    lines += ["```json", json.dumps(config, indent=2), "```", ""]
    return "\n".join(lines)


def command(folder: Path) -> str:
    """The command line that remakes the run, quoted for a shell."""
    arguments = sys.argv[1:]
    if "--out" not in arguments:
        arguments = [*arguments, "--out", str(folder)]
    return shlex.join(["python", sys.argv[0], *arguments])


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
