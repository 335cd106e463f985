"""Who is compared on a data set: the models, and beside every ODE-Net its honest baselines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from zoo.checkpoint import template
from zoo.datasets import Dataset
from zoo.models import choose_task, model_config, model_tasks

_SOLVER = {"rtol": 1e-3, "batching": "joint"}
_TANH = {"activation": "tanh"}  # all rows of the table have one, whatever is the default


@dataclass(frozen=True)
class Contender:
    """A model with options, under the name that it has in a table."""

    name: str
    model: str
    options: dict[str, Any]


def contenders(data: Dataset) -> Iterator[Contender]:
    """The models that a data set is given to; none where they can do no task of its.

    `linear` is the ODE-Net without its ODE (the identity, then the head); `one block` and `equal
    parameters` are residual nets, of one block as wide as the dynamics, and of three blocks whose
    width makes as many parameters as the ODE-Net has.
    """
    fits = data.spec.kind in ("table", "image")
    if not fits or not set(model_tasks("odenet")) & set(data.tasks):
        return
    yield Contender("linear", "mlp", {**_TANH, "depth": 0})
    yield Contender("mlp", "mlp", _TANH)
    net = {**_TANH, "depth": 1, "block_depth": 2}
    yield Contender("resnet, one block", "resnet", net)
    ode: dict[str, Any] = {"solver": _SOLVER, "dynamics_options": _TANH}
    wanted = parameters("odenet", ode, data)
    one, two = (parameters("resnet", {"width": width}, data) for width in (1, 2))
    width = max(1, round((wanted - one) / (two - one)) + 1)  # each unit has as many parameters
    yield Contender("resnet, equal parameters", "resnet", {**_TANH, "width": width})
    yield Contender("odenet", "odenet", ode)
    yield Contender("odenet, augment 1", "odenet", {**ode, "augment": 1})


def parameters(model: str, options: dict[str, Any], data: Dataset) -> int:
    """How many parameters a model has for a data set; nothing is computed."""
    task = choose_task(model, model_tasks(model), data)
    shapes = template(model_config(model, data, task=task, **options))
    return sum(int(np.prod(s.shape)) for s in jax.tree.leaves(shapes) if hasattr(s, "shape"))
