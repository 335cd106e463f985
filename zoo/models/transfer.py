"""Fine-tuning on a data set: old weights, but for what belongs to other targets."""

import os
from collections.abc import Mapping
from typing import Any, TypeVar

import jax
from jaxtyping import PRNGKeyArray

from ..checkpoint import Transfer, arrays_of, path_name, read_model, take_arrays, template
from ..datasets import Dataset
from ..errors import CheckpointError
from ..pretrained import path_of
from ..registry import MODELS
from ..schema import Selects, options_of
from ..solve import Solver, solver_from_options
from .base import AbstractModel
from .create import create_model, model_config
from .trained_on import TrainedOn

_Model = TypeVar("_Model", bound=AbstractModel)


def transfer(
    source: str | os.PathLike[str],
    data: Dataset,
    *,
    key: PRNGKeyArray,
    task: str | None = None,
    solver: Solver | Mapping[str, object] | None = None,
    **options: object,
) -> tuple[AbstractModel, Transfer]:
    """A model for a data set with the weights of another, and what was taken.

        data = zoo.load_dataset("csv", path="mine.csv", target="kind")
        model, taken = zoo.transfer("digits-odenet", data, key=jax.random.key(0))
        print(taken)
        result = zoo.fit(model, data)

    The model is that of the file's own configuration, with the data's sizes. Every array of the
    same path and shape is taken, except the head: where classes (names and order), targets or task
    are not the same, it is drawn anew. Where the inputs are other features, or were standardised
    otherwise, the weights are taken and `taken` says so.

    Args:
        source: a name in `zoo.list_pretrained()`, a weight file, or the folder of a run.
        data: what the model is for.
        key: random key of the new parts.
        task: what the model is for; the first in common with the data set where not given.
        solver: laid over the file's own, field by field.
        **options: the model's, in the place of the file's.

    Raises `CheckpointError` for a file that is damaged, was not made by name, or of which less than
    half fits; `ConfigError` for a name or an option that there is not.
    """
    config = _configuration(source)
    given = _laid_over(config, options, solver)
    made = model_config(config["model"], data, task=task, **given)
    return take_weights(source, create_model(made, key=key), data, made)


def take_weights(
    source: str | os.PathLike[str], model: _Model, data: Dataset, config: Mapping[str, Any]
) -> tuple[_Model, Transfer]:
    """The model with the weights of `source` where they fit and mean the same.

    `config` is what `model_config` made of the model and the data. Raises what `zoo.transfer` does.
    """
    header, arrays = read_model(path_of(source))
    then = TrainedOn.of(header.get("config"))
    head, why = head_paths(model), then.other_targets(data, config["task"])
    notes = [then.other_inputs(data)]
    if why and not head:
        notes.append(f"{why}, and this {type(model).__name__} has no head to draw anew")
    if not why:
        notes += [then.same_targets(data, config["task"]), then.other_units(data)]
    return take_arrays(
        arrays,
        model,
        source,
        apart=dict.fromkeys(head, why) if why else {},
        notes=tuple(filter(None, notes)),
        hint=_hint(header.get("config"), config),
    )


def _configuration(source: str | os.PathLike[str]) -> Mapping[str, Any]:
    """The configuration of a weight file's model, checked to make one.

    Raises `CheckpointError` for a file of a model that was made by hand.
    """
    path = path_of(source)
    header, _ = read_model(path)
    if header.get("config") is None:
        raise CheckpointError(
            f"{path} holds a {header.get('class')} made by hand, without the options that make it: "
            "build a model in Python and take the weights that fit, "
            "zoo.checkpoint.transfer(path, model)."
        )
    template(header["config"], path)
    return header["config"]


def head_paths(model: AbstractModel) -> tuple[str, ...]:
    """The paths of the arrays in `model.head_part()`."""
    named = jax.tree_util.tree_map_with_path(lambda path, _: path_name(path), model)
    arrays = arrays_of(model)
    return tuple(name for name in jax.tree.leaves(named.head_part()) if name in arrays)


def _laid_over(
    config: Mapping[str, Any],
    options: Mapping[str, Any],
    solver: Solver | Mapping[str, object] | None,
) -> dict[str, Any]:
    """A file's options with others in their place; those of dynamics that are replaced go too."""
    laid = dict(config["options"])
    for name, option in options_of(MODELS[config["model"]].builder).items():
        if option.marker(Selects) and options.get(name, laid.get(name)) != laid.get(name):
            laid.pop(f"{name}_options", None)
    if solver is not None:
        given = solver if isinstance(solver, Solver) else solver_from_options(dict(solver))
        laid["solver"] = given.over(solver_from_options(laid.get("solver"))).options()
    return {**laid, **options}


def _hint(then: Any, now: Mapping[str, Any]) -> str:
    """The way out for other inputs, where the model has an option that takes them in."""
    if not isinstance(then, Mapping) or then.get("model") != now["model"]:
        return ""
    options = then.get("options")
    size = (options.get("lift") if isinstance(options, Mapping) else None) or then.get("in_size")
    if "lift" not in now["options"] or size in (None, now.get("in_size")):
        return ""
    return (
        f", or give lift={size} (--model.lift {size}): a linear layer then takes other inputs to "
        "the state that these weights know"
    )
