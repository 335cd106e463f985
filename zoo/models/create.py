"""Models by name: the configuration of one, and the model of a configuration."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PRNGKeyArray

from ..checkpoint import sizes_from_json, sizes_to_json
from ..datasets import Dataset
from ..errors import ConfigError
from ..registry import MODELS, TASKS
from ..schema import build, resolve, selected
from ..solve import Solver, solver_from_options
from ..tasks import is_registered, task_named
from .base import AbstractModel
from .fitting import Sizes, fitting_models, model_tasks, sizes_for
from .memory import check_memory
from .with_weights import with_weights


def model_config(
    name: str,
    data: Dataset | Sizes,
    *,
    task: str | None = None,
    solver: Solver | Mapping[str, object] | None = None,
    **options: object,
) -> dict[str, Any]:
    """The whole configuration of a model as JSON values: what `create_model` builds from.

    Args:
        name: one of `zoo.list_models()`.
        data: the data set that it is for, or its `Sizes`: (inputs, outputs), or by name.
        task: what it is for; the first task in common with the data set where not given.
        solver: a `Solver` whose method has its default settings, or the options of one.
        **options: the builder's own; those not given are at their default.

    Raises `ConfigError` (`UnknownNameError`) for a name, an option, a type or a range that is
    wrong, for a pair of model and data set that has no task in common, and for a model that needs
    a size that the data do not have.
    """
    builder = MODELS[name].builder
    if solver is not None:
        options["solver"] = solver.options() if isinstance(solver, Solver) else dict(solver)
    resolved = resolve(builder, options, "model.")
    if resolved.get("solver") is not None:
        solver_from_options(resolved["solver"]).resolve()  # refused before a weight is drawn
    if isinstance(data, Dataset):
        task = choose_task(name, model_tasks(name), data, task)
    sizes = sizes_for(name, data, task)
    tasks = [TASKS[task]] if task is not None and is_registered(task) else []
    modules = [entry.module for entry in (MODELS[name], *tasks, *selected(builder, resolved))]
    return {
        "model": name,
        **sizes_to_json(builder, sizes),
        "task": task,
        "options": resolved,
        "use": sorted({module for module in modules if module is not None}),
    }


def create_model(
    name: str | Mapping[str, Any],
    data: Dataset | Sizes | None = None,
    *,
    key: PRNGKeyArray | None = None,
    pretrained: bool | str = False,
    task: str | None = None,
    solver: Solver | Mapping[str, object] | None = None,
    **options: object,
) -> AbstractModel:
    """A registered model with random initial weights, or with those that come with the zoo.

    `create_model("odenet", data, augment=1, key=key)`; or of a configuration that `model_config`
    made, `create_model(config, key=key)`; or `create_model("odenet", data, pretrained=True)`, with
    the options that it was trained with. Arguments and errors are those of `model_config`;
    `pretrained` may also be a name in `zoo.list_pretrained()`, a weight file, or a run's folder.

    Raises `ConfigError` for pretrained weights that are not there or do not fit: another model,
    other options, or data that were standardised otherwise (`zoo.transfer` takes them even so);
    and for sizes that this machine's memory cannot hold.
    """
    if pretrained:
        return with_weights(name, data, pretrained, task, {**options, "solver": solver})
    if key is None:
        raise ConfigError("create_model needs a key for the initial weights: jax.random.key(0).")
    if isinstance(name, str):
        if data is None:
            raise ConfigError(f"create_model({name!r}) needs a data set or (in_size, out_size).")
        config: Mapping[str, Any] = model_config(name, data, task=task, solver=solver, **options)
    else:
        config = name
    check_memory(config["model"], model_shapes(config))
    return _build(config, key)


def model_shapes(config: Mapping[str, Any]) -> AbstractModel:
    """The model that `create_model` makes of a configuration, with shapes in the place of arrays.

    Nothing is computed and no memory is taken. Raises `ConfigError` as `create_model` does.
    """
    return eqx.filter_eval_shape(partial(_build, config), jax.random.key(0))


def _build(config: Mapping[str, Any], key: PRNGKeyArray) -> AbstractModel:
    builder = MODELS[config["model"]].builder
    return build(builder, sizes_from_json(config), config["options"], key=key)


def _other_kind(name: str, data: Dataset, task: str, going: list[str]) -> str:
    """That a task is for other kinds of data, and which tasks go."""
    registered = [entry.name for entry in TASKS if data.serves(entry.name)]
    others = [each for each in registered if data.suits(each) and each not in going]
    so = f"expected {' or '.join(going)}." if going else f"{name} can do no other with them."
    more = f" Tasks for such data: {', '.join([*going, *others]) or 'none'}."
    return (
        f"The task {task} is for data of kind {', '.join(task_named(task).kinds)}, and "
        f"{data.name!r} holds {data.spec}, of kind {data.spec.kind}: {so}{more}"
    )


def choose_task(name: str, able: Iterable[str], data: Dataset, task: str | None = None) -> str:
    """The task of a pair: the one asked for, or the first of the data set's that the model can do.

    One that is asked for has to be among those that the data set `serves`. Of either kind, it has
    to be for this kind of data (`Task.kinds`).

    `name` is what to call the model in an error, `able` are the tasks that it can do.

    Raises `ConfigError` where there is none, with what each side can do.
    """
    able = list(able)
    common = [t for t in data.tasks if t in able]
    going = [t for t in common if data.suits(t)]
    if task is None and going:
        return going[0]
    if task is not None and task in able and data.serves(task) and data.suits(task):
        return task
    asked = [task] if task in able and task is not None and data.serves(task) else []
    if common if task is None else asked:
        raise ConfigError(_other_kind(name, data, (asked or common)[0], going))
    wanted = f"task {task!r}" if task else "a task in common"
    raise ConfigError(
        f"Model {name!r} and data set {data.name!r} do not have {wanted}: the model does "
        f"{', '.join(able)}; the data serve {', '.join(data.tasks)}. Models for these data: "
        f"{', '.join(fitting_models(data)) or 'none'}."
    )
