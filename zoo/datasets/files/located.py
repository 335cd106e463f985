"""Where a file of a user's own lies now, if he is in another folder than when he trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...registry import DATASETS
from ...schema import file_options


def located(name: str, options: Mapping[str, Any], beside: Path | None) -> dict[str, Any]:
    """The options of a data set, with the files that they name looked for beside a run.

    A relative path is taken from the current folder. Where there is no such file it is taken from
    `beside`, the run's folder, and then from each folder above that, the nearest first.

    Raises `DataError` for a file that is nowhere; without `beside` nothing is looked for.
    """
    found = dict(options)
    for option in file_options(DATASETS[name].builder):
        path = found.get(option)
        if beside is None or not path or _is_there(path):
            continue
        folder = beside.resolve()
        places = (each / path for each in (folder, *folder.parents))
        there = next((place for place in places if place.exists()), None)
        if there is None:
            raise DataError(
                f"There is no file {path}, neither in this folder nor beside the run in {beside}: "
                f"say where it is with --dataset.{option} FILE."
            )
        found[option] = str(there)
    return found


def _is_there(path: str) -> bool:
    """Whether something is at a path. What can be no path is left to the words of who opens it."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return True
