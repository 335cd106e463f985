"""What solves keep for the backward pass, told from a trace: nothing is run."""

from collections.abc import Callable, Iterator
from typing import Any

import diffrax
import jax
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, Jaxpr, Var
from jaxtyping import PyTree

from .events.through_events import through_events
from .sde.through_engine import through_engine as sde_through_engine
from .through_engine import through_engine

_COMPILED = (through_engine, through_events, sde_through_engine, diffrax.diffeqsolve)
SOLVES = frozenset(each.__name__ for each in _COMPILED)
"""The compiled functions that solves are, by whose names they are found in a trace."""


def kept_by_solves(pull_of: Callable[..., PyTree], *inputs: PyTree) -> int:
    """The bytes that solves keep of what a pull-back holds: states at steps, times, counts.

    Args:
        pull_of: from `inputs` to the pull-back that `jax.vjp` returns, or to any pytree.
        inputs: arrays, or their shapes. Where the pull-back holds one of these it is not counted.

    What the adjoint needs of the field beside its record, such as a cast of a weight, counts too.
    A loop's carry is not fused away, so that XLA holds what the trace tells. Of activations outside
    of solves that is not so, and they are not counted here.
    """
    traced = jax.make_jaxpr(lambda *inputs: jax.tree.leaves(pull_of(*inputs)))(*inputs)
    held = {var for var in traced.jaxpr.outvars if isinstance(var, Var)}
    arrays = [var.aval for var in held if _by_solve(traced.jaxpr, var)]
    return sum(x.size * x.dtype.itemsize for x in arrays if isinstance(x, ShapedArray))


def _by_solve(jaxpr: Jaxpr, var: Var) -> bool:
    """Whether a value of a program was made by a solve."""
    makers = (equation for equation in jaxpr.eqns if var in equation.outvars)
    equation = next(makers, None)
    if equation is None:
        return False
    if equation.params.get("name") in SOLVES:
        return True
    place = equation.outvars.index(var)
    inside = [i for i in _inner(equation.params) if len(i.outvars) == len(equation.outvars)]
    return any(isinstance(v := i.outvars[place], Var) and _by_solve(i, v) for i in inside)


def _inner(params: dict[str, Any]) -> Iterator[Jaxpr]:
    """The programs that an operation is made of."""

    def is_program(node: object) -> bool:
        return isinstance(node, ClosedJaxpr | Jaxpr)

    for each in filter(is_program, jax.tree.leaves(params, is_leaf=is_program)):
        yield each.jaxpr if isinstance(each, ClosedJaxpr) else each
