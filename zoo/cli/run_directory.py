"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import itertools
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoint import json_text, read, save, write_atomically
from ..checkpoint.leaves import arrays_of
from ..errors import CheckpointError, OutputError
from ..parameters import count_parameters, own_solver
from ..pretrained import FOLDER as PRETRAINED
from ..pretrained import path_of
from ..run import Run, split_seed_of
from ..train import Result
from ..train.run_folder import check_free, check_writable
from .devices import device_words
from .invocation import typed

_LONGEST_NAME = 100
"""Letters; a disk takes 255 bytes, and a number follows."""
_DISTRIBUTIONS = ("jax", "equinox", "diffrax", "optax")
_UNWRITTEN = "Not all could be written:"
_FIGURE = re.compile(r"^!\[.*\]\((figures/[^)]+)\)$", re.MULTILINE)


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
    """The weight file of a run directory, of a file, or of a pretrained name; see `path_of`."""
    return path_of(run)


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


def begin_run(folder: Path, run: Run) -> None:
    """Write down what a run is, before its first step, and the command that started it."""
    _write_config(folder / "config.json", run)
    commands = folder / "commands.txt"
    known = commands.read_bytes() if commands.is_file() else b""
    line = typed(*(() if "--out" in typed().split() else ("--out", str(folder)))).encode() + b"\n"
    if not known.endswith(line):
        write_atomically(commands, known + line)


def write_run(
    folder: Path,
    run: Run,
    result: Result,
    metrics: Mapping[str, Any],
    draw: Callable[[], list[Path]] = list,
) -> list[Path]:
    """Write what a finished run has beside its log; the files. Raises `OutputError`.

    The card is the last, and names the figures that `draw` wrote: a run whose card tells its
    configuration and its last step has all of them, see `holds_results`. Where a figure cannot
    be written, the card says so, and the error comes after it.
    """
    config, weights, page = (folder / n for n in ("config.json", "model.safetensors", "card.md"))
    save(weights, result.model, run.config)
    figures, unwritten = _drawn(draw)
    _write_config(config, run)
    commands = folder / "commands.txt"
    made_by = commands.read_text(errors="replace").rstrip() if commands.is_file() else typed()
    names = [path.relative_to(folder).as_posix() for path in figures]
    text = card(run, result, metrics, made_by, names, unwritten)
    write_atomically(page, text.encode())
    if unwritten is not None:
        raise unwritten
    return [config, folder / "metrics.jsonl", weights, *figures, page]


def _drawn(draw: Callable[[], list[Path]]) -> tuple[list[Path], OutputError | None]:
    """The figures that were written, or why they were not: the card is not to wait for room."""
    try:
        return draw(), None
    except OutputError as error:
        return [], error


def _write_config(path: Path, run: Run) -> None:
    text = (json_text(run.config, indent=2) + "\n").encode()
    if not path.is_file() or path.read_bytes() != text:
        write_atomically(path, text)


def holds_results(folder: Path, config: Mapping[str, Any], result: Result) -> bool:
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
    return same and header["config"] == config and told and drawn


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
    solver = own_solver(result.model)
    compiled = f"{history.seconds[0][1]:.2f} s" if history.seconds else "not measured"
    speed = history.steps_per_second
    rows = {
        "parameters": f"{count_parameters(result.model):,}",
        "seed": config["seed"],
        "seed of the split": split_seed_of(config),
        "steps": _taken(result) if metrics else f"{_taken(result)}, diverged",
        "first step, compilation included": compiled,
        "step": f"{1000 / speed:.2f} ms" if speed else "not measured",
        "programs compiled": history.compilations,
        "peak memory": _megabytes(history.peak_memory),
        "solver": "none" if solver is None else _describe(solver),
        "versions": ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS),
        "device": f"{device_words()}, Python {platform.python_version()}",
    }
    held_out = "" if run.data.held_out else " (no part is held out: these are the training points)"
    lines = [f"# {config['model']} on {config['dataset']}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    lines += ["", f"## Test split{held_out}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_short(value)} |" for name, value in metrics.items()]
    if unwritten is not None:
        lines += ["", "## Figures", "", f"{_UNWRITTEN} {unwritten}"]
    if figures:
        lines += ["", "## Figures", "", *(f"![{Path(name).stem}]({name})" for name in figures)]
    lines += ["", "## Made by", "", "```", commands, "```", "", "## Configuration", ""]
    lines += ["```json", _shown(config), "```", ""]
    return "\n".join(lines)


def _taken(result: Result) -> str:
    """What the card says of the steps that its weights have taken."""
    return f"{int(result.state.step)} ({int(result.state.skipped)} skipped)"


def _shown(config: Mapping[str, Any]) -> str:
    """The card's text of a configuration."""
    shown = {name: value for name, value in config.items() if name != "preprocessing"}
    return json_text(shown, indent=2)


def _describe(solver: Any) -> str:
    resolved = solver.resolve()
    how = f"{type(resolved.method).__name__}, controller {resolved.controller}"
    if resolved.is_constant:
        step = f"{resolved.steps} steps" if resolved.steps else f"dt0 {resolved.dt0:g}"
        how += f", {step}"
    else:
        how += f", rtol {resolved.rtol:g}, atol {resolved.atol:g}"
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
