"""The command line: `zoo train`, `evaluate`, `plot`, `sweep`, and what is typed wrongly."""

import json
from typing import NamedTuple

import numpy as np

import zoo
from zoo.checkpoint import read, write
from zoo.run import prepare
from zoo.schema import resolve
from zoo.train.options import training_options

from ..files import signed
from .given import Typed, model, written

NEW = "train --model odenet --dataset moons"


class State(NamedTuple):
    """What is read of a checkpoint to see how far a run is."""

    step: np.ndarray
    skipped: np.ndarray


def run(**changes) -> None:
    """The folder of a run, as train leaves it, with something of its configuration changed."""
    prepared = prepare({"model": "mlp", "dataset": "moons"}, 0)
    config = prepared.config | changes
    zoo.save("run/model.safetensors", prepared.model, config)
    written("run/config.json", json.dumps(config))


def of_module() -> None:
    """The weights of a model whose builder is in a module."""
    run()
    header, _ = read("run/model.safetensors")
    config = header["config"] | {"model": "mymodule:net", "use": ["mymodule"]}
    written("run/model.safetensors", signed({}, {"config": config, "leaves": {}}))


def under_way(**training) -> None:
    """A run that was stopped after 30 steps."""
    run(training=resolve(training_options, training))
    state = State(step=np.array(30), skipped=np.array(0))
    write("run/checkpoints/step-30.safetensors", state, "state", {})


CASES = {
    "A command misspelt": Typed("trian"),
    "Nothing to train": Typed("train"),
    "A model misspelt": Typed("train --model odnet --dataset circles"),
    "A data set misspelt": Typed("train --model odenet --dataset cirles"),
    "A recipe misspelt": Typed("train --recipe cubic-odenett"),
    "Dynamics misspelt": Typed(f"{NEW} --model.dynamics mpl"),
    "An option misspelt": Typed(f"{NEW} --model.agument 1"),
    "A folder without a name": Typed(f"{NEW} --out="),
    "An option like no other": Typed(f"{NEW} --qqqqqqq 1"),
    "An option of the solver for a model without one": Typed(
        "train --model mlp --dataset moons --solver.rtol 1e-3"
    ),
    "An option without its value": Typed("train --dataset moons --model"),
    "An option out of range": Typed(f"{NEW} --solver.rtol 2"),
    "An option that is missing": Typed("train --model mlp --dataset csv"),
    "Equal steps of no size": Typed(f"{NEW} --solver.method Euler"),
    "A batch larger than the data": Typed(f"{NEW} --batch-size 9999"),
    "A pair without the task": Typed(f"{NEW} --task density"),
    "A module without a name": Typed(f"{NEW} --use"),
    "A module that is not there": Typed("train --model mymodule:net --dataset moons"),
    "A folder that is taken": Typed(f"{NEW} --out run", run),
    "A run that is not there": Typed("evaluate runs/none"),
    "A file that was not written by train": Typed(
        "evaluate m.safetensors", lambda: zoo.save("m.safetensors", model())
    ),
    "A run on data of other sizes": Typed("evaluate run", lambda: run(dataset="cubic")),
    "A run that needs a module": Typed("evaluate run", of_module),
    "Data that need a module": Typed(
        "evaluate run", lambda: run(dataset="mymodule:wave", use=["mymodule"])
    ),
    "A number that is none": Typed(f"{NEW} --steps ten"),
    "A choice that there is not": Typed("evaluate run --split valid", run),
    "An option that must be given": Typed("predict run --input new.csv"),
    "A sweep of a model without an ODE": Typed("sweep run --kinds tolerance", run),
    "A figure in a folder that is taken": Typed("plot run --out run", run),
    "Weights to start from that are not there": Typed(f"{NEW} --from runs/none"),
    "A choice of schedule without a run": Typed(f"{NEW} --resume-schedule keep"),
    "A run to resume without its folder": Typed(f"{NEW} --resume"),
    "A run without its configuration": Typed(
        "train --resume --out run", lambda: written("run/config.json", "{}")
    ),
    "A run to resume that needs a module": Typed(
        "train --resume --out run", lambda: run(dataset="mymodule:wave", use=["mymodule"])
    ),
    "A run to resume as another": Typed("train --resume --out run --model.width 8", run),
    "Fewer steps than were taken": Typed("train --resume --out run --steps 20", under_way),
    "More steps of a schedule": Typed(
        "train --resume --out run --steps 2000", lambda: under_way(schedule="cosine")
    ),
    "A rate that a schedule would ignore": Typed(
        "train --resume --out run --lr 0.1 --resume-schedule keep", under_way
    ),
}
