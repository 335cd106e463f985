"""How far a trajectory is from a polynomial: the size of a higher derivative along it."""

import os
import warnings
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import jax
import jax.numpy as jnp
from jax.experimental.jet import jet
from jaxtyping import Array, Float, PyTree

from ..errors import ConfigError, ZooWarning
from ..registry import register_regulariser
from ..schema import NonNegativeFloat, Range
from ..types import Args, State
from .base import AbstractRegulariser, Field
from .norms import squares

_FUSION = "xla_cpu_experimental_ynn_fusion_type"
"""The flag of XLA that says which operations it fuses with matrix products on CPU."""
ORDER = Range(2, 6)
"""Orders of the derivative: the first is the kinetic energy."""


class Taylor(AbstractRegulariser):
    """weight · |d^K y/dt^K|² per unit of time, K being `order`.

    A method of order K - 1 or more is exact where that derivative is zero, and its steps are long
    where it is small: Kelly et al. 2020, "Learning Differential Equations that are Easy to Solve".
    The second derivative is one linearisation of the field along (1, dy/dt); higher ones are made
    by Taylor arithmetic, for which JAX has no rules of some functions (relu and softplus among
    them).

    On CPU the XLA of jax 0.10.2 can compile those in single precision wrongly: for a batch of 64 or
    more, its fusion of matrix products has given numbers that are not finite. A warning says so,
    with the flag that mends it.

    Raises `ConfigError` for a field of such functions, from the third derivative on.
    """

    weight: float = 0.01
    order: int = 2

    def __check_init__(self) -> None:
        ORDER.check("order", self.order)

    def rates(
        self, field: Field, t: float | Array, ys: State, args: Args, noise: PyTree[Array] | None
    ) -> tuple[PyTree[Array], Float[Array, " B"]]:
        """As `AbstractRegulariser.rates`."""
        t = jnp.asarray(t)
        dys, along = jax.linearize(lambda t, ys: field(t, ys, args), t, ys)
        derivatives = [dys, along(jnp.ones_like(t), dys)]
        if self.order > 2:
            _warn_of_fusion(ys)
        for _ in range(self.order - 2):
            derivatives = [dys, *_derivatives(field, t, ys, args, derivatives)]
        return dys, self.weight * squares(derivatives[-1])


def _warn_of_fusion(ys: State) -> None:
    """Warn where XLA may fuse the matrix products of Taylor arithmetic into a wrong program."""
    single = any(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(ys))
    if single and jax.default_backend() == "cpu" and _FUSION not in os.environ.get("XLA_FLAGS", ""):
        warnings.warn(
            "On CPU, XLA may compile the regulariser taylor of order 3 or more wrongly in single "
            "precision, which shows as steps that cannot be taken. Way out: order=2, 64 bits, or "
            f"XLA_FLAGS=--{_FUSION}=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT before Python starts.",
            ZooWarning,
            stacklevel=2,
        )


def _derivatives(
    field: Field, t: Array, ys: State, args: Args, known: list[PyTree[Array]]
) -> list[PyTree[Array]]:
    """d²y/dt² and on, one more than are `known` from dy/dt on: those of f(t, y(t))."""
    leaves, tree = jax.tree.flatten(ys)

    def flat(t: Array, *leaves: Array) -> list[Array]:
        return jax.tree.leaves(field(t, jax.tree.unflatten(tree, leaves), args))

    of_time = [jnp.ones_like(t), *[jnp.zeros_like(t)] * (len(known) - 1)]
    of_leaves = [list(each) for each in zip(*map(jax.tree.leaves, known), strict=True)]
    try:
        _, series = jet(flat, (t, *leaves), (of_time, *of_leaves))
    # The last is how jax 0.11 ends at such a function.
    except (NotImplementedError, jax.errors.UnexpectedTracerError, AttributeError) as error:
        raise ConfigError(_no_rule(flat, t, *leaves)) from error
    return [jax.tree.unflatten(tree, each) for each in zip(*series, strict=True)]


def _no_rule(field: Callable[..., Any], *inputs: Any) -> str:
    """The functions of the field that have no Taylor rule, and what to do."""
    names = sorted(set(_opaque(jax.make_jaxpr(field)(*inputs).jaxpr)))
    return (
        "The regulariser taylor differentiates the dynamics more than once in a pass, and JAX has "
        f"no rule to do so with {', '.join(names) or 'one of their functions'}: expected an "
        "activation such as tanh, silu, gelu, elu, selu, sigmoid or sin. Or use order=2, which "
        "needs no such rule."
    )


def _opaque(jaxpr: Any, within: str | None = None) -> Iterator[str]:
    """The functions with a derivative of their own, into which Taylor arithmetic does not see.

    Such a function bears the name of what JAX compiles as one in it, or around it (`within`).
    """
    for equation in jaxpr.eqns:
        name = equation.params["name"] if equation.primitive.name == "jit" else within
        inner = [getattr(value, "jaxpr", value) for value in equation.params.values()]
        inner = [each for each in inner if hasattr(each, "eqns")]
        if "custom" in equation.primitive.name:
            compiled = (e.params["name"] for e in inner[0].eqns if e.primitive.name == "jit")
            yield next(compiled, name or equation.primitive.name)
            continue
        for each in inner:
            yield from _opaque(each, name)


@register_regulariser("taylor")
def taylor(*, weight: NonNegativeFloat = 0.01, order: Annotated[int, ORDER] = 2) -> Taylor:
    """weight · ∫ |d^K y/dt^K|² dt: it makes trajectories polynomials, which methods solve exactly.

    Kelly et al. 2020, "Learning Differential Equations that are Easy to Solve". One more than the
    order of the method is the natural K; 2 is cheap, and each further one costs more than the last.

    Args:
        weight: factor before the integral
        order: K, of the derivative; from 3 on not with relu or softplus
    """
    return Taylor(weight=weight, order=order)
