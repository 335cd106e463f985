"""Two-dimensional data to look at: the pretrained nets of the figures."""

from typing import Any

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe


def _plane(dataset: str, steps: int, width: int = 32, **options: Any) -> Recipe:
    return Recipe(
        model="odenet",
        dataset=dataset,
        model_options={
            "dynamics": "mlp",
            "dynamics_options": {"width": width, "depth": 2, "activation": "tanh"},
            "augment": 1,
            "solver": {"rtol": 1e-5, "batching": "joint"},
            **options,
        },
        training={
            **PLAIN,
            "steps": steps,
            "optimiser": "adam",
            "lr": 1e-2,
            "schedule": "cosine",
        },
        metric="accuracy",
    )


@register_recipe("odenet-circles")
def odenet_circles() -> Recipe:
    """The disc inside the annulus, with one dimension more to lift one off the other."""
    return _plane("circles", 1000)


@register_recipe("odenet-moons")
def odenet_moons() -> Recipe:
    """Two half circles that reach into each other."""
    return _plane("moons", 600)


@register_recipe("odenet-spirals2d")
def odenet_spirals2d() -> Recipe:
    """Two arms that wind around each other, unwound."""
    return _plane("spirals2d", 3000, width=64)
