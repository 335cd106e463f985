"""Where a file of a user's own lies now, if he is in another folder than when he trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..registry import DATASETS
from ..schema import file_options


def located(name: str, options: Mapping[str, Any], beside: Path | None) -> dict[str, Any]:
    """The options of a data set, with the files that they name looked for beside a run.

    A relative path is taken from the current folder. Where there is no such file it is taken from
    `beside`, the run's folder, and then from each folder above that, the nearest first. What is
    found nowhere stays as it is.
    """
    found = dict(options)
    for option in file_options(DATASETS[name].builder):
        path = found.get(option)
        if beside is None or not path or Path(path).exists():
            continue
        folder = beside.resolve()
        places = (each / path for each in (folder, *folder.parents))
        found[option] = next((str(each) for each in places if each.is_file()), path)
    return found
