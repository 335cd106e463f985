"""Convolutions that XLA compiles as well inside a loop as outside of one, on CPU.

XLA's CPU compiler hands a convolution to its fast routine where the operands are written channels
last, [N, H, W, C] and [H, W, I, O]. Outside of a loop it brings others to that form; in the body of
a loop it does not, and a loop over single numbers is compiled instead: the gradient of a 3×3
convolution of 64 channels takes 44 times as long (JAX 0.10, jaxlib's XLA of that release). Solves
and training are such loops. Here JAX writes each convolution in that form to begin with, whoever
asks for it, `eqx.nn.Conv2d` too; values are those of the same sum, and derivatives of any order and
`vmap` come before. Grouped convolutions stay as they are.

The rule by which JAX wrote it before is not among JAX's public names. Where a release of JAX has
moved it, nothing is changed and `install` says so by returning False.
"""

import functools
import os
from collections.abc import Callable
from typing import Any, TypeAlias

import jax.numpy as jnp
from jax.interpreters import mlir
from jaxtyping import Array

SWITCH = "ZOO_FAST_CONVOLUTIONS"
"""The environment's variable that, set to `off`, leaves JAX as it is."""
Axes: TypeAlias = tuple[int, ...]


@functools.cache
def install() -> bool:
    """Have JAX write convolutions channels-last on CPU from now on, in this process.

    Called before a solve or a training is traced; what was compiled before stays as it was. Returns
    whether it is so: False where `ZOO_FAST_CONVOLUTIONS=off` or JAX's own rule is not found.
    """
    found = None if os.environ.get(SWITCH) == "off" else _rule_of_jax()
    if found is None:
        return False
    primitive, written_by_jax = found

    def rule(ctx: Any, lhs: Any, rhs: Any, **window: Any) -> Any:
        if _stays(ctx.avals_in[0].dtype, **window):
            return written_by_jax(ctx, lhs, rhs, **window)
        rewritten = functools.partial(_channels_last, primitive.bind)
        return mlir.lower_fun(rewritten, multiple_results=False)(ctx, lhs, rhs, **window)

    mlir.register_lowering(primitive, rule, platform="cpu")
    return True


def _rule_of_jax() -> tuple[Any, Callable[..., Any]] | None:
    """The primitive and the rule by which JAX writes it on CPU; None where they have moved."""
    try:
        from jax.extend.core.primitives import conv_general_dilated_p as primitive

        rules = (mlir._platform_specific_lowerings["cpu"], mlir._lowerings)
        entry = next(each[primitive] for each in rules if primitive in each)
        rule: Callable[..., Any] = entry.rule
    except (ImportError, AttributeError, KeyError, StopIteration):
        return None
    return primitive, rule


def _stays(dtype: Any, **window: Any) -> bool:
    """Whether a convolution is written well already, or is of a kind that gains nothing."""
    plain = window["feature_group_count"] == window["batch_group_count"] == 1
    if not plain or jnp.issubdtype(dtype, jnp.complexfloating):
        return True
    if window.get("out_sharding") is not None:
        return True
    of_lhs, of_rhs, of_out = window["dimension_numbers"]
    first, last = _forms(len(of_lhs) - 2)
    return of_lhs == of_out == first and of_rhs == last


def _forms(axes: int) -> tuple[Axes, Axes]:
    """Axes of (batch, channels, *space) in [N, ..., C], and of (out, in, *space) in [..., I, O]."""
    return (0, axes + 1, *range(1, axes + 1)), (axes + 1, axes, *range(axes))


def _channels_last(
    bind: Callable[..., Array],
    lhs: Array,
    rhs: Array,
    *,
    dimension_numbers: Any,
    **window: Any,
) -> Array:
    """The convolution of transposed operands, and its outcome transposed back."""
    of_lhs, of_rhs, of_out = dimension_numbers
    axes = len(of_lhs) - 2
    image = lhs.transpose((of_lhs[0], *of_lhs[2:], of_lhs[1]))
    kernel = rhs.transpose((*of_rhs[2:], of_rhs[1], of_rhs[0]))
    first, last = _forms(axes)
    out = bind(
        image,
        kernel,
        dimension_numbers=type(dimension_numbers)(first, last, first),
        **window,
    )
    places = [0] * (axes + 2)
    for place, axis in zip((of_out[0], *of_out[2:], of_out[1]), range(axes + 2), strict=True):
        places[place] = axis
    return out.transpose(places)
