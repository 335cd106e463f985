"""`zoo sample`: draws from a density, views of it, and the files that hold them."""

from pathlib import Path

import numpy as np

import zoo
from zoo.checkpoint.reference import reference_in
from zoo.cli.drawn_files import drawn_file
from zoo.datasets.preparation import ImagePreparation
from zoo.evaluation.sweep import density_rows
from zoo.plots.draws import draws_figure
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .cases_predict import LEARNED, learned, trained
from .given import Typed, decay, model, moons, written

FLOW = "sample flow.safetensors"
WORDS = {"name": "kind", "position": 0, "categories": ["a", "b"], "fill": None}


def trained_flow(data: str = "moons") -> None:
    """The weight file of a small flow, not yet trained."""
    options = {"dynamics_options": {"width": 4}}
    chosen = {"path": data, "target": "none"} if data.endswith(".npz") else {}
    name = "npz" if chosen else data
    config = RunConfig(model="cnf", dataset=name, model_options=options, dataset_options=chosen)
    run = prepare(config)
    zoo.save("flow.safetensors", run.model, run.config.to_json())


def trained_on_cubes() -> None:
    """The weight file of a flow of three numbers."""
    np.savez("cubes.npz", x=np.random.default_rng(0).normal(size=(30, 3)))
    trained_flow("cubes.npz")


def cnf():
    """A flow of two numbers."""
    return zoo.models.densities.CNF((decay,), (2,))


CASES = {
    "Draws without the inputs that they are given": Typed(
        "sample model.safetensors --output out.csv", trained
    ),
    "A density with inputs": Typed(
        f"{FLOW} --input new.csv --output out.csv", lambda: (trained_flow(), written("new.csv", ""))
    ),
    "Draws in a file of no known kind": Typed(f"{FLOW} --output out.txt", trained_flow),
    "Draws of three numbers as a picture": Typed(f"{FLOW} --output out.png", trained_on_cubes),
    "Draws of images as a table": lambda: drawn_file(Path("out.csv")).check(
        Path("out.csv"), (2, 2, 1), ImagePreparation(in_size=4, in_shape=(2, 2, 1))
    ),
    "Draws of words as a table": lambda: learned(
        **LEARNED, columns={"width": 1, "header": True, "missing": "refuse", "columns": [WORDS]}
    ).input_columns("out.csv"),
    "A picture of draws that all failed": lambda: draws_figure(np.full((3, 2), np.nan)),
    "A class that the data do not have": Typed(
        f"{FLOW} --label purple --output out.csv", trained_flow
    ),
    "A class of a density of all classes": Typed(
        f"{FLOW} --label 1 --output out.csv", trained_flow
    ),
    "Guidance to no class": Typed(f"{FLOW} --guidance 2 --output out.csv", trained_flow),
    "A stochastic equation without a score": lambda: cnf().stochastic(),
    "A class of a model of no density": Typed(
        "sample model.safetensors --label 1 --output out.csv", trained
    ),
    "A sweep of draws of no density": lambda: next(density_rows(model(), moons())),
    "A reference that is no mapping": lambda: reference_in({"reference": [1.0]}, "a file"),
    "A reference with a number that is none": lambda: reference_in(
        {"reference": {"log_prob": [0.5, None]}}, "a file"
    ),
}
