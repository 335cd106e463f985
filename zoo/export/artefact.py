"""`export`: a trained model as one file that JAX runs without the zoo, described in JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..checkpoint import json_text, write_atomically
from ..datasets import Preparation
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..objectives.parameters import check_parameters
from ..solve import Solver, solvers_of
from ..solve.of_model import override
from ..tasks import task_named
from .agreement import Pair
from .description import describe
from .inputs import inputs_of
from .program import Platform, lower

PLATFORMS: tuple[Platform, ...] = ("cpu", "cuda")


@dataclass(frozen=True)
class Artefact:
    """A program, as `jax.export` serialises it, and what a reader has to know of it."""

    program: bytes
    description: Mapping[str, object]
    difference: float | None
    """The largest difference from `zoo.predict` on a few rows, as a share of 1 and the value; None
    where no platform of the program is this machine's."""
    notes: tuple[str, ...] = ()
    """What a user should know, in words."""

    def save(self, path: Path) -> Path:
        """Write the program and, beside it, the description as .json; the path of that.

        Raises `OutputError` where they cannot be written.
        """
        beside = description_path(path)
        told = {"program": path.name, **self.description}
        write_atomically(path, self.program)
        write_atomically(beside, (json_text(told, indent=2) + "\n").encode())
        return beside


def description_path(path: Path) -> Path:
    """Where the description of a program at `path` is."""
    return path.with_suffix(".json")


def export(
    model: AbstractModel,
    preparation: Preparation,
    task: str,
    *,
    solver: Solver | None = None,
    length: int | None = None,
    platforms: Sequence[Platform] = PLATFORMS,
) -> Artefact:
    """Weights, preparation, solve and the way back to the user's units as one program.

    It takes raw arrays of 64 bits and any number of rows, and returns what `zoo.predict` does, the
    outcome of each row as a code, and its evaluations. Where all of a model's solves adapt their
    steps to one tolerance, `rtol` and `atol` are its last arguments. It is run here once, beside
    `zoo.predict`, before it is returned.

    Args:
        model: the trained model.
        preparation: what was learned of its training rows (`data.preprocessing`).
        task: what it was trained for.
        solver: laid over the model's own.
        length: times of a series; a shorter one is padded with `mask` False.
        platforms: that the program is lowered for.

    Raises `ConfigError` for a model, a task or data that have no such program, with the reason, and
    `NumericalError` for weights that are not finite and a program that disagrees with the model.
    """
    check_serialises()
    check_parameters(model)
    if task not in model.objectives:
        raise ConfigError(
            f"task = {task!r}: a {type(model).__name__} is for {', '.join(model.objectives)}: "
            "expected what the model was trained for, by which its outputs are read."
        )
    model, notes = _each_alone(override(model, solver))
    inputs, named = inputs_of(preparation, length), task_named(task)
    tolerance = _tolerance(model)
    lowered = lower(model, inputs, named, preparation, bool(tolerance), platforms)
    difference, warned = Pair(lowered, model, inputs, named, preparation).difference(tolerance)
    program = bytes(lowered.exported.serialize())
    told = describe(lowered, inputs, named, preparation, tolerance)
    digest = hashlib.sha256(program).hexdigest()
    return Artefact(program, {**told, "sha256": digest}, difference, notes + warned)


def check_serialises() -> None:
    """Raise `ConfigError` where what `jax.export` writes its files with is not installed."""
    try:
        import flatbuffers  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "jax.export writes and reads programs with the package flatbuffers, which is not "
            "installed: pip install flatbuffers, or neural-de-zoo[export]."
        ) from error


def _each_alone(model: AbstractModel) -> tuple[AbstractModel, tuple[str, ...]]:
    """The model with each row's own steps, and what to say where it had one ODE for the batch."""
    if all(each.resolve().batching == "per-sample" for each in solvers_of(model)):
        return model, ()
    words = (
        "The model solves one ODE for the batch (joint), in which a row depends on the others: in "
        "the program each row takes its own steps, as with --solver.batching per-sample."
    )
    return override(model, Solver(batching="per-sample")), (words,)


def _tolerance(model: AbstractModel) -> dict[str, float]:
    """rtol and atol by name, where all solves of a model adapt their steps to the same two."""
    solvers = solvers_of(model)
    if not solvers or any(each.is_constant for each in solvers):
        return {}
    common = Solver.common(solvers)
    if common.rtol is None or common.atol is None:
        return {}
    return {"rtol": float(common.rtol), "atol": float(common.atol)}
