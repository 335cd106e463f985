"""ODE-Nets of images whose state is a set of tokens, one for each patch."""

from collections.abc import Mapping
from typing import Annotated, Any

import jax
from jaxtyping import PRNGKeyArray

from ..nn.patches import patch_count
from ..registry import DYNAMICS, register_model
from ..schema import Nested, Padding, Selects, Size
from ..solve import solver_options
from .images import Head, PatchEmbedding, check_in_shape
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet
from .staged_by_name import Steps, staged_by_name


@register_model("transformer_odenet")
def transformer_odenet(
    in_shape: tuple[int, ...],
    out_size: int,
    *,
    patch: Size = 2,
    width: Size = 32,
    augment: Padding = 0,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "transformer",
    dynamics_options: Mapping[str, Any] | None = None,
    discrete: Steps = 0,
    pool: bool = True,
    solver: Annotated[Mapping[str, Any] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> AbstractStagedNet:
    """A transformer ODE-Net: patches as tokens, one ODE block over them, and a head.

    Args:
        in_shape: height, width and channels of an image
        out_size: length of an output
        patch: pixels of a side of the squares that are the tokens
        width: features of a token
        augment: zeros appended to each token
        dynamics: name of the vector field
        dynamics_options: its options
        discrete: residual steps with own weights in the place of the ODE block; 0 for that
        pool: whether the head reads the mean of the tokens; else all of them
        solver: options of the solver
        key: random key of the initial weights
    """
    check_in_shape("transformer_odenet", in_shape)
    stem_key, head_key, field_key = jax.random.split(key, 3)
    shape = (patch_count(in_shape[0], in_shape[1], patch), width + augment)
    outer = OuterLayers(
        Head(shape, out_size, pool=pool, key=head_key),
        in_shape=in_shape,
        stem=PatchEmbedding(in_shape, width, patch=patch, key=stem_key),
        augment=augment,
    )
    return staged_by_name(
        outer, [shape], dynamics, dynamics_options, discrete=discrete, solver=solver, key=field_key
    )
