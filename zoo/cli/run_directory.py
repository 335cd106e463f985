"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import itertools
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..checkpoint import json_text, save, write_atomically
from ..errors import CheckpointError, OutputError
from ..parameters import count_parameters, own_solver
from ..pretrained import FOLDER as PRETRAINED
from ..pretrained import list_pretrained, path_of
from ..run import Run
from ..train import Result
from ..train.run_folder import check_free, check_writable
from .devices import device_words
from .invocation import typed

_LONGEST_NAME = 100
"""Letters; a disk takes 255 bytes, and a number follows."""
_DISTRIBUTIONS = ("jax", "equinox", "diffrax", "optax")


@contextmanager
def fresh_directory(config: Mapping[str, Any]) -> Iterator[Path]:
    """A new folder under runs/, named after the run in letters for any disk and numbered.

    It is made at once: of two runs that begin together, each gets its own. Where nothing was
    written into it in the end, such as of a run that is refused, it goes again.

    Raises `OutputError` where none can be made.
    """
    name = config.get("recipe") or f"{config['model']}-{config['dataset']}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:_LONGEST_NAME]
    base = Path("runs")
    paths = (base / f"{name}-{number}" for number in itertools.count(1))
    folder = next(path for path in paths if _made(path))
    try:
        yield folder
    finally:
        with suppress(OSError):  # not empty: what was written stays
            folder.rmdir()
            base.rmdir()


def _made(path: Path) -> bool:
    """Whether a folder was made; not if there is one, of another run that was a moment earlier."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        words = f"{path} cannot be made: {error.strerror}. Choose an --out elsewhere."
        raise OutputError(words) from error
    return True


def find_weights(run: str) -> Path:
    """The weight file of a run directory, of a file, or of a pretrained name.

    Raises `CheckpointError` for what is none of them.
    """
    path = Path(run)
    if path.is_file():
        return path
    if (path / "model.safetensors").is_file():
        return path / "model.safetensors"
    if run in list_pretrained():
        return path_of(run)
    raise CheckpointError(
        f"{run} is neither a weight file nor a run directory with a model.safetensors in it, nor "
        f"a pretrained name ({', '.join(list_pretrained()) or 'there are none'})."
    )


def results_folder(out: str | None, weights: Path, name: str) -> Path:
    """Where what is made of a run goes, such as its figures; nothing is written yet.

    A folder that was given, or else `name` beside the run's weights. Those that come with the zoo
    lie among its code, which is no place for that: their folder is under runs/ in the current one.

    Raises `OutputError` for a given folder with something in it, or a place without permission.
    """
    if out is not None:
        check_free(Path(out))
        return Path(out)
    with_the_zoo = weights.resolve().parent == PRETRAINED.resolve()
    folder = (Path("runs") / weights.stem if with_the_zoo else weights.parent) / name
    check_writable(folder)
    return folder


def begin_run(folder: Path, run: Run, again: bool) -> None:
    """Write down what a run is, before its first step, and the command that started it.

    `again` is a run that has all its steps: nothing is left to do by this command.
    """
    text = json_text(run.config, indent=2) + "\n"
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
        "device": f"{device_words()}, Python {platform.python_version()}",
    }
    held_out = "" if run.data.held_out else " (no part is held out: these are the training points)"
    lines = [f"# {config['model']} on {config['dataset']}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    lines += ["", f"## Test split{held_out}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_short(value)} |" for name, value in metrics.items()]
    lines += ["", "## Made by", "", "```", commands, "```", "", "## Configuration", ""]
    shown = {name: value for name, value in config.items() if name != "preprocessing"}
    lines += ["```json", json_text(shown, indent=2), "```", ""]
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
