"""A field of which a part depends on time alone: evaluated for all stages of a step at once."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ...dynamics.base import Dynamics, Time, lift
from ...dynamics.forced import AbstractForcedDynamics
from ...nn.frozen import Frozen
from ...types import Args, State
from .lanes import Lane


class Ahead(eqx.Module):
    """The derivative of a batch in two parts, which together are called as one."""

    forcing: Dynamics
    """u(t), of (t, ys, args); of ys nothing but the shape."""
    forced: Dynamics
    """The derivative, of (t, ys, (u(t), args))."""

    def __call__(self, t: Time, ys: State, args: Args) -> State:
        """The derivative at one time."""
        return self.forced(t, ys, (self.forcing(t, ys, args), args))


def ahead_of(dynamics: Dynamics, convert: Callable[..., Dynamics]) -> Dynamics:
    """The derivative of a batch, each part by `convert`: in two parts where `dynamics` has them."""
    known = dynamics.still if isinstance(dynamics, Frozen) else dynamics
    if not isinstance(known, AbstractForcedDynamics):
        return convert(lift(dynamics))

    def forcing(t: Time, ys: State, args: Args) -> Any:
        return known.forcing(t, args)

    def forced(t: Time, ys: State, both: tuple[Any, Args]) -> State:
        return known.forced(t, ys, *both)

    return Ahead(convert(forcing), convert(forced, forcing))


def at_times(
    field: Dynamics, times: Sequence[Lane], ys: State, args: Args
) -> list[Callable[[State], State]]:
    """The derivative at each of several times, as a function of the state; `ys` is any state."""
    if not isinstance(field, Ahead):

        def whole(t: Lane, y: State) -> State:
            return field(t, y, args)

        return [partial(whole, t) for t in times]
    forced = field.forced

    def forcing(t: Lane) -> Any:
        return field.forcing(t, ys, args)

    def derivative(t: Lane, known: Any, y: State) -> State:
        return forced(t, y, (known, args))

    known = jax.vmap(forcing)(jnp.stack(times))
    each = [jax.tree.map(itemgetter(i), known) for i in range(len(times))]
    return [partial(derivative, t, u) for t, u in zip(times, each, strict=True)]
