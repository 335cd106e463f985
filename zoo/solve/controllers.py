"""Step size control: the norms of an error, the first step, and counting for an exact NFE."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import diffrax
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree, Shaped

from ..types import AnyArray, Args, State, Tree

RealScalarLike: TypeAlias = int | float | AnyArray
"""A number as Diffrax takes it."""

Norm: TypeAlias = Callable[[PyTree], Float[Array, ""]]


def example_norm(tree: Tree) -> Float[Array, ""]:
    """Root mean square over all entries of one example."""
    return worst_example_norm(jax.tree.map(lambda x: x[None], tree))


def worst_example_norm(tree: Tree) -> Float[Array, ""]:
    """The largest of the examples' own root mean squares; leaves of shape [B, ...].

    A root mean square over the batch would let 1,023 examples at rest loosen the tolerance of the
    one that moves 32 times.
    """
    # Step sizes are constants for the gradient, and sqrt has none at zero.
    leaves = [jax.lax.stop_gradient(x).reshape(x.shape[0], -1) for x in jax.tree.leaves(tree)]
    total: Any = sum(jnp.sum(x**2, axis=1) for x in leaves)
    size = sum(x.shape[1] for x in leaves)
    return jnp.sqrt(jnp.max(total) / max(size, 1))


def batch_norm(tree: Tree) -> Float[Array, ""]:
    """Root mean square over the whole batch, as torchdiffeq and torchdyn control their error."""
    leaves = [jax.lax.stop_gradient(x) for x in jax.tree.leaves(tree)]
    total: Any = sum(jnp.sum(x**2) for x in leaves)
    return jnp.sqrt(total / max(sum(x.size for x in leaves), 1))


def adjoint_norm(norm: Norm, parameters_count: bool) -> Norm:
    """The norm of a backward state (y, a_y, a_args, a_parameters) made from the norm of y.

    The largest of the parts' norms; without the parameters it is the seminorm of Kidger et al.
    2021, under which the integrals that never feed back do not drive the step size.
    """

    def backward(state: tuple[PyTree, PyTree, PyTree, PyTree]) -> Float[Array, ""]:
        y, a_y, a_args, a_parameters = state
        norms = [norm(y), norm(a_y)]
        if parameters_count:
            leaves = jax.tree.leaves((a_args, a_parameters))
            norms += [jnp.sqrt(jnp.mean(x**2)) for x in leaves if x.size]
        return jnp.max(jnp.stack(norms))

    return backward


def expand_to(number: float | Shaped[Array, "*lanes"], leaf: Array) -> Array:
    """A number of the batch, [], or of each example, [B], shaped and typed to act on a leaf."""
    number = jnp.asarray(number)
    if number.ndim:
        number = number.reshape(number.shape + (1,) * (leaf.ndim - number.ndim))
    return number if number.dtype == jnp.bool_ else number.astype(leaf.dtype)


def first_step(
    slope_at: Callable[[Array, State], State],
    sign: Float[Array, "*lanes"],
    length: Float[Array, "*lanes"],
    y0: State,
    order: float,
    rtol: Float[Array, ""],
    atol: Float[Array, ""],
    norm: Callable[[State], Float[Array, "*lanes"]],
) -> tuple[Float[Array, "*lanes"], PyTree[Array]]:
    """The size of a first step that suits the problem, a positive number, and f(t0, y0); 2 NFE.

    Of one example, of a batch as one ODE, or of each example where `length` and `norm` are [B].
    `slope_at(tau, y)` is the field at a distance tau from the start, and y' has `sign` against it.

    Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, II.4; the trial step is
    kept inside the interval, outside of which dynamics need not be defined.
    """
    scale = jax.tree.map(lambda y: atol.astype(y.dtype) + jnp.abs(y) * rtol.astype(y.dtype), y0)

    def scaled(tree: State) -> Array:
        return norm(jax.tree.map(jnp.divide, tree, scale))

    f0 = slope_at(jnp.zeros_like(length), y0)
    d0, d1 = scaled(y0), scaled(f0)
    small = (d0 < 1e-5) | (d1 < 1e-5)
    h0 = jnp.where(small, 1e-6 * length, 0.01 * d0 / jnp.where(small, 1.0, d1))
    # Below some places of rounding the trial time is the start itself, and its slope noise.
    h0 = jnp.maximum(h0, 100 * jnp.finfo(length.dtype).eps * length)
    h0 = jnp.minimum(h0, length).astype(length.dtype)
    y_trial = jax.tree.map(lambda y, f: y + expand_to(sign * h0, y) * f, y0, f0)
    f_trial = slope_at(h0, y_trial)
    d2 = scaled(jax.tree.map(jnp.subtract, f_trial, f0)) / h0
    largest = jnp.maximum(d1, d2)
    flat = largest <= 1e-15
    h1 = (0.01 / jnp.where(flat, 1.0, largest)) ** (1 / order)
    h1 = jnp.where(flat, jnp.maximum(1e-6 * length, 1e-3 * h0), h1)
    h = jnp.minimum(jnp.minimum(100 * h0, h1), length)
    # A trial that lands where the dynamics are not defined says nothing about the first step.
    return jnp.where(jnp.isfinite(h) & (h > 0), h, 0.01 * length).astype(length.dtype), f0


class Observed(NamedTuple):
    """What `ObservedPID` saw of the attempts of one solve."""

    first: Int[Array, ""]
    """Attempts up to and including the first accepted one."""
    accepted: Bool[Array, ""]
    """Whether any was accepted."""
    finite: Bool[Array, ""]
    """Whether the latest attempt's value and error estimate were finite."""
    time: Float[Array, ""]
    """Where the latest accepted step ended, counted by Diffrax from the start."""


