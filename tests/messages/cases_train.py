"""Training: its options, its runs and the folders that they are written to."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax

import zoo
from zoo.objectives.updates import as_update
from zoo.regularisers import kinetic
from zoo.schema import resolve
from zoo.train import RunFolder, read_log
from zoo.train.chunk import Plan
from zoo.train.folder.metrics_log import MetricsLog
from zoo.train.folder.settings import check_same
from zoo.train.lbfgs import LBFGSUpdate, last_phase
from zoo.train.loop import LoopOptions
from zoo.train.options import training_options

from .given import broken, decay, full, model, moons, never, ode, where, written

LOG = MetricsLog(Path())


def fit(net=None, data=None, **options):
    return zoo.fit(model() if net is None else net, data or moons(), **{"steps": 1} | options)


def locked():
    with RunFolder("run"), RunFolder("run", resume=True):
        pass


def infinite(model, batch, **_):
    ys, stats = model.forward(batch["x"])
    return jnp.full(len(ys), jnp.inf), zoo.Aux(stats)


def infinite_evaluation(model, batch, *, key, **_):
    ys, stats = model.forward(batch["x"])
    return jnp.full(len(ys), jnp.inf if key is None else 1.0), zoo.Aux(stats)


def mean(model, batch, **_):
    ys, stats = model.forward(batch["x"])
    return ys.mean(), zoo.Aux(stats)


def counts_of_nothing(model, batch, **_):
    ys, stats = model.forward(batch["x"])
    return ys.mean(axis=1), zoo.Aux(stats, {"mse": ys[:, 0]}, counts={"mae": ys[:, 0]})


def values_alone(model, batch, **_):
    return model.forward(batch["x"])[0]


def three_classes():
    raw = zoo.RawData({"x": np.ones((30, 2)), "y": np.arange(30) % 3}, ("classification",))
    return zoo.make_dataset(raw)


def three_axes():
    raw = zoo.RawData({"x": np.ones((30, 5, 2)), "y": np.arange(30) % 2}, ("classification",))
    return zoo.make_dataset(raw)


def fitted_by(update):
    return Plan(update, optax.sgd(0.1), None, None, 10)


CASES = {
    "No steps": lambda: fit(steps=0),
    "A batch larger than the data": lambda: fit(batch_size=37),
    "Checkpoints at no distance": lambda: fit(checkpoint_every=0),
    "Checkpoints without a folder": lambda: fit(checkpoint_every=5),
    "Patience without a validation split": lambda: fit(data=moons(split="all"), patience=1),
    "A schedule of tolerances for equal steps": lambda: fit(
        ode(decay, steps=2), tolerance=optax.constant_schedule(0.1)
    ),
    "Schedules of tolerances for more solvers than there are": lambda: fit(
        ode(decay), tolerance=(optax.constant_schedule(0.1), None)
    ),
    "A schedule of tolerances for no solver": lambda: training_options(
        rtol_start=0.1
    ).fit_arguments(None),
    "A regulariser of a model without an ODE": lambda: fit(regulariser=kinetic()),
    "Random end times of a model without an ODE": lambda: fit(random_end=0.1),
    "L-BFGS of a moving average": lambda: fit(lbfgs_steps=10, ema=0.9),
    "L-BFGS of a model that is not trained by one gradient": lambda: last_phase(
        model(), moons(), fitted_by(LBFGSUpdate(as_update(mean))), LoopOptions(1, 8, 1), 10
    ),
    "More steps than 32 bits can count": lambda: resolve(training_options, {"steps": 2**31}),
    "Weight decay that would be ignored": lambda: training_options(
        optimiser="adam", weight_decay=0.1
    ),
    "A warm-up that never ends": lambda: training_options(steps=100, warmup=100),
    "A loss that overflows": lambda: fit(loss=infinite, max_bad_steps=1),
    "Solves that fail": lambda: fit(
        model("odenet", solver={"max_steps": 1, "rtol": 1e-6}), max_bad_steps=1
    ),
    "A run whose every step was skipped": lambda: fit(loss=infinite, steps=3),
    "Patience without a best": lambda: fit(
        loss=infinite_evaluation, steps=9, eval_every=2, patience=3
    ),
    "Patience with nothing to compare": lambda: fit(steps=50, eval_every=50, patience=5),
    "A loss that is a mean": lambda: fit(loss=mean),
    "A loss without its Aux": lambda: fit(loss=values_alone),
    "Counts of no metric": lambda: fit(loss=counts_of_nothing),
    "Fewer outputs than classes": lambda: fit(data=three_classes()),
    "Arrays that a model was not written for": lambda: fit(
        model("odenet", dynamics="concat_squash"), three_axes()
    ),
    "Nothing to resume": lambda: fit(resume=True),
    "A folder with something in it": lambda: (written("run/notes.txt", "mine"), fit(out="run")),
    "A folder without permission": where("os.access", never, lambda: fit(out="run")),
    "A folder in a file": lambda: (written("notes", ""), fit(out="notes/run", resume=True)),
    "A new folder in a file": lambda: (written("notes", ""), fit(out="notes/run")),
    "A folder that another run is written to": locked,
    "A run of which only the log is left": lambda: (
        written("run/checkpoints/.lock", ""),
        written("run/metrics.jsonl", '{"split": "train", "step": 0}\n'),
        fit(out="run", resume=True),
    ),
    "A run whose checkpoints are damaged": lambda: (
        written("run/checkpoints/step-000000009.safetensors", b""),
        fit(out="run", resume=True),
    ),
    "A run of other settings": lambda: check_same(
        {"batch_size": 32, "examples": 36},
        {"batch_size": 16, "examples": 30},
        "The checkpoint in run",
    ),
    "A run of other code": lambda: check_same(
        {"modules": {"mymodule": "0a1b"}},
        {"modules": {"mymodule": "2c3d"}},
        "The checkpoint in run",
    ),
    "A file to resume": lambda: fit(out=written("run", ""), resume=True),
    "A log with a text in the place of a number": lambda: read_log(
        Path(written("metrics.jsonl", '{"split": "train", "step": 0, "loss": "low"}\n'))
    ),
    "A log with a step that is none": lambda: read_log(
        Path(written("metrics.jsonl", '{"split": "train", "step": null}\n'))
    ),
    "A log that cannot be read": lambda: read_log(Path(".")),
    "A log on a full disk": where("pathlib.Path.open", full, lambda: LOG.append("train", [])),
    "A log on a failing disk": lambda: (
        written("metrics.jsonl", ""),
        where("os.fsync", broken, LOG.sync)(),
    ),
}
