"""What a recipe is: a tuned run as data, with the result that it should give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Init = Literal["default", "standard-normal"]


@dataclass(frozen=True)
class Recipe:
    """A model, a data set and settings, by name, and what a source or we measured with them.

    `train.py --recipe NAME` runs it; every option given beside it replaces the recipe's. The
    docstring of the function that registers a recipe says where it comes from.
    """

    model: str
    dataset: str
    model_options: Mapping[str, Any] = field(default_factory=dict)
    dataset_options: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    init: Init = "default"
    seeds: int = 5
    """Over how many seeds, from 0, the published figure goes."""
    metric: str = "loss"
    """Which figure of the test split is compared."""
    published: tuple[float, ...] = ()
    """The source's figures, by seed or as one mean."""
    x64: bool = False
    """Whether it runs with JAX's 64 bits."""
