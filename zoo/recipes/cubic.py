"""The chapter's regression: ten points of a cubic, and a residual net beside an ODE-Net.

Settings and figures of every variant: inputs linspace(-2, 2, 10), raw and all of them, targets
x³ + 0.1 x; plain gradient descent, 1,000 steps of 0.01 on all ten points; 20 hidden tanh units;
weights and biases N(0, 1) from `numpy.random.RandomState(seed)`, seeds 0 to 4. The figures are
the mean squared error after the last step.
"""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe

_POINTS = {"n": 10, "split": "all", "standardise": False}
_DESCENT = {**PLAIN, "steps": 1000, "optimiser": "sgd", "lr": 0.01}


def _resnet(published: tuple[float, ...], lr: float = 0.01, **options: Any) -> Recipe:
    return Recipe(
        model="resnet",
        dataset="cubic",
        model_options={"width": 20, "activation": "tanh", "head": False, **options},
        dataset_options=_POINTS,
        training={**_DESCENT, "lr": lr},
        init="standard-normal",
        published=published,
    )


@register_recipe("cubic-odenet")
def cubic_odenet() -> Recipe:
    """The chapter's ODE-Net: dynamics a dense net of [y, t], solved from 0 to 1 with Dopri5.

    The chapter's solver, `jax.experimental.ode.odeint`, is a Dopri5 at tolerance 1.4e-8, which is
    within ten rounding errors of float32; here it is 1e-5.
    """
    dynamics: Mapping[str, Any] = {"width": 20, "depth": 1, "activation": "tanh"}
    return Recipe(
        model="odenet",
        dataset="cubic",
        model_options={
            "dynamics": "mlp",
            "dynamics_options": dynamics,
            "head": False,
            "solver": {"rtol": 1e-5, "batching": "joint"},
        },
        dataset_options=_POINTS,
        training=_DESCENT,
        init="standard-normal",
        published=(0.13, 0.34, 0.27, 0.03, 0.11),
    )


@register_recipe("cubic-resnet-printed")
def cubic_resnet_printed() -> Recipe:
    """The chapter's residual net as its code is printed: in truth one block.

    The printed loop adds each block's output to the *first* input, with the same weights each
    time, so that whatever the depth only the last pass counts: x + block(x).
    """
    return _resnet((0.10, 0.18, 0.14, 0.08, 0.12), depth=1)


@register_recipe("cubic-resnet-shared")
def cubic_resnet_shared() -> Recipe:
    """The chapter's residual net truly chained: depth 3, one shared set of weights.

    Steps of 0.01 are too long for it, and where it ends is decided by rounding. The chapter's own
    arithmetic, its initial weights changed by one part in a million, ends on average over the five
    seeds anywhere from 3.7 to 28,000 (5 % and 95 % of fifty trials; median 6.9).
    """
    return _resnet((4.9, 7.7, 9.9, 10.3, 1.8), depth=3, shared=True)


@register_recipe("cubic-resnet-shared-slow")
def cubic_resnet_shared_slow() -> Recipe:
    """The shared chain with steps of 0.003, since 0.01 is too long for it.

    Still sensitive: the same fifty trials end from 2.0 to 4.3, with a median of 2.4.
    """
    return _resnet((0.34, 1.04, 0.60, 9.3, 8.1), lr=0.003, depth=3, shared=True)


@register_recipe("cubic-resnet")
def cubic_resnet() -> Recipe:
    """The residual net as it is usually meant: depth 3, chained, a set of weights a block.

    The source gives three seeds.
    """
    return _resnet((0.012, 0.052, 0.060), depth=3)
