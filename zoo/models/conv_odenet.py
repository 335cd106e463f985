"""ODE-Nets of images: convolutional ODE blocks of falling size in a row."""

from collections.abc import Mapping
from typing import Annotated, Any

import jax
from jaxtyping import PRNGKeyArray

from ..registry import DYNAMICS, register_model
from ..schema import Layers, Nested, Padding, Range, Selects
from ..solve import solver_options
from .images import Convolution, Head, check_in_shape
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet
from .staged_by_name import Steps, staged_by_name
from .stem import Halvings, image_stem


@register_model("conv_odenet")
def conv_odenet(
    in_shape: tuple[int, ...],
    out_size: int,
    *,
    width: Padding = 16,
    downsample: Halvings = 0,
    stages: Annotated[int, Range(1, 10), Layers()] = 2,
    augment: Padding = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "conv",
    dynamics_options: Mapping[str, Any] | None = None,
    discrete: Steps = 0,
    pool: bool = True,
    solver: Annotated[Mapping[str, Any] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> AbstractStagedNet:
    """A convolutional ODE-Net: ODE blocks of images, halved in size between them, and a head.

    Args:
        in_shape: height, width and channels of an image
        out_size: length of an output
        width: channels to which a convolution takes the image first; 0 for the image itself
        downsample: convolutions of stride 2 that the image goes through instead, each followed by a
            GroupNorm and silu: 2 take 28×28 pixels to 7×7
        stages: ODE blocks in a row; each halves height and width and doubles the channels of the
            one before
        augment: channels of zeros appended to the first state
        dynamics: name of the vector field, one for each block
        dynamics_options: its options
        discrete: residual steps with own weights in the place of each ODE block; 0 for ODE blocks
        pool: whether the head reads each channel's mean; else every pixel
        solver: options of the solver
        key: random key of the initial weights
    """
    check_in_shape("conv_odenet", in_shape)
    stem_key, head_key, between, field_key = jax.random.split(key, 4)
    stem, (height, breadth, channels) = image_stem(in_shape, width, downsample, key=stem_key)
    shapes = [(height, breadth, channels + augment)]
    while len(shapes) < stages:
        height, breadth, channels = shapes[-1]
        shapes.append((-(-height // 2), -(-breadth // 2), 2 * channels))
    pairs = zip(shapes[:-1], shapes[1:], jax.random.split(between, stages)[1:], strict=True)
    outer = OuterLayers(
        Head(shapes[-1], out_size, pool=pool, key=head_key),
        in_shape=in_shape,
        stem=stem,
        transitions=[Convolution(a[2], b[2], stride=2, key=k) for a, b, k in pairs],
        augment=augment,
    )
    return staged_by_name(
        outer, shapes, dynamics, dynamics_options, discrete=discrete, solver=solver, key=field_key
    )