class ObservedPID(diffrax.AbstractAdaptiveStepSizeController[Any, Any]):
    """Diffrax's PID controller, which also counts the attempts up to the first accepted one.

    A method that reuses its last stage as the next first one (FSAL) has nothing to reuse until a
    step was accepted, so that each of those attempts costs one evaluation more than Diffrax's
    step counts tell.
    """

    rtol: Float[Array, ""]
    atol: Float[Array, ""]
    norm: Norm
    dtmax: Float[Array, ""] | None = None

    def wrap(self, direction: object) -> "ObservedPID":
        """As Diffrax's base class says."""
        return self

    def _pid(self) -> diffrax.PIDController:
        return diffrax.PIDController(
            rtol=self.rtol, atol=self.atol, norm=self.norm, dtmax=self.dtmax
        )

    def init(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """As Diffrax's base class says, with `Observed` beside the state."""
        t_next, state = self._pid().init(*args, **kwargs)
        none, yes = jnp.zeros((), bool), jnp.ones((), bool)
        nothing = Observed(jnp.zeros((), jnp.int32), none, yes, jnp.zeros_like(t_next))
        return t_next, (state, nothing)

    def adapt_step_size(
        self,
        t0: RealScalarLike,
        t1: RealScalarLike,
        y0: State,
        y1_candidate: State,
        args: Args,
        y_error: State,
        error_order: RealScalarLike,
        controller_state: tuple[Any, Observed],
    ) -> tuple[Any, ...]:
        """As Diffrax's base class says."""
        state, seen = controller_state
        keep, *times, state, result = self._pid().adapt_step_size(
            t0, t1, y0, y1_candidate, args, y_error, error_order, state
        )
        leaves = jax.tree.leaves((y1_candidate, y_error))
        seen = Observed(
            first=seen.first + jnp.where(seen.accepted, 0, 1),
            accepted=seen.accepted | keep,
            finite=jnp.stack([jnp.isfinite(x).all() for x in leaves]).all(),
            time=jax.lax.stop_gradient(jnp.where(keep, t1, seen.time)),
        )
        return keep, *times, (state, seen), result
