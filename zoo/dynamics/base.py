"""What dynamics are: dy/dt = f(t, y, args), on one example or natively on a batch."""

import abc
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import DynamicsError
from ..nn.frozen import Frozen
from ..precision import at_least_float32
from ..types import Args, State, StateType, Tree
from .unready_layers import refuse_unready_layer

Time: TypeAlias = float | Float[Array, ""] | Float[Array, " B"]
Dynamics: TypeAlias = Callable[[Any, Any, Any], Any]


class AbstractDynamics(eqx.Module):
    """The vector field f of dy/dt = f(t, y, args), on **one** example.

    To write your own, subclass and implement `__call__`; that is all:

        class Swirl(zoo.dynamics.AbstractDynamics):
            scale: jax.Array

            def __call__(self, t, y, args):
                return self.scale * jnp.array([-y[1], y[0]])

        model = zoo.ODENet(Swirl(jnp.array(2.0)))

    `t` is a scalar. `y` is one example's state, an array or a pytree of arrays, without a batch
    axis. `args` is whatever the caller gave for this example, or None. Return dy/dt with exactly
    the shapes and floating types of `y`. Do not keep state: the solver evaluates at times of its
    own choosing, in an order of its own, and throws attempts away.

    Parameters are ordinary Equinox fields: every floating array is trained. Do not close over
    arrays; a closure is invisible to the optimiser.

    A batch is evaluated by `jax.vmap` over `__call__`. Where one evaluation of the whole batch
    is faster (`x @ W.T`, channels-last convolutions), subclass `AbstractBatchDynamics` instead.
    To choose the dynamics by name, register a builder: see `zoo.register_dynamics`.
    """

    written: ClassVar[str] = "__call__"
    """The method that a subclass writes, which errors point to."""

    @abc.abstractmethod
    def __call__(self, t: Time, y: State, args: Args) -> State:
        """The derivative dy/dt at time `t` (a scalar) and state `y` (one example)."""


class AbstractBatchDynamics(AbstractDynamics):
    """Dynamics whose evaluation of a whole batch is the one that is written.

    Implement `batch(t, ys, args)`: every leaf of `ys` and of `args` has the batch axis first, `t`
    has shape [] (one time for all) or [B] (each example its own). One example is then a batch of
    one. Both must give the same numbers; the contract tests hold every registered entry to that.
    No example may depend on another: once few of a large batch are left, a solve evaluates these
    alone. What each example has of its own, such as a draw of noise, belongs in `args`.
    """

    written: ClassVar[str] = "batch"

    @abc.abstractmethod
    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of states."""

    def charged_args(self, args: Args) -> Args:
        """Of the args of a solve, those that a running cost is given: all where not overridden."""
        return args

    def __call__(self, t: Time, y: State, args: Args) -> State:
        """The derivative of one example."""
        ys, batched_args = jax.tree.map(with_batch_axis, (y, args))
        return jax.tree.map(lambda dy: dy[0], self.batch(t, ys, batched_args))


def lift(dynamics: Dynamics) -> Dynamics:
    """The evaluation of `dynamics` on a batch: (t of shape [] or [B], ys [B, ...], args) -> dys.

    `AbstractBatchDynamics` bring theirs; any other callable is vmapped around one evaluation.
    """
    if isinstance(dynamics, Frozen):
        return lift(dynamics.still)
    if isinstance(dynamics, AbstractBatchDynamics):
        return dynamics.batch

    def batch(t: Time, ys: State, args: Args) -> State:
        t_axis = 0 if jnp.ndim(t) == 1 else None
        in_axes = (t_axis, eqx.if_array(0), eqx.if_array(0))
        return eqx.filter_vmap(dynamics, in_axes=in_axes)(t, ys, args)

    return batch


def check_dynamics(dynamics: Dynamics, y: StateType, args: Args) -> None:
    """Trace `dynamics` once on one example's `y` and compare what comes back with `y`.

    Raises `DynamicsError`, which names the class, its file and line, what it returned and what a
    derivative of this state is, or a layer in it that needs a key or state at each call (Dropout,
    BatchNorm), with the way out. An exception of the dynamics' own passes untouched.
    """
    check_parameters(dynamics, y)
    leaves = jax.tree.leaves(y)
    dtype = at_least_float32(*leaves)
    t: Any = jax.ShapeDtypeStruct((), dtype)
    if isinstance(leaves[0], jax.core.Tracer):
        # A number that differs over devices as the state does, of which its type tells.
        t = jnp.sum(leaves[0], dtype=dtype)
    try:
        out = eqx.filter_eval_shape(dynamics, t, y, args)
    except (RuntimeError, TypeError) as error:
        refuse_unready_layer(origin(dynamics), dynamics, error)
        raise
    got, expected = describe(out), describe(y)
    if got == expected:
        return
    if _shapes(out) == _shapes(y):
        raise DynamicsError(
            f"{origin(dynamics)} returns a derivative of another type than the state has.\n"
            f"  got:      dy/dt = {got}\n"
            f"  expected: {expected}. Its arrays, args and the state must be of one floating type: "
            "give y0 and args in that of its arrays (jnp.asarray(y0, dtype)), or return "
            "dy.astype(y.dtype)."
        )
    raise DynamicsError(
        f"{origin(dynamics)} does not return a derivative.\n"
        f"  got:      dy/dt = {got}\n"
        f"  expected: {expected}, the shape and type of the state. `f(t, y, args)` is for one "
        "example: return its derivative unchanged in shape (and check that the batch axis of the "
        "input is not missing)."
    )


def with_batch_axis(leaf: Any) -> Any:
    """An array as a batch of one; what is no array stays as it is."""
    return jnp.asarray(leaf)[None] if eqx.is_array(leaf) else leaf


def _shapes(tree: Tree) -> Any:
    """The shapes of a tree of arrays; of anything else nothing that equals them."""
    return jax.tree.map(lambda x: getattr(x, "shape", x), tree)


def describe(tree: Tree) -> str:
    """A tree of arrays by their types and shapes, for errors."""

    def leaf(x: Any) -> str:
        if not hasattr(x, "shape"):
            return repr(x)
        return f"{jnp.dtype(x.dtype).name}[{', '.join(map(str, x.shape))}]"

    described = jax.tree.map(leaf, tree)
    return str(described).replace("'", "")


def origin(dynamics: Dynamics) -> str:
    """Whose code dynamics are: the name, the file and the line."""
    dynamics = dynamics.module if isinstance(dynamics, Frozen) else dynamics
    written = getattr(dynamics, "written", "__call__")
    function = dynamics if inspect.isfunction(dynamics) else getattr(type(dynamics), written)
    code = inspect.unwrap(function).__code__
    name = getattr(dynamics, "__name__", type(dynamics).__name__)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})"


def check_parameters(dynamics: Dynamics, y: StateType) -> None:
    """Refuse a field of (t, y), and one of (y, t, args), whose values could look right.

    Raises `DynamicsError`.
    """
    try:
        names = list(inspect.signature(dynamics).parameters)
        inspect.signature(dynamics).bind(None, None, None)
        swapped = names[1:2] == ["t"] and names[0] != "t"
    except TypeError:
        swapped = True
    except ValueError:  # a builtin has no signature to look at
        return
    if swapped:
        raise DynamicsError(
            f"{origin(dynamics)} is no field of (t, y, args).\n"
            f"  got:      it takes ({', '.join(names)})\n"
            f"  expected: (t, y, args), in this order, with a state y = {describe(y)}; args is "
            "None where there are none."
        )
