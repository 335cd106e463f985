"""ODE-Nets of images whose vector field is a U-Net."""

from collections.abc import Mapping
from typing import Annotated, Any

import jax
from jaxtyping import PRNGKeyArray

from ..registry import DYNAMICS, register_model
from ..schema import Nested, Padding, Selects
from ..solve import solver_options
from .images import Head, check_in_shape
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet
from .staged_by_name import Steps, staged_by_name
from .stem import Halvings, image_stem


@register_model("unet_odenet")
def unet_odenet(
    in_shape: tuple[int, ...],
    out_size: int,
    *,
    width: Padding = 8,
    downsample: Halvings = 0,
    augment: Padding = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "unet",
    dynamics_options: Mapping[str, Any] | None = None,
    discrete: Steps = 0,
    pool: bool = True,
    solver: Annotated[Mapping[str, Any] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> AbstractStagedNet:
    """A U-Net ODE-Net: one ODE block whose field sees all scales, and a head.

    Args:
        in_shape: height, width and channels of an image
        out_size: length of an output
        width: channels to which a convolution takes the image first; 0 for the image itself
        downsample: convolutions of stride 2 that the image goes through instead, each followed by a
            GroupNorm and silu; a field at full size costs 4 times one at half
        augment: channels of zeros appended to the state
        dynamics: name of the vector field
        dynamics_options: its options
        discrete: residual steps with own weights in the place of the ODE block; 0 for that
        pool: whether the head reads each channel's mean; else every pixel
        solver: options of the solver
        key: random key of the initial weights
    """
    check_in_shape("unet_odenet", in_shape)
    stem_key, head_key, field_key = jax.random.split(key, 3)
    stem, (height, breadth, channels) = image_stem(in_shape, width, downsample, key=stem_key)
    shape = (height, breadth, channels + augment)
    outer = OuterLayers(
        Head(shape, out_size, pool=pool, key=head_key),
        in_shape=in_shape,
        stem=stem,
        augment=augment,
    )
    return staged_by_name(
        outer, [shape], dynamics, dynamics_options, discrete=discrete, solver=solver, key=field_key
    )
