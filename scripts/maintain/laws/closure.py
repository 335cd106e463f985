"""Burgers' equation on the coarse grid by plain schemes, on the fields that a closure is tested on.

What the closure and the convolutional net reach is in the ledger.
"""

from collections.abc import Mapping
from dataclasses import replace

from json_lines import Row

from zoo.evaluation import evaluate
from zoo.runs.config import recipe_config
from zoo.runs.prepare import prepare

RECIPE, BASELINE, SEEDS = "burgers-closure", "burgers-conv", 3
CASES: Mapping[str, int] = {"differences of order 2": 2, "differences of order 4": 4}


def measure(case: str, seed: int) -> Row:
    """The error of rollouts of the recipe whose net is 0, with differences of an order."""
    config = recipe_config(RECIPE)
    options = {**config.model_options["dynamics_options"], "init_scale": 0.0, "order": CASES[case]}
    changed = {**config.model_options, "dynamics_options": options}
    run = prepare(replace(config, seed=seed, model_options=changed))
    told = evaluate(run.model, run.data, task=run.config.task)
    return {"rmse": told["rmse_standardised"], "nfe": told["nfe"]}
