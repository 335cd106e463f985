"""The card of a run: one page of Markdown that is written last, and so marks a finished run."""

import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoint import arrays_of, json_text, read
from ..errors import CheckpointError, OutputError
from ..objectives.parameters import count_parameters
from ..registry import MODELS
from ..schema import sizes_of
from ..solve import Solver, solvers_of
from ..solve.of_model import laid_solvers
from ..solve.solver_field import options_in
from ..train import Result
from .config import ResolvedConfig
from .devices import device_words
from .markdown import on_one_line
from .prepare import Run

_DISTRIBUTIONS = ("jax", "equinox", "diffrax", "optax")
_DESCRIBED = (
    *("method", "controller", "steps", "dt0", "rtol", "atol"),
    *("t0", "t1", "adjoint", "batching"),
)
"""The options of a solver that the card has words for; it names the others as they are."""
_UNWRITTEN = "Not all could be written:"
_FIGURE = re.compile(r"^!\[.*\]\((figures/[^)]+)\)$", re.MULTILINE)


def card(
    run: Run,
    result: Result,
    metrics: Mapping[str, Any],
    commands: str,
    figures: Sequence[str] = (),
    unwritten: OutputError | None = None,
) -> str:
    """The run in one page of Markdown; `commands` are those that made it."""
    config, history = run.config, result.history
    solvers = solvers_of(result.model)
    compiled = f"{history.seconds[0][1]:.2f} s" if history.seconds else "not measured"
    speed = history.steps_per_second
    rows = {
        "inputs": _inputs(run),
        "parameters": f"{count_parameters(result.model):,}",
        "seed": config.seed,
        "seed of the split": config.seed_of_split,
        "steps": _taken(result) if metrics else f"{_taken(result)}, diverged",
        "first step, compilation included": compiled,
        "step": f"{1000 / speed:.2f} ms" if speed else "not measured",
        "programs compiled": history.compilations,
        "peak memory": _megabytes(history.peak_memory),
        "solver": "; ".join(map(describe_solver, solvers)) or "none",
        "versions": ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS),
        "device": f"{device_words(run.devices)}, Python {platform.python_version()}",
        **_batch(run),
    }
    held_out = "" if run.data.held_out else " (no part is held out: these are the training points)"
    lines = [f"# {config.model} on {config.dataset}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {on_one_line(value)} |" for name, value in rows.items()]
    lines += ["", f"## Test split{held_out}", "", "| | |", "|---|---|"]
    lines += [
        f"| {on_one_line(name)} | {on_one_line(_short(value))} |" for name, value in metrics.items()
    ]
    if unwritten is not None:
        lines += ["", "## Figures", "", f"{_UNWRITTEN} {unwritten}"]
    if figures:
        lines += ["", "## Figures", "", *(f"![{Path(name).stem}]({name})" for name in figures)]
    lines += ["", "## Made by", "", "```", commands, "```", "", "## Configuration", ""]
    lines += ["```json", _shown(config), "```", ""]
    return "\n".join(lines)


def _inputs(run: Run) -> str:
    """What an input is; of images, whether the model gets their shape or takes them flattened."""
    spec = run.data.spec
    asked = {each.size for each in sizes_of(MODELS[run.config.model].builder)}
    flat = spec.kind == "image" and "in_size" in asked and "in_shape" not in asked
    return f"{spec}, flattened to {run.data.in_size} numbers" if flat else str(spec)


def _batch(run: Run) -> dict[str, str]:
    """How a batch was divided; nothing where one device took it as a whole."""
    parts, solver = run.checked.plan.parts, run.checked.solver
    if parts is None:
        return {}
    words = f"{parts.batch_size} examples"
    words += f" on {parts.devices} devices" if parts.devices > 1 else ""
    words += f" in {parts.accumulate} parts, one after another" if parts.accumulate > 1 else ""
    words += f": {parts.each} at a time"
    if any(each.shares_steps for each in laid_solvers(run.model, solver)):
        words += ", which share their steps (joint): not those of the whole batch"
    return {"batch": words}


def holds_results(folder: Path, config: ResolvedConfig, result: Result) -> bool:
    """Whether a folder holds weights, card and figures of just this result of a run `config`.

    Not so where a run that went on was ended between its last checkpoint and its card, or where
    one of the files was lost or damaged since.
    """
    try:
        header, arrays = read(folder / "model.safetensors")
        page = (folder / "card.md").read_text(encoding="utf-8", errors="replace")
    except (CheckpointError, OSError):
        return False
    mine = {name: np.asarray(leaf) for name, leaf in arrays_of(result.model).items()}
    same = mine.keys() == arrays.keys() and all(
        mine[name].dtype == arrays[name].dtype and mine[name].tobytes() == arrays[name].tobytes()
        for name in mine
    )
    told = f"| steps | {_taken(result)} |" in page and _shown(config) in page
    figures = [folder / name for name in _FIGURE.findall(page)]
    drawn = all(path.is_file() and path.stat().st_size for path in figures)
    drawn = drawn and _UNWRITTEN not in page
    return same and header["config"] == config.to_json() and told and drawn


def _taken(result: Result) -> str:
    """What the card says of the steps that its weights have taken."""
    return f"{int(result.state.step)} ({int(result.state.skipped)} skipped)"


def _shown(config: ResolvedConfig) -> str:
    """The card's text of a configuration."""
    shown = {name: value for name, value in config.to_json().items() if name != "preprocessing"}
    return json_text(shown, indent=2)


def describe_solver(solver: Solver) -> str:
    """A solver in words: method, steps, interval, adjoint and batching, and what else is given."""
    resolved = solver.resolve()
    how = f"{type(resolved.method).__name__}, controller {resolved.controller}"
    if resolved.is_constant:
        step = f"{resolved.steps} steps" if resolved.steps else f"dt0 {resolved.dt0:g}"
        how += f", {step}"
    else:
        how += f", rtol {resolved.rtol:g}, atol {resolved.atol:g}"
    given = {name: getattr(solver, name) for name in options_in(solver)}
    others = {n: v for n, v in given.items() if v is not None and n not in _DESCRIBED}
    how += "".join(f", {name} {value}" for name, value in others.items())
    return f"{how}, t {resolved.t0:g} to {resolved.t1:g}, {resolved.adjoint}, {resolved.batching}"


def _megabytes(peak: Mapping[str, int]) -> str:
    told = [f"{round(count / 1e6):,} MB of the {where}" for where, count in peak.items()]
    return ", ".join(told) or "not measured"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_short(each)}" for name, each in value.items())
    return "unknown" if value is None else str(value)
