"""One run of the study: a recipe with so many points dropped, scored on test series."""

import dataclasses
import time
import warnings
from importlib.metadata import version

import jax
from json_lines import Row

from zoo import count_parameters
from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning
from zoo.runs.config import recipe_config
from zoo.runs.prepare import carry_out, precision_of, prepare

from .store import Trial

_LEFT_OUT = ("split", "task", "recall")
"""Of what an evaluation tells: what is the same in all runs, or long."""


def run(trial: Trial) -> tuple[Trial, Row]:
    """Train and score a recipe; the validation split chooses the weights, as in any run."""
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    config = recipe_config(trial.recipe)
    options = {**config.dataset_options, **({"drop": trial.drop} if trial.drop else {})}
    config = dataclasses.replace(config, dataset_options=options, seed=trial.seed)
    with precision_of(config):
        made = prepare(config)
        began = time.perf_counter()
        result, metrics = carry_out(made)
    seconds = time.perf_counter() - began
    found = {name: value for name, value in metrics.items() if name not in _LEFT_OUT}
    print(f"{trial}: {seconds:.0f} s, {found}", flush=True)
    return trial, {
        **found,
        "parameters": count_parameters(result.model),
        "seconds": round(seconds, 1),
        "device": jax.devices()[0].device_kind,
        "versions": {name: version(name) for name in ("jax", "equinox", "diffrax", "optax")},
    }
