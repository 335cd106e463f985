"""Dynamics of (q, p), positions and momenta, where each moves by the other alone."""

import abc
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..errors import DataError
from ..types import Args, State, StateType
from .base import (
    AbstractBatchDynamics,
    AbstractDynamics,
    Dynamics,
    Time,
    lift,
    with_batch_axis,
)


class AbstractSeparableDynamics(AbstractDynamics):
    """dq/dt = velocity(t, p, args) and dp/dt = force(t, q, args), on **one** example.

    The equations of a Hamiltonian H = T(p) + V(q): the velocity is the gradient of T, the force
    minus that of V. To write your own, subclass and implement both:

        class Pendulum(zoo.dynamics.AbstractSeparableDynamics):
            gravity: jax.Array

            def velocity(self, t, p, args):
                return p

            def force(self, t, q, args):
                return -self.gravity * jnp.sin(q)

        solve(Pendulum(g), (q0, p0), solver=Solver(zoo.solve.Leapfrog(), steps=1000))

    The state is a pair (q, p), each an array or a pytree of them, or one array whose last axis
    holds q in its first half and p in its second. Any method solves such dynamics; the symplectic
    ones (`zoo.solve.Leapfrog` and its neighbours) evaluate velocity and force one at a time.

    Raises `DataError` for a state of another form.
    """

    written: ClassVar[str] = "force"

    @abc.abstractmethod
    def velocity(self, t: Time, p: State, args: Args) -> State:
        """dq/dt, in the shapes and types of q."""

    @abc.abstractmethod
    def force(self, t: Time, q: State, args: Args) -> State:
        """dp/dt, in the shapes and types of p."""

    def __call__(self, t: Time, y: State, args: Args) -> State:
        """Both derivatives, in the form of the state."""
        q, p = halves(y)
        return joined(y, self.velocity(t, p, args), self.force(t, q, args))


class AbstractBatchSeparableDynamics(AbstractSeparableDynamics, AbstractBatchDynamics):
    """Separable dynamics whose evaluation of a whole batch is the one that is written.

    Implement `velocities(t, ps, args)` and `forces(t, qs, args)` as `AbstractBatchDynamics` says:
    every leaf has the batch axis first, and `t` has shape [] or [B].
    """

    written: ClassVar[str] = "forces"

    @abc.abstractmethod
    def velocities(self, t: Time, ps: State, args: Args) -> State:
        """dq/dt of a batch."""

    @abc.abstractmethod
    def forces(self, t: Time, qs: State, args: Args) -> State:
        """dp/dt of a batch."""

    def velocity(self, t: Time, p: State, args: Args) -> State:
        """dq/dt of one example."""
        ps, args = jax.tree.map(with_batch_axis, (p, args))
        return jax.tree.map(lambda each: each[0], self.velocities(t, ps, args))

    def force(self, t: Time, q: State, args: Args) -> State:
        """dp/dt of one example."""
        qs, args = jax.tree.map(with_batch_axis, (q, args))
        return jax.tree.map(lambda each: each[0], self.forces(t, qs, args))

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """Both derivatives of a batch, in the form of the state."""
        qs, ps = halves(ys)
        return joined(ys, self.velocities(t, ps, args), self.forces(t, qs, args))


def velocities_of(dynamics: AbstractSeparableDynamics) -> Dynamics:
    """dq/dt of a batch, as a function of (t, ps, args)."""
    if isinstance(dynamics, AbstractBatchSeparableDynamics):
        return dynamics.velocities
    return lift(dynamics.velocity)


def forces_of(dynamics: AbstractSeparableDynamics) -> Dynamics:
    """dp/dt of a batch, as a function of (t, qs, args)."""
    if isinstance(dynamics, AbstractBatchSeparableDynamics):
        return dynamics.forces
    return lift(dynamics.force)


def is_pair(y: StateType) -> bool:
    """Whether a state is a pair (q, p)."""
    return isinstance(y, tuple | list) and len(y) == 2


def halves(y: State) -> tuple[PyTree[Array], PyTree[Array]]:
    """q and p of a state: the two of a pair, or the two halves of one array's last axis.

    Raises `DataError` for a state of another form.
    """
    if is_pair(y):
        q, p = y
        return q, p
    if hasattr(y, "shape") and y.ndim and y.shape[-1] % 2 == 0:
        half = y.shape[-1] // 2
        return y[..., :half], y[..., half:]
    got = f"an array of shape {y.shape}" if hasattr(y, "shape") else f"a {type(y).__name__}"
    raise DataError(
        f"The state of separable dynamics is {got}: expected a pair (q, p), or one array whose "
        "last axis holds q and p, as many of one as of the other."
    )


def joined(like: PyTree[Array], q: State, p: State) -> State:
    """A state of q and p in the form of `like`."""
    if is_pair(like):
        return jax.tree.unflatten(jax.tree.structure(like), jax.tree.leaves((q, p)))
    return jnp.concatenate([q, p], axis=-1)
