"""Where weights are: a file, the folder of a run, or a name that comes with the zoo."""

import fnmatch
import os
import shlex
from pathlib import Path

from ..checkpoint.regular import words_of
from ..errors import CheckpointError, UnknownNameError
from ..registry import unknown

FOLDER = Path(__file__).parent
_WEIGHTS = "model.safetensors"


def list_pretrained(pattern: str = "*") -> list[str]:
    """The names of the weights that come with the zoo, sorted, that match an `fnmatch` pattern."""
    return sorted(fnmatch.filter((p.stem for p in FOLDER.glob("*.safetensors")), pattern))


def path_of(name: str | os.PathLike[str]) -> Path:
    """The weight file of a path, of the folder of a run, or of a name in `list_pretrained()`.

    What is there on disk goes before a name. Everything that takes weights asks here.

    Raises `CheckpointError` for a path at which there is nothing or a folder without weights, and
    `UnknownNameError`, with the closest name, for what can only be a name.
    """
    path, words = Path(name), os.fspath(name)
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:  # such as a name that is too long for a disk
        raise CheckpointError(f"{words[:100]!r} is no path: {words_of(error)}.") from error
    if is_folder:
        weights = path / _WEIGHTS
        if weights.exists():
            return weights  # whoever reads it refuses a folder of that name
        if words not in list_pretrained() or _is_run(path):
            raise CheckpointError(_without_weights(path))
    elif is_there:
        return path
    elif path.suffix or path.name != words:
        raise CheckpointError(
            f"There is no weight file at {path}: expected one, the folder of a run, or one of the "
            "pretrained names that zoo list prints."
        )
    if words not in list_pretrained():
        here = sorted(p.name for p in Path().iterdir() if p.is_dir() and _is_run(p))
        raise UnknownNameError(
            unknown("run, weight file or pretrained model", words, [*here, *list_pretrained()])
        )
    return FOLDER / f"{words}.safetensors"


def _is_run(folder: Path) -> bool:
    """Whether `train` has made a folder, finished or not."""
    return any((folder / name).exists() for name in (_WEIGHTS, "config.json", "checkpoints"))


def _without_weights(folder: Path) -> str:
    """What a folder is in the place of a weight file, and the way out."""
    if _is_run(folder):
        return (
            f"{folder} is a run without a {_WEIGHTS} yet: it was stopped, or trains still. Let it "
            f"finish:\n  zoo train --resume --out {shlex.quote(str(folder))}"
        )
    runs = sorted(p for p in folder.iterdir() if (p / _WEIGHTS).is_file())
    if runs:
        names = " or ".join(str(run) for run in runs[:3])
        return f"{folder} holds runs and no {_WEIGHTS} of its own: expected one of them, {names}."
    return f"{folder} is a folder without a {_WEIGHTS}: expected a weight file or a run's folder."
