"""ODE-Nets of images whose vector field is a U-Net."""

from collections.abc import Mapping
from typing import Annotated, Any

import jax
from jaxtyping import PRNGKeyArray

from ..registry import DYNAMICS, register_model
from ..schema import Nested, Padding, Selects
from ..solve import solver_options
from .images import Convolution, Head, check_in_shape
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet
from .staged_by_name import Steps, staged_by_name


@register_model("unet_odenet")
def unet_odenet(
    in_shape: tuple[int, ...],
    out_size: int,
    *,
    width: Padding = 8,
    augment: Padding = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "unet",
    dynamics_options: Mapping[str, Any] | None = None,
    discrete: Steps = 0,
    pool: bool = True,
    solver: Annotated[Mapping[str, Any] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> AbstractStagedNet:
    """A U-Net ODE-Net: one ODE block at full size whose field sees all scales, and a head.

    Args:
        in_shape: height, width and channels of an image
        out_size: length of an output
        width: channels to which a convolution takes the image first; 0 for the image itself
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
    shape = (*in_shape[:2], (width or in_shape[2]) + augment)
    outer = OuterLayers(
        Head(shape, out_size, pool=pool, key=head_key),
        in_shape=in_shape,
        stem=Convolution(in_shape[2], width, key=stem_key) if width else None,
        augment=augment,
    )
    return staged_by_name(
        outer, [shape], dynamics, dynamics_options, discrete=discrete, solver=solver, key=field_key
    )
