"""Densities of handwritten digits by flow matching, of all and of each class."""

from typing import Any

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe


def _flow(width: int, steps: int, **options: Any) -> Recipe:
    return Recipe(
        model="flow_matching",
        dataset="digits",
        dataset_options={"images": True},
        model_options={
            "dynamics": "concat_squash",
            "dynamics_options": {"width": width, "depth": 2, "activation": "tanh"},
            "solver": {"batching": "joint", "rtol": 1e-3, "atol": 1e-3},
            **options,
        },
        training={
            **PLAIN,
            "steps": steps,
            "batch_size": 256,
            "lr": 1e-2,
            "schedule": "cosine",
            "ema": 0.999,
            "eval_every": steps // 10,
            "keep_best": True,
        },
        seeds=1,
        metric="bits_per_dim",
    )


@register_recipe("digits-flow")
def digits_flow() -> Recipe:
    """Dequantised digits: the density of images of 8×8 pixels that take 17 levels each.

    Width and steps are the best by the validation split that train within a minute, see
    zoo/recipes/DENSITIES.md. With gelu in the place of tanh it stayed behind a Gaussian.
    """
    return _flow(256, 10_000)


@register_recipe("digits-flow-classes")
def digits_flow_classes() -> Recipe:
    """A flow that is told the class: `model.of_class(3, guidance=2.0)` draws threes."""
    return _flow(160, 10_000, classes=True)
