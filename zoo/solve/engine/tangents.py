"""A linear operation whose evaluation and whose transpose are functions of their own.

`jax.custom_derivatives.linear_call` is one too, but has no batching rule, traces its evaluation
even where only the transpose is wanted, and transposed cannot be differentiated once more.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive, unmapped_aval
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array

from ...types import Args
from .once import once

Both = Callable[[list[Array], list[Array]], list[Array]]

_linear = Primitive("linear_of_own")
_linear.multiple_results = True


def linear(
    push: Both, pull: Both, kept: list, moving: list, types: tuple[jax.core.AbstractValue, ...]
) -> list[Array]:
    """`push(kept, moving)`, whose transpose in `moving` is `pull(kept, ·)`.

    `types` are those of the result. Neither function is traced before it is needed.
    """
    return _linear.bind(*kept, *moving, push=push, pull=pull, count=len(kept), types=types)


def _evaluate(*args: Array, push: Both, count: int, **_: Any) -> list[Array]:
    return push(list(args[:count]), list(args[count:]))


def _transpose(gradient: list, *args: Any, pull: Both, count: int, **_: Any) -> list:
    back = pull(list(args[:count]), [ad.instantiate_zeros(g) for g in gradient])
    pairs = zip(back, args[count:], strict=True)
    return [None] * count + [g if ad.is_undefined_primal(x) else None for g, x in pairs]


def _batch(args: Args, axes: Any, *, push: Both, pull: Both, count: int, types: Any) -> Any:
    pairs = list(zip(args, axes, strict=True))
    size = next(x.shape[axis] for x, axis in pairs if axis is not None)
    moving = [batching.bdim_at_front(x, axis, size) for x, axis in pairs[count:]]

    def several(one: Callable[..., list[Array]]) -> Callable[..., list[Array]]:
        return jax.vmap(one, in_axes=(list(axes[:count]), 0))

    types = tuple(unmapped_aval(size, 0, one) for one in types)
    out = linear(several(push), several(pull), list(args[:count]), moving, types)
    return out, [0] * len(out)


def _differentiate(args: Args, tangents: Any, **ways: Any) -> Any:
    """By what moves, the operation itself; by what is kept, the derivative of `push`."""
    count, still = ways["count"], [type(t) is ad.Zero for t in tangents]
    out = _linear.bind(*args, **ways)
    moved = [jnp.zeros_like(v) for v in out]
    if not all(still[count:]):
        moved = _linear.bind(*args[:count], *map(ad.instantiate_zeros, tangents[count:]), **ways)
    if all(still[:count]):
        return out, moved
    of = [i for i in range(count) if not still[i]]

    def by_kept(*kept: Array) -> list[Array]:
        new = dict(zip(of, kept, strict=True))
        return _evaluate(*[new.get(i, x) for i, x in enumerate(args)], **ways)

    more = jax.jvp(by_kept, [args[i] for i in of], [tangents[i] for i in of])[1]
    return out, jax.tree.map(jnp.add, moved, once(more))


_linear.def_impl(_evaluate)
_linear.def_abstract_eval(lambda *_, types, **__: types)
ad.primitive_jvps[_linear] = _differentiate
ad.primitive_transposes[_linear] = _transpose
batching.primitive_batchers[_linear] = _batch
mlir.register_lowering(_linear, mlir.lower_fun(_evaluate, multiple_results=True))
