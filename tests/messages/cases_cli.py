"""The command line: `zoo train`, `evaluate`, `plot`, `sweep`, and what is typed wrongly."""

import json
import shutil
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

import zoo
from zoo.checkpoint import read, write
from zoo.cli.ending import check_text
from zoo.cli.evaluate import check_any_solved
from zoo.runs.config import RunConfig
from zoo.runs.devices import check_devices
from zoo.runs.prepare import prepare
from zoo.schema import resolve
from zoo.train.options import training_options

from ..files import signed
from .given import Case, Typed, model, where, written

NEW = "train --model odenet --dataset moons"
FULL = OSError(28, "No space left on device")


def no_platform(*_: object) -> None:
    """What JAX does where there is no such platform."""
    raise AssertionError


class State(NamedTuple):
    """What is read of a checkpoint to see how far a run is."""

    step: np.ndarray
    skipped: np.ndarray
    best_step: np.ndarray


def run(**changes) -> None:
    """The folder of a run, as train leaves it, with something of its configuration changed."""
    prepared = prepare(RunConfig(model="mlp", dataset="moons"))
    config = prepared.config.to_json() | changes
    zoo.save("run/model.safetensors", prepared.model, config)
    written("run/config.json", json.dumps(config))


def rewritten(**changes) -> None:
    """The folder of a run whose `config.json` alone says something else."""
    run()
    config = json.loads(Path("run/config.json").read_text())
    written("run/config.json", json.dumps(config | changes))


def of_module() -> None:
    """The weights of a model whose builder is in a module."""
    run()
    header, _ = read("run/model.safetensors")
    config = header["config"] | {"model": "mymodule:net", "use": ["mymodule"]}
    written("run/model.safetensors", signed({}, {"config": config, "leaves": {}}))


def under_way(settings=MappingProxyType({}), **training) -> None:
    """A run that was stopped after 30 steps."""
    run(training=resolve(training_options, training))
    state = State(step=np.array(30), skipped=np.array(0), best_step=np.array(10))
    write("run/checkpoints/step-000000030.safetensors", state, "state", settings)


def stray() -> None:
    """Weights where the checkpoints are."""
    shutil.copy("run/model.safetensors", "run/checkpoints/step-000000040.safetensors")


def several(make: Case) -> None:
    """The folder of two runs, of which one has begun."""
    make()
    shutil.move("run", "runs/seed-0")
    Path("runs/seed-1").mkdir()


CASES = {
    "A command misspelt": Typed("trian"),
    "A platform that is not there": where(
        "zoo.runs.devices._asked", lambda: "cuda", where("jax.devices", no_platform, check_devices)
    ),
    "Standard output that is full": Typed("list", fails=("zoo.cli.listing._table", FULL)),
    "A name that is too long for a disk": Typed(f"{NEW} --out {'a' * 300}"),
    "Memory that does not suffice": Typed(
        "list", fails=("zoo.cli.listing._table", MemoryError("Unable to allocate 8.00 GiB"))
    ),
    "A model that no memory holds": Typed("train --model mlp --dataset moons --model.width 999999"),
    "An argument that is no text": lambda: check_text(["a\0b"]),
    "An option without any of its values": Typed("sweep run --kinds"),
    "Memory to plan for without a plan": Typed(f"{NEW} --memory 8"),
    "A seed out of range": Typed(f"{NEW} --seed -1"),
    "No seeds": Typed(f"{NEW} --seeds 0"),
    "A place for runs that is a file": Typed(NEW, lambda: written("runs", "")),
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
    "A run of which no example can be solved": lambda: check_any_solved({"n": 200, "failed": 200}),
    "A run on data of other sizes": Typed("evaluate run", lambda: run(dataset="cubic")),
    "A run that needs a module": Typed("evaluate run", of_module),
    "Data that need a module": Typed(
        "evaluate run", lambda: run(dataset="mymodule:wave", use=["mymodule"])
    ),
    "A number that is none": Typed(f"{NEW} --steps ten"),
    "A number of too many digits": Typed(f"{NEW} --model.augment 99999999999999999999"),
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
    "A run of a configuration that cannot be read": Typed(
        "train --resume --out run", lambda: written("run/config.json", '{"model": "mlp",')
    ),
    "A run whose configuration is a list": Typed(
        "train --resume --out run", lambda: written("run/config.json", "[]")
    ),
    "A run whose steps are a text": Typed(
        "train --resume --out run", lambda: rewritten(training={"steps": "many"})
    ),
    "A run whose seed is within its data too": Typed(
        "train --resume --out run", lambda: rewritten(dataset_options={"seed": 1})
    ),
    "A run of a task that its model does not have": Typed(
        "train --resume --out run", lambda: rewritten(task="forecasting")
    ),
    "A run of a model that is gone": Typed(
        "train --resume --out run", lambda: rewritten(model="mpl")
    ),
    "A run that says nothing of its options": Typed(
        "train --resume --out run", lambda: rewritten(options=[])
    ),
    "A run without its configuration, with checkpoints": Typed(
        "train --resume --out run", lambda: (under_way(), Path("run/config.json").unlink())
    ),
    "A run with a folder in the place of a file": Typed(
        "train --resume --out run", lambda: (run(), Path("run/metrics.jsonl").mkdir())
    ),
    "A run with a file in the place of a folder": Typed(
        "train --resume --out run", lambda: (run(), written("run/figures", ""))
    ),
    "A folder of another program to resume": Typed(
        f"{NEW} --resume --out run", lambda: written("run/metrics.jsonl", "mine")
    ),
    "Weights among the checkpoints": Typed(
        "train --resume --out run --steps 2000", lambda: (under_way(), stray())
    ),
    "One run to resume as several": Typed("train --resume --seeds 2 --out run", under_way),
    "Several runs to resume as one": Typed(
        "train --resume --seed 1 --out runs", lambda: several(under_way)
    ),
    "Several runs to evaluate": Typed("evaluate runs", lambda: several(under_way)),
    "Several runs in a file": Typed(
        "train --model mlp --dataset moons --seeds 2 --resume --out notes",
        lambda: written("notes", ""),
    ),
    "A run that has not ended": Typed(
        "evaluate run", lambda: (under_way(), Path("run/model.safetensors").unlink())
    ),
    "A file for data that read none": Typed("evaluate run --dataset.path new.csv", run),
    "A run whose data are gone": Typed(
        "evaluate run",
        lambda: run(dataset="csv", dataset_options={"path": "homes.csv"}),
    ),
    "A rate for no step": Typed("train --resume --out run --lr 0.1", lambda: under_way(steps=30)),
    "More steps of a run without patience": Typed(
        "train --resume --out run --steps 2000",
        lambda: under_way({"patience": 2, "eval_every": 10}),
    ),
    "A choice of schedule where nothing changes": Typed(
        "train --resume --out run --resume-schedule keep", under_way
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
