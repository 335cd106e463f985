"""Handwritten digits as images of 8×8 pixels: a convolutional and a transformer ODE-Net."""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe


def _images(model: str, options: Mapping[str, Any], *, steps: int, lr: float, seeds: int) -> Recipe:
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
            "lr": lr,
            "schedule": "cosine",
            "clip": None,
            "keep_best": True,
        },
        seeds=seeds,
        metric="accuracy",
    )


@register_recipe("digits-conv")
def digits_conv() -> Recipe:
    """A convolution of stride 2, then one ODE block of 16 channels on 4×4 pixels."""
    options: dict[str, Any] = {"width": 16, "downsample": 1, "stages": 1}
    options |= {"dynamics_options": {"activation": "silu"}}
    return _images("conv_odenet", options, steps=400, lr=1e-2, seeds=3)


@register_recipe("digits-transformer")
def digits_transformer() -> Recipe:
    """Sixteen patches of 2×2 pixels as tokens, whose vector field is one transformer block.

    The head reads all tokens, and the rate is lower than that of `digits-conv`: with the tokens'
    mean and a rate of 1e-2, tried first, seed 0 gave 0.68.
    """
    options = {"patch": 2, "width": 32, "pool": False}
    return _images("transformer_odenet", options, steps=300, lr=3e-3, seeds=2)
