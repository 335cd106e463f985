"""A disc inside an annulus: what an ODE-Net in the plane cannot do, and one more dimension can."""

import math
from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe

_NET = {"width": 32, "depth": 2, "activation": "relu"}
# 3,000 of 5,000 points are trained on, 1,000 of them in the disc, as in the source.
_POINTS = {"n": 5000, "split": "60/20/20", "standardise": False}
_EPOCH = math.ceil(3000 / 64)


def _model(augment: int, **solver: Any) -> dict[str, Any]:
    return {
        "dynamics": "mlp",
        "dynamics_options": _NET,
        "augment": augment,
        "solver": {"method": "Dopri5", "rtol": 1e-3, **solver},
    }


def _precise(augment: int) -> dict[str, Any]:
    return _model(augment, rtol=1e-6, dtype="float64", max_steps=1024)


def _signs(
    epochs: int, model_options: Mapping[str, Any], metric: str, published: float, x64: bool = False
) -> Recipe:
    return Recipe(
        model="odenet",
        dataset="circles",
        model_options=model_options,
        dataset_options={**_POINTS, "targets": "signs"},
        training={
            **PLAIN,
            "steps": epochs * _EPOCH,
            "batch_size": 64,
            "optimiser": "adam",
            "lr": 1e-3,
            "loss": "huber",
        },
        metric=metric,
        published=(published,),
        x64=x64,
    )


@register_recipe("annuli-odenet")
def annuli_odenet() -> Recipe:
    """An ODE-Net on the annuli for 12 epochs: the loss, and evaluations that grow.

    Dupont et al. 2019, "Augmented Neural ODEs", by its code: targets ±1, smooth L1 loss, three
    linear layers of 32 units with time, Dopri5 at 1e-3, Adam 1e-3, batches of 64. Its loss is that
    of the training points, ours of 1,000 held out.
    """
    return _signs(12, _model(0), "loss", 0.022)


@register_recipe("annuli-augmented")
def annuli_augmented() -> Recipe:
    """The same with one dimension more, for 6 epochs."""
    return _signs(6, _model(1), "loss", 0.008)


def _wedge(augment: int, published: float) -> Recipe:
    # At 1e-3, tried first, the plain net tests at 0.64 and four times 1.00 with reconstruction
    # errors far above one: its steps, and not its flow, may jump across. The claim is of the flow.
    return Recipe(
        model="odenet",
        dataset="circles",
        model_options=_precise(augment),
        dataset_options={**_POINTS, "wedge": math.pi / 5},
        training={**PLAIN, "steps": 30 * _EPOCH, "batch_size": 64, "optimiser": "adam", "lr": 1e-3},
        metric="accuracy",
        published=(published,),
        x64=True,
    )


@register_recipe("wedge-odenet")
def wedge_odenet() -> Recipe:
    """Trained on the annuli without a wedge, which is the test: does it generalise?

    The wedge is from 0 to π/5. The accuracies are those of an independent replication of Dupont et
    al. 2019; what it chose is not known: the net is that of `annuli-odenet` here, 30 epochs, and
    the tolerance that of its other results, 1e-6 in float64. Its figure is not reached, in favour
    of the plain net: of five seeds one takes the disc out through the wedge and tests at 0.56, four
    take it elsewhere, at the cost of none to 1 % of the training points, and test at 1.00.
    """
    return _wedge(0, 0.619)


@register_recipe("wedge-augmented")
def wedge_augmented() -> Recipe:
    """The same with one dimension more."""
    return _wedge(1, 1.0)


def _growth(augment: int, published: float) -> Recipe:
    return _signs(50, _precise(augment), "nfe", published, x64=True)


@register_recipe("growth-odenet")
def growth_odenet() -> Recipe:
    """Evaluations of an example after 50 epochs at a tolerance of 1e-6, in float64.

    The number of an independent replication of Dupont et al. 2019; what else it chose is not known,
    and is as in `annuli-odenet` here.
    """
    return _growth(0, 241)


@register_recipe("growth-augmented")
def growth_augmented() -> Recipe:
    """The same with one dimension more."""
    return _growth(1, 177)
