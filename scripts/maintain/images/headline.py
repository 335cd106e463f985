"""The headline models on all of Fashion-MNIST, five epochs from one seed; goes on where it stopped.

python -m images.headline                      from `scripts/maintain/`, one model after another
python -m images.headline --names "U-Net"      one of them
"""

import argparse
from pathlib import Path

from .choose import SETTINGS
from .pixel_contenders import PIXEL_CONTENDERS
from .store import FOLDER, Trial, append, read
from .trial import run

RUNS = FOLDER / "headline.jsonl"
CHECKPOINTS = FOLDER.parents[2] / "runs" / "headline"
CHOSEN = {"U-Net": "kinetic 1e-4", "ODE-Net": "kinetic 1e-4"}
"""The settings of `choose` with which a model trains; `plain` where it is not named here."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = tuple(PIXEL_CONTENDERS)
    parser.add_argument("--names", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--train-images", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--test-images", type=int, default=10_000)
    parser.add_argument("--store", type=Path, default=RUNS, help="where finished runs are kept")
    parser.add_argument("--checkpoints", type=Path, default=CHECKPOINTS, help="and those under way")
    given = parser.parse_args()
    for name in given.names:
        size = (given.train_images, given.epochs, given.test_images)
        trial = Trial("fashion_mnist", name, *size, seed=0)
        if trial not in read(given.store):
            training = SETTINGS[CHOSEN.get(name, "plain")]
            _, row = run(trial, PIXEL_CONTENDERS, training, given.checkpoints)
            append(given.store, trial, row)


if __name__ == "__main__":
    main()
