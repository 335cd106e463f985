"""Layers that models and dynamics are built of."""

from .attention import TransformerBlock
from .conv import conv, conv_layer
from .dense import (
    Activation,
    Affine,
    FeedForward,
    InitScale,
    activation_by_name,
    draw_standard_normal,
    linear,
    scale_parameters,
    with_time,
)
from .fast_convolutions import install as install_fast_convolutions
from .frozen import Frozen, frozen
from .norm import group_norm, group_norm_layer, layer_norm
from .patches import from_patches, patch_count, to_patches
from .physical import AbstractPhysical, Bounded, Positive, physical_parameters
from .recurrent import GRU

__all__ = [
    "GRU",
    "AbstractPhysical",
    "Activation",
    "Affine",
    "Bounded",
    "FeedForward",
    "Frozen",
    "InitScale",
    "Positive",
    "TransformerBlock",
    "activation_by_name",
    "conv",
    "conv_layer",
    "draw_standard_normal",
    "from_patches",
    "frozen",
    "group_norm",
    "group_norm_layer",
    "install_fast_convolutions",
    "layer_norm",
    "linear",
    "patch_count",
    "physical_parameters",
    "scale_parameters",
    "to_patches",
    "with_time",
]
