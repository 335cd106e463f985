"""Handwritten digits as images of 8×8 pixels: a convolutional and a transformer ODE-Net."""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe


def _images(model: str, options: Mapping[str, Any], steps: int) -> Recipe:
    return Recipe(
        model=model,
        dataset="digits",
        model_options={**options, "solver": {"rtol": 1e-3, "batching": "joint"}},
        dataset_options={"images": True},
        training={
            "steps": steps,
            "batch_size": 128,
            "optimiser": "adamw",
            "decayed": "matrices",
            "weight_decay": 0.1,
            "lr": 1e-2,
            "schedule": "cosine",
            "clip": None,
            "keep_best": True,
        },
        seeds=3,
        metric="accuracy",
    )


@register_recipe("digits-conv")
def digits_conv() -> Recipe:
    """A convolution of stride 2, then one ODE block of 16 channels on 4×4 pixels."""
    options = {"width": 16, "downsample": 1, "stages": 1}
    return _images("conv_odenet", {**options, "dynamics_options": {"activation": "silu"}}, 400)


@register_recipe("digits-transformer")
def digits_transformer() -> Recipe:
    """Sixteen patches of 2×2 pixels as tokens, whose vector field is one transformer block."""
    return _images("transformer_odenet", {"patch": 2, "width": 32}, 400)
