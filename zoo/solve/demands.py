"""What partitioned and exponential methods ask of dynamics, seen before anything is compiled."""

from typing import Any

import equinox as eqx
import jax
from jax.interpreters.partial_eval import dce_jaxpr
from jaxtyping import Array, PyTree

from ..dynamics.base import Dynamics, describe, lift, origin
from ..dynamics.semilinear import AbstractSemilinearDynamics
from ..dynamics.separable import (
    AbstractBatchSeparableDynamics,
    AbstractSeparableDynamics,
    halves,
    is_pair,
)
from ..errors import DynamicsError
from ..nn.frozen import Frozen
from ..precision import at_least_float32
from ..types import Args, State, StateType


def parts_of(dynamics: Dynamics) -> Any:
    """The dynamics themselves; where they are frozen, with their arrays cut off from gradients."""
    return dynamics.still if isinstance(dynamics, Frozen) else dynamics


def velocity_of(dynamics: Dynamics, *, batch: bool = False) -> Dynamics:
    """dq/dt as a function of (t, y, args), of one example or of a batch."""
    parts = parts_of(dynamics)
    if batch and isinstance(parts, AbstractBatchSeparableDynamics):
        return lambda t, ys, args: parts.velocities(t, halves(ys)[1], args)
    if isinstance(parts, AbstractSeparableDynamics):

        def velocity(t: Array, y: State, args: Args) -> State:
            return parts.velocity(t, halves(y)[1], args)

        return lift(velocity) if batch else velocity
    whole = lift(parts) if batch else parts
    return lambda t, y, args: whole(t, y, args)[0]


def force_of(dynamics: Dynamics, *, batch: bool = False) -> Dynamics:
    """dp/dt as a function of (t, y, args), of one example or of a batch."""
    parts = parts_of(dynamics)
    if batch and isinstance(parts, AbstractBatchSeparableDynamics):
        return lambda t, ys, args: parts.forces(t, halves(ys)[0], args)
    if isinstance(parts, AbstractSeparableDynamics):

        def force(t: Array, y: State, args: Args) -> State:
            return parts.force(t, halves(y)[0], args)

        return lift(force) if batch else force
    whole = lift(parts) if batch else parts
    return lambda t, y, args: whole(t, y, args)[1]


def check_separable(method: str, dynamics: Dynamics, y: StateType, args: Args) -> None:
    """Raise `DynamicsError` unless dq/dt is a function of (t, p) and dp/dt one of (t, q).

    Of ordinary dynamics the traced program tells; those that are separable by their class can look
    at no other half.
    """
    if isinstance(parts_of(dynamics), AbstractSeparableDynamics):
        return
    if not is_pair(y):
        raise DynamicsError(
            f"{method} moves q by p and p by q, and cannot tell which is which.\n"
            f"  got:      {origin(dynamics)} with a state y = {describe(y)}\n"
            "  expected: a state that is a pair (q, p), or zoo.dynamics.AbstractSeparableDynamics, "
            "whose state may also be one array of both. A Runge-Kutta method (diffrax.Dopri5()) "
            "solves any dynamics."
        )
    parts = [("dq/dt", velocity_of(dynamics), "q"), ("dp/dt", force_of(dynamics), "p")]
    for place, (name, part, own) in enumerate(parts):
        seen = looks_at(part, y, args)[1][place]
        if any(jax.tree.leaves(seen)):
            raise DynamicsError(
                f"{method} is for dynamics in which q moves by p alone and p by q alone.\n"
                f"  got:      {origin(dynamics)}, whose {name} depends on {own}\n"
                "  expected: dq/dt a function of (t, p) and dp/dt one of (t, q). Way out: a "
                "Runge-Kutta method (diffrax.Dopri5())."
            )


def check_timeless_velocity(method: str, dynamics: Dynamics, y: StateType, args: Args) -> None:
    """Raise `DynamicsError` where dq/dt depends on the time, as far as the traced program tells."""
    if looks_at(velocity_of(dynamics), y, args)[0]:
        raise DynamicsError(
            f"{method} goes back within its step, and would want dq/dt at times outside of it.\n"
            f"  got:      {origin(dynamics)}, whose dq/dt depends on t\n"
            "  expected: dq/dt a function of p alone (dp/dt may depend on t). Way out: "
            "zoo.solve.Leapfrog(), or a Runge-Kutta method (diffrax.Dopri5())."
        )


def check_semilinear(method: str, dynamics: Dynamics, y: StateType, args: Args) -> None:
    """Raise `DynamicsError` unless dynamics have a diagonal linear part, in shapes that fit."""
    whose, dynamics = origin(dynamics), parts_of(dynamics)
    if not isinstance(dynamics, AbstractSemilinearDynamics):
        raise DynamicsError(
            f"{method} is for dynamics with a linear part that is told apart.\n"
            f"  got:      {whose}\n"
            "  expected: zoo.dynamics.AbstractSemilinearDynamics, with `linear` and `nonlinear`. "
            "Way out: subclass it; or, where nothing of the field is known to be linear, "
            "diffrax.Kvaerno5() for a stiff field and diffrax.Dopri5() for any other."
        )
    t = jax.ShapeDtypeStruct((), at_least_float32(*jax.tree.leaves(y)))
    shape_of = eqx.filter_eval_shape
    modes = shape_of(dynamics.to_modes, y)
    expected = describe(modes)
    given = {
        "linear(args) * to_modes(y)": shape_of(dynamics.linear_modes, y, args),
        "nonlinear(t, y, args)": shape_of(dynamics.nonlinear, t, y, args),
    }
    for name, value in given.items():
        if describe(value) != expected:
            raise DynamicsError(
                f"{whose} has parts that do not fit together.\n"
                f"  got:      {name} = {describe(value)}\n"
                f"  expected: {expected}, the shape and type of to_modes(y)."
            )


def looks_at(function: Dynamics, y: StateType, args: Args) -> tuple[bool, PyTree[bool]]:
    """Whether what a function of (t, y, args) returns may depend on t, and on which leaves of y."""
    t = jax.ShapeDtypeStruct((), at_least_float32(*jax.tree.leaves(y)))

    def is_shape(x: object) -> bool:
        return eqx.is_array(x) or isinstance(x, jax.ShapeDtypeStruct)

    arrays, rest = eqx.partition(args, is_shape)
    traced = jax.make_jaxpr(lambda t, y, arrays: function(t, y, eqx.combine(arrays, rest)))
    program = traced(t, y, arrays).jaxpr
    _, used = dce_jaxpr(program, [True] * len(program.outvars))
    leaves, structure = jax.tree.flatten(y)
    return used[0], jax.tree.unflatten(structure, used[1 : 1 + len(leaves)])
