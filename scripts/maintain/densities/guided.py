"""Whether digits that are drawn of a class are read as that class by a net of the zoo."""

import jax
import numpy as np
from json_lines import Row

import zoo
from zoo.models.densities import AbstractDensity

FLOW, READER = "digits-flow-classes", "digits-conv"
"""Pretrained weights: what draws, and what reads."""
EACH = 100
"""Draws of a class."""
CASES = ("1", "2", "3")
"""The guidance."""


def measure(case: str, seed: int) -> Row:
    """The share of draws, 100 of each class, that the reader's likeliest class is right of."""
    flow, reader = zoo.load(FLOW), zoo.load(READER)
    assert isinstance(flow, AbstractDensity), FLOW
    data = zoo.load_dataset("digits", images=True)
    right = []
    for label in range(10):
        key = jax.random.fold_in(jax.random.key(seed), label)
        one = flow.of_class(label, guidance=float(case))
        draws = zoo.sample(one, None, EACH, key=key, data=data)
        levels = np.clip(np.round(draws * 16) / 16, 0, 1).reshape(EACH, 8, 8, 1)
        found = zoo.predict(reader, levels, data=data)
        right.append(float((np.asarray(found).argmax(axis=-1) == label).mean()))
    return {"right": float(np.mean(right)), "by class": right}
