"""Data sets by name."""

import dataclasses
from typing import Any

from ..registry import DATASETS
from ..schema import Seed, options_of, resolve
from .base import Dataset, make_dataset


def load_dataset(
    name: str,
    *,
    seed: Seed = 0,
    split: str = "60/20/20",
    standardise: bool | None = None,
    **options: Any,
) -> Dataset:
    """A registered data set, split and, where it is to be, standardised.

    Args:
        name: one of `zoo.list_datasets()`
        seed: decides the split, and the points where they are drawn
        split: percentages of train/val/test, or all (every point in each of the three)
        standardise: whether features and regression targets get mean 0 and deviation 1; as the
            data set says where not given: yes, but for motions and fields in units of their law
        **options: the data set's own, such as `n=1000`

    Raises `UnknownNameError` for a name that is not registered and `ConfigError` for an option
    that the data set does not have or that is out of range.
    """
    builder = DATASETS[name].builder
    own = {"seed": seed, "split": split, "standardise": standardise}
    resolve(load_dataset, own, "dataset.")
    drawn = {"seed": seed} if "seed" in options_of(builder) else {}
    given = resolve(builder, {**options, **drawn}, "dataset.")
    dataset = make_dataset(
        builder(**given), name=name, seed=seed, split=split, standardise=standardise
    )
    return dataclasses.replace(dataset, options={**dataset.options, **given})
