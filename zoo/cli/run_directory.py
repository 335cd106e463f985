"""What a training run leaves behind: configuration, metrics, weights, a card and figures."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..checkpoint import save, write_atomically
from ..errors import CheckpointError
from ..pretrained import list_pretrained, path_of
from ..run import Run
from ..train import Result
from ..train.layout import is_run
from .card import card
from .invocation import typed
from .seeds import seed_folders


def fresh_directory(config: Mapping[str, Any]) -> Path:
    """A folder under runs/ that does not exist yet, named after the run in letters for any disk."""
    name = config.get("recipe") or f"{config['model']}-{config['dataset']}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    numbers = (n for n in range(1, 1_000_000))
    return next(p for n in numbers if not (p := Path("runs") / f"{name}-{n}").exists())


def find_weights(run: str) -> Path:
    """The weight file of a run directory, of a file, or of a pretrained name.

    Raises `CheckpointError` for what is none of them, or has no weights yet.
    """
    path = Path(run)
    if path.is_file():
        return path
    weights = path / "model.safetensors"
    if weights.exists():
        return weights  # whoever reads it refuses a folder of that name
    if run in list_pretrained():
        return path_of(run)
    if is_run(path):
        raise CheckpointError(
            f"The run in {run} has not ended and has no weights yet: finish it with\n  zoo train "
            f"--resume --out {run}"
        )
    if several := seed_folders(path):
        raise CheckpointError(
            f"{run} holds several runs: name one of "
            f"{', '.join(str(each) for each in several.values())}."
        )
    raise CheckpointError(
        f"{run} is neither a weight file nor a run directory with a model.safetensors in it, nor "
        f"a pretrained name ({', '.join(list_pretrained()) or 'there are none'})."
    )


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
    configuration and its last step has all of them, see `holds_results`.
    """
    config, weights, page = (folder / n for n in ("config.json", "model.safetensors", "card.md"))
    save(weights, result.model, run.config)
    figures = draw()
    _write_config(config, run)
    commands = folder / "commands.txt"
    made_by = commands.read_text(errors="replace").rstrip() if commands.is_file() else typed()
    names = [path.relative_to(folder).as_posix() for path in figures]
    text = card(run, result, metrics, made_by, names)
    write_atomically(page, text.encode())
    return [config, folder / "metrics.jsonl", weights, *figures, page]


def _write_config(path: Path, run: Run) -> None:
    text = (json.dumps(run.config, indent=2) + "\n").encode()
    if not path.is_file() or path.read_bytes() != text:
        write_atomically(path, text)
