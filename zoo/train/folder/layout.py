"""What lies in a run's folder, by name: how a run is told from any other folder."""

import re
from pathlib import Path

from ...checkpoint.atomic import remove_leftovers
from ...errors import CheckpointError

FILES = (
    *("config.json", "commands.txt", "metrics.jsonl", "times.jsonl"),
    *("model.safetensors", "card.md"),
)
FOLDERS = ("checkpoints", "figures")
LOCK, OWNER = ".lock", ".pid"
"""In the folder of checkpoints: held while a run is written, and the number of who holds it."""

_CHECKPOINT = re.compile(r"step-(\d{9,})\.safetensors")


def checkpoint_path(run: Path, step: int) -> Path:
    """Where a run's checkpoint of a step is."""
    return run / "checkpoints" / f"step-{step:09d}.safetensors"


def checkpoint_step(path: Path) -> int | None:
    """The step in a checkpoint's name; None for a name that is none."""
    named = _CHECKPOINT.fullmatch(path.name)
    return None if named is None else int(named[1])


def checkpoints_in(run: Path) -> list[Path]:
    """What is named as a checkpoint in a run's folder, the newest first."""
    steps = {path: checkpoint_step(path) for path in (run / "checkpoints").glob("step-*")}
    found = {path: step for path, step in steps.items() if step is not None}
    return sorted(found, key=lambda path: found[path], reverse=True)


def is_run(folder: Path) -> bool:
    """Whether `zoo.fit` has begun a run in a folder, by marks that no other program leaves."""
    return (folder / "checkpoints" / LOCK).exists() or bool(checkpoints_in(folder))


def check_layout(folder: Path) -> None:
    """Raise `CheckpointError` where a folder stands in the place of a run's file, or a file in
    that of a folder."""
    held = folder / "checkpoints"
    files = [folder / name for name in FILES] + [held / LOCK, held / OWNER]
    for path in (*files, *checkpoints_in(folder)):
        if path.is_dir():
            raise CheckpointError(_misplaced(path, "a folder", "a file"))
    for path in (folder / name for name in FOLDERS):
        if path.exists() and not path.is_dir():
            raise CheckpointError(_misplaced(path, "a file", "a folder"))


def check_is_run(folder: Path) -> None:
    """Raise `CheckpointError` where there is neither a run nor room for one: what another program
    has in a folder is not to be overwritten."""
    if folder.exists() and not folder.is_dir():
        raise CheckpointError(f"{folder} is a file: expected the folder of a run, or a new one.")
    if folder.is_dir() and any(folder.iterdir()) and not is_run(folder):
        raise CheckpointError(
            f"{folder} has something in it and is no run's folder: no checkpoint in it can be "
            "resumed, and nothing was changed. Name the folder that train or zoo.fit wrote, or a "
            "new one."
        )


def remove_own_leftovers(run: Path) -> None:
    """Remove the temporary files that a program left which was killed while it wrote the run."""
    remove_leftovers(run, lambda name: name in FILES)
    remove_leftovers(run / "checkpoints", lambda name: _CHECKPOINT.fullmatch(name) is not None)


def _misplaced(path: Path, got: str, expected: str) -> str:
    return f"{path} is {got}: expected {expected} of a run there. Move it away."
