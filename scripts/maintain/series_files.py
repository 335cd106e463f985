"""Make the files of real series that come with the package from the originals.

`python scripts/maintain/series_files.py WHEELS` reads the folder WHEELS, into which

    pip download --no-deps --dest WHEELS aeon==1.6.0 statsmodels==0.15.0

puts two wheels, writes zoo/datasets/series/real/files/, and prints the sha256 of each file for
SOURCES.md there. The pelts are in this file: they were read off a book.
"""

import argparse
import csv
import hashlib
import zipfile
from pathlib import Path

import numpy as np

from zoo.datasets.series.real.shipped import FOLDER, packed

LABELLED = {"japanese_vowels.npz": "JapaneseVowels", "basic_motions.npz": "BasicMotions"}
COPIED = {"co2.csv": "co2/co2.csv", "sunspots.csv": "sunspots/sunspots.csv"}
PELTS = {
    "lynx": "4.0 6.1 9.8 35.2 59.4 41.7 19.0 13.0 8.3 9.1 7.4 8.0 12.3 19.5 45.7 51.1 29.7 15.8 "
    "9.7 10.1 8.6",
    "hare": "30.0 47.2 70.2 77.4 36.3 20.6 18.1 21.4 22.0 25.4 27.1 40.3 57.0 76.6 52.3 19.5 11.2 "
    "7.6 14.6 16.2 24.7",
}


def read_ts(text: str) -> tuple[list[np.ndarray], list[str]]:
    """The series [T, D] and labels of a .ts file: channels, then the label, between colons."""
    series, labels = [], []
    for line in text.splitlines():
        if not line.strip() or line[0] in "#@":
            continue
        *channels, label = line.strip().split(":")
        series.append(np.array([each.split(",") for each in channels], float).T)
        labels.append(label)
    return series, labels


def labelled(wheel: zipfile.ZipFile, name: str) -> dict[str, np.ndarray]:
    """The arrays of the file of an archive's set: all series in a row, those for training first."""
    parts = []
    for part in ("TRAIN", "TEST"):
        path = f"aeon/datasets/data/{name}/{name}_{part}.ts"
        parts.append(read_ts(wheel.read(path).decode()))
    (train, first), (test, then) = parts
    labels = [*first, *then]
    return {
        "planes": packed(np.concatenate([*train, *test]).T),
        "lengths": np.array([len(each) for each in [*train, *test]], np.uint8),
        "labels": np.array(labels, np.uint8 if labels[0].isdigit() else str),
        "train": np.array(len(train)),
    }


def write(wheels: Path) -> None:
    """Write every file."""
    with zipfile.ZipFile(next(wheels.glob("aeon-*.whl"))) as wheel:
        for file, name in LABELLED.items():
            np.savez_compressed(FOLDER / file, **labelled(wheel, name))
    with zipfile.ZipFile(next(wheels.glob("statsmodels-*.whl"))) as wheel:
        for file, path in COPIED.items():
            (FOLDER / file).write_bytes(wheel.read(f"statsmodels/datasets/{path}"))
    columns = {name: cells.split() for name, cells in PELTS.items()}
    with (FOLDER / "pelts.csv").open("w", encoding="utf-8", newline="") as target:
        rows = csv.writer(target, lineterminator="\n")
        rows.writerow(["year", *columns])
        rows.writerows(zip(range(1900, 1921), *columns.values(), strict=True))


def main() -> None:
    """Write the files and print their sums."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheels", type=Path, help="folder of the two wheels")
    write(parser.parse_args().wheels)
    for path in sorted(FOLDER.glob("*.[nc]*")):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


if __name__ == "__main__":
    main()
