"""Rows of a table of which it is known which are odd."""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine

import zoo

TABLES = {"breast_cancer": load_breast_cancer, "wine": load_wine}
_USUAL = 1  # benign tumours, and the wines of the largest class
KINDS = ("other class", "permuted")
"""How outliers are planted, see `Planted`."""


@dataclass(frozen=True)
class Planted:
    """Usual rows, of which training sees some, and outliers [M, D] by how they are made.

    `other class` are all rows of the other classes, of which training sees none. `permuted` are the
    held-out usual rows with each column shuffled among them: every number is a usual one, and what
    is odd is that they stand together.
    """

    usual: zoo.Dataset
    """Split 60/20/20; the test split is what is held out."""
    outliers: dict[str, np.ndarray]

    def rows(self, split: str) -> np.ndarray:
        """Usual rows of a split, in their own units."""
        return self.usual.preprocessing.raw(self.usual.split(split)["x"].astype(np.float64))


def planted(table: str, seed: int) -> Planted:
    """Usual rows, split by a seed, and their outliers, which it permutes."""
    x, y = TABLES[table](return_X_y=True)
    raw = zoo.RawData({"x": x[y == _USUAL]}, ("density",))
    known = Planted(zoo.make_dataset(raw, name=table, seed=seed), {})
    permuted = np.random.default_rng(seed).permuted(known.rows("test"), axis=0)
    return Planted(known.usual, {"other class": x[y != _USUAL], "permuted": permuted})
