"""What a net beside a law finds of the missing term, by what is known of the law's numbers."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from json_lines import Row

from zoo.datasets.series.generated.lotka_volterra import BIRTH, DEATH, EATEN, FED
from zoo.dynamics import HybridDynamics, lift
from zoo.runs.config import recipe_config
from zoo.runs.prepare import carry_out, prepare

RECIPE, SEEDS = "lotka-volterra-hybrid", 5
TRUE = (BIRTH, -DEATH)
CASES: Mapping[str, Mapping[str, Any]] = {
    "known": {},
    "fitted from the truth": {"learn_known": True},
    "fitted from 1 and 1/2": {"learn_known": True, "known_options": {"rates": [1.0, -0.5]}},
    "fitted from 0 and 0": {"learn_known": True, "known_options": {"rates": [0.0, 0.0]}},
}
"""Options of the dynamics that replace the recipe's."""


def measure(case: str, seed: int) -> Row:
    """Train the recipe otherwise; its rates, the net's share, and the net beside the true term.

    Of the states of the held-out paths: `correlation` over both entries of the term, `term error`
    and `field error` root mean squares over those of the true ones.
    """
    config = recipe_config(RECIPE)
    options = {**config.model_options["dynamics_options"], **CASES[case]}
    changed = {**config.model_options, "dynamics_options": options}
    run = prepare(replace(config, seed=seed, model_options=changed))
    used = time.process_time()
    result, told = carry_out(run)
    spent = time.process_time() - used
    field, ys = result.model.dynamics, run.data.test["x"].reshape(-1, 2)
    rates = np.asarray(lift(field.known)(0.0, jnp.ones((1, 2)), None))[0]
    return {
        "growth": float(rates[0]),
        "decay": float(-rates[1]),
        "net share": told["net_share"],
        "rmse": told["rmse_standardised"],
        **beside_the_truth(field, ys),
        "processor": round(spent, 1),
    }


def beside_the_truth(field: HybridDynamics, ys: Float[np.ndarray, "N 2"]) -> dict[str, float]:
    """How near a field's net is to the true term, and the whole field to the true one."""
    met = ys[:, 0] * ys[:, 1]
    true = np.stack([-EATEN * met, FED * met], axis=1)
    found, law = (np.asarray(lift(part)(0.0, jnp.asarray(ys), None)) for part in (field.net, field))
    whole = true + np.asarray(TRUE) * ys
    return {
        "correlation": float(np.corrcoef(found.ravel(), true.ravel())[0, 1]),
        "term error": float(np.linalg.norm(found - true) / np.linalg.norm(true)),
        "field error": float(np.linalg.norm(law - whole) / np.linalg.norm(whole)),
    }
