"""`zoo export` and `zoo report`, TensorBoard: what leaves the zoo."""

import sys
from types import SimpleNamespace
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np

import zoo
from zoo.export import export, inputs_of
from zoo.export.units import Units
from zoo.tasks import Task
from zoo.train import EventFiles

from ..small_data import labelled_series, series
from .cases_predict import trained
from .given import Case, Typed, broken, model, moons, where, written

EXPORT = "export model.safetensors --output m.stablehlo"


class Cumulative(Task):
    """Outputs that return to the user's units by a sum over them."""

    def to_units(self, outputs, xs, learned):
        return np.cumsum(outputs, axis=1)


class Calling(zoo.AbstractModel):
    """A model whose outputs NumPy computes."""

    objectives = zoo.losses.PREDICTION

    def forward(self, xs, *, args=None, solver=None, key=None):
        shape = jax.ShapeDtypeStruct((), xs.dtype)
        total = jax.pure_callback(np.sum, shape, xs)
        return xs + total, zoo.Stats.discrete(len(xs), 1)


class Pair(Calling):
    """A model of two outputs."""

    def forward(self, xs, *, args=None, solver=None, key=None):
        return (xs, xs), zoo.Stats.discrete(len(xs), 1)


def without(module: str, case: Case) -> Case:
    """The case where a package is not installed."""

    def missing() -> object:
        with mock.patch.dict(sys.modules, {module: None}):
            return case()

    return missing


def exported(made) -> object:
    return export(made, moons().preprocessing, "classification", platforms=("cpu",))


def damaged_sweep() -> None:
    """A run whose sweep is another file's."""
    trained()
    written("sweep/sweep.json", '{"tolerance": [{"rtol": 1}]}')


CASES = {
    "Data of a kind that has no export": lambda: inputs_of(SimpleNamespace(kind="spectra"), None),
    "A length of what has no times": Typed(f"{EXPORT} --length 9", trained),
    "A program of series without a length": lambda: inputs_of(series().preprocessing, None),
    "A program of series with inputs": lambda: inputs_of(labelled_series().preprocessing, 9),
    "A task whose units are no factor and shift": lambda: Units.of(
        Cumulative("cumulative"), (3,), (2,), moons().preprocessing
    ),
    "A program for a task that the model is not for": lambda: export(
        model(), moons().preprocessing, "density"
    ),
    "A model that calls back to Python": lambda: exported(Calling()),
    "A model of two outputs": lambda: exported(Pair()),
    "A program that differs from the model": where(
        "zoo.export.units.Units.apply",
        lambda outputs: jnp.asarray(outputs, float) + 1,
        lambda: exported(model()),
    ),
    "An export without flatbuffers": without("flatbuffers", lambda: exported(model())),
    "A program with its description's name": Typed(
        "export model.safetensors --output m.json", trained
    ),
    "A program's tolerance of a model without a solver": Typed(
        f"{EXPORT} --solver.rtol 1e-3", trained
    ),
    "A report of a sweep that is none": Typed(
        "report model.safetensors --output r.html", damaged_sweep
    ),
    "TensorBoard without its package": without("tensorboardX", lambda: EventFiles("events")),
    "A folder of event files that cannot be written": where(
        "tensorboardX.SummaryWriter", broken, lambda: EventFiles("events").begin([], 0)
    ),
}
