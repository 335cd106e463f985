"""What may be differentiated once in reverse mode."""

from typing import Any

import equinox as eqx
import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ...errors import ConfigError
from ...types import Tree

_once = Primitive("differentiated_once")


def once(tree: Tree) -> Tree:
    """The tree itself. Forward mode passes; reverse mode raises `ConfigError`."""
    return jax.tree.map(lambda x: _once.bind(x) if eqx.is_inexact_array(x) else x, tree)


def _refuse(*_: Any) -> Any:
    raise ConfigError(
        "adjoint='replay' has no reverse-mode derivative of a derivative, which was asked for "
        "(grad of grad, jacrev of jacfwd): use forward mode outside, as jax.hessian does, or "
        "Solver(adjoint='direct')."
    )


_once.def_impl(lambda x: x)
_once.def_abstract_eval(lambda x: x)
ad.deflinear2(_once, _refuse)
batching.defvectorized(_once)
mlir.register_lowering(_once, lambda _, x: [x])
