"""Derivatives of one's own for both modes, where the reverse one is no transposed forward pass.

`jax.custom_vjp` has reverse mode alone and `jax.custom_jvp` transposes what it is given, which for
a loop cannot be done. Here the tangents are one linear operation: evaluated, it is the forward
derivative; transposed, the reverse one. Which of them nobody asks for is never traced.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, PyTree

from .devices import check_own
from .once import once
from .tangents import linear


class BothModes:
    """A function of `(inputs, *rest)` that returns `(values, report)`.

    As `equinox.filter_custom_vjp`, with a forward mode beside the reverse one. `values` have
    derivatives by `inputs`; `report` has none. A second derivative in reverse mode is refused, with
    the way out.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._call = eqx.filter_custom_jvp(function)
        self._call.def_jvp(self._rule)

    def __call__(self, inputs: PyTree, *rest: Any) -> Any:
        """What the function returns."""
        return self._call(inputs, *rest)

    def def_fwd(self, forward: Callable[..., Any]) -> None:
        """The function where it is differentiated: (perturbed, inputs, *rest) -> out, residuals."""
        self._forward = forward

    def def_bwd(self, pull: Callable[..., Any]) -> None:
        """(residuals, (gradient of values, None), perturbed, inputs, *rest) -> that of inputs."""
        self._pull = pull

    def def_push(self, push: Callable[..., Any]) -> None:
        """(residuals, moved, inputs, *rest) -> how the values move.

        `moved` is how the inputs do, None where they do not.
        """
        self._push = push

    def _rule(self, primals: Any, tangents: Any) -> Any:
        inputs, *rest = primals
        perturbed = jax.tree.map(lambda _, t: t is not None, inputs, tangents[0])
        check_own(eqx.filter(inputs, perturbed), inputs)
        out, residuals = self._forward(perturbed, inputs, *rest)
        values, report = out = once(out)
        arrays, static = eqx.partition((residuals, inputs, rest), eqx.is_array)
        kept, structure = jax.tree.flatten(arrays)
        moving, moved = jax.tree.flatten(tangents[0])

        def pull(kept: list[Array], gradient: list[Array]) -> list[Array]:
            residuals, inputs, rest = eqx.combine(jax.tree.unflatten(structure, kept), static)
            gradient = jax.tree.unflatten(jax.tree.structure(values), gradient)
            back = self._pull(residuals, (gradient, None), perturbed, inputs, *rest)
            return jax.tree.leaves(once(eqx.filter(back, perturbed)))

        def push(kept: list[Array], moving: list[Array]) -> list[Array]:
            residuals, inputs, rest = eqx.combine(jax.tree.unflatten(structure, kept), static)
            tangents = jax.tree.unflatten(moved, moving)
            return jax.tree.leaves(self._push(residuals, tangents, inputs, *rest))

        leaves, shape = jax.tree.flatten(values)
        types = tuple(jax.typeof(v).to_tangent_aval() for v in leaves)
        out_moving = linear(push, pull, kept, moving, types)
        return out, (jax.tree.unflatten(shape, out_moving), jax.tree.map(lambda _: None, report))
