"""Models and settings compared on validation images: 5,000 of the 60,000 that train in the end.

python -m images.choose                        all candidates, from `scripts/maintain/`; goes on
                                               where it was stopped
python -m images.choose --settings plain flip  with other settings of the training
"""

import argparse
import dataclasses
import itertools
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from json_lines import Row, append_line, read_lines

from zoo import Dataset, load_dataset
from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning

from .pixel_contenders import CANDIDATES
from .store import FOLDER
from .trained import trained
from .trial import TRAINING, fresh_model

CHOICES = FOLDER / "choices.jsonl"
KEY = ("contender", "settings", "images", "epochs", "seed")


def _kinetic(weight: float) -> Mapping[str, Any]:
    return {**TRAINING, "regulariser": "kinetic", "regulariser_options": {"weight": weight}}


SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "plain": TRAINING,
    "lr 1e-3": {**TRAINING, "lr": 1e-3},
    "lr 1e-2": {**TRAINING, "lr": 1e-2},
    "no decay": {**TRAINING, "weight_decay": 0.0},
    "decay 1": {**TRAINING, "weight_decay": 1.0},
    "flip": {**TRAINING, "flip": True},
    "ema 0.99": {**TRAINING, "ema": 0.99},
    "kinetic 1e-3": _kinetic(1e-3),
    "kinetic 1e-4": _kinetic(1e-4),
}
"""Training options by their name in the table: `plain` are those of the study."""
_SPLIT = f"{500 / 6:.12f}/{50 / 6:.12f}/{50 / 6:.12f}"  # 5,000 for validation


def held_out(images: int) -> Dataset:
    """So many of the training images, and 5,000 others in the place of the test images."""
    data = load_dataset("fashion_mnist", seed=0, split=_SPLIT)
    train = {name: values[:images] for name, values in data.train.items()}
    return dataclasses.replace(data, train=train, test=data.val)


def run(contender: str, settings: str, images: int, epochs: int, seed: int) -> Row:
    """A candidate trained with one of the `SETTINGS`, and its score on the validation images."""
    data = held_out(images)
    model = fresh_model(CANDIDATES[contender], data, seed)
    name = f"{contender}, {settings}"
    return trained(model, data, name, epochs=epochs, seed=seed, training=SETTINGS[settings])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", nargs="+", choices=tuple(CANDIDATES), default=list(CANDIDATES))
    parser.add_argument("--settings", nargs="+", choices=tuple(SETTINGS), default=["plain"])
    parser.add_argument("--images", type=int, default=10_000, help="55,000 at most")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--store", type=Path, default=CHOICES, help="where runs are kept")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    seeds = range(given.seeds)
    cells = itertools.product(given.names, given.settings, [given.images], [given.epochs], seeds)
    done = read_lines(given.store, KEY)
    for cell in cells:
        if cell not in done:
            append_line(given.store, dict(zip(KEY, cell, strict=True)) | run(*cell))


if __name__ == "__main__":
    main()
