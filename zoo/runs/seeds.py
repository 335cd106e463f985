"""Several runs in one folder, one for each seed: which there are, and which are to be."""

import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConfigError, OutputError
from ..train.folder.layout import is_run

_NAME = re.compile(r"seed-(-?\d+)")


def seed_folders(folder: Path) -> dict[int, Path]:
    """The runs of `train --seeds` in a folder, by seed; none where it is another folder.

    A run that has not begun has its folder already, so that it is known how many are to be.
    """
    if is_run(folder):
        return {}
    named = {path: _NAME.fullmatch(path.name) for path in folder.glob("seed-*") if path.is_dir()}
    found = {int(name[1]): path for path, name in named.items() if name is not None}
    runs = {seed: path for seed, path in found.items() if is_run(path) or not any(path.iterdir())}
    return dict(sorted(runs.items())) if any(map(is_run, runs.values())) else {}


def begun(folder: Path) -> Path:
    """The run in a folder, or the first of several that has begun: whose configuration it is."""
    return next((path for path in seed_folders(folder).values() if is_run(path)), folder)


def planned(
    folder: Path, first: int | None, count: int, default: int, *, resume: bool
) -> dict[int, Path]:
    """The seeds to run and the folder of each: `count` from `first` on, and to resume, those that
    are there.

    `first` is the seed that was asked for and `default` that of the configuration.

    Raises `ConfigError` where one run is to go on as several, or several as one.
    """
    there = seed_folders(folder) if resume else {}
    if there and count <= 1:
        if first is not None:
            raise ConfigError(
                f"{folder} holds the runs of the seeds {', '.join(map(str, there))}, and --resume "
                f"goes on with all of them: leave out --seed, or name one with --out "
                f"{next(iter(there.values()))}."
            )
        return there
    first = default if first is None else first
    if count <= 1:
        return {first: folder}
    if resume and is_run(folder):
        raise ConfigError(
            f"{folder} is one run, and --resume goes on with it: leave out --seeds, or choose "
            "another --out for several runs."
        )
    asked = {seed: folder / f"seed-{seed}" for seed in range(first, first + count)}
    return dict(sorted((there | asked).items()))


def make_folders(runs: Mapping[int, Path]) -> None:
    """The folders of several runs, before the first begins. Raises `OutputError`."""
    try:
        for path in runs.values():
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be made: {error.strerror}.") from error
