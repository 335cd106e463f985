"""Handwritten digits: an ODE-Net and a residual net with the same number of parameters."""

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe

_TRAINING = {
    **PLAIN,
    "steps": 1500,
    "batch_size": 128,
    "optimiser": "adamw",
    "decayed": "all",
    "lr": 1e-2,
    "schedule": "cosine",
    "weight_decay": 0.1,
    "ema": 0.99,
}


@register_recipe("digits-odenet")
def digits_odenet() -> Recipe:
    """An ODE-Net on the 64 pixels, read by a linear head."""
    return Recipe(
        model="odenet",
        dataset="digits",
        model_options={
            "dynamics": "mlp",
            "dynamics_options": {"width": 128, "depth": 1, "activation": "relu"},
            "solver": {"rtol": 1e-2, "batching": "joint"},
        },
        dataset_options={"standardise": False},
        training=_TRAINING,
        metric="accuracy",
    )


@register_recipe("digits-resnet")
def digits_resnet() -> Recipe:
    """A residual net of three blocks with as many parameters as the ODE-Net of `digits-odenet`."""
    return Recipe(
        model="resnet",
        dataset="digits",
        model_options={"width": 43, "depth": 3, "block_depth": 1, "activation": "relu"},
        dataset_options={"standardise": False},
        training=_TRAINING,
        metric="accuracy",
    )
