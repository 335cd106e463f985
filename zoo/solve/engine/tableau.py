"""Explicit Runge-Kutta methods by their coefficients, the stages of a step unrolled."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ...dynamics.base import Dynamics
from ...types import Args, State
from .ahead import ahead_of, at_times
from .lanes import Lane
from .step import AbstractStepper, Move, Stages, advance

Row = tuple[float, ...]


@dataclass(frozen=True)
class Tableau(AbstractStepper[Dynamics]):
    """k_i = f(t + c_i h, y + h Σ_j a_ij k_j);  y1 = y + h Σ_i b_i k_i;  its error h Σ_i e_i k_i."""

    a: tuple[Row, ...]
    """A row for each stage; the first is empty."""
    c: Row
    b: Row
    error: Row
    reuses: bool
    """First same as last: y1 is the last stage's state, whose slope begins the next step."""
    interpolation: Callable[..., diffrax.AbstractLocalInterpolation] = (
        diffrax.LocalLinearInterpolation
    )
    """Diffrax's class for values inside a step."""

    @property
    def stages(self) -> int:
        """Evaluations of a step on its own."""
        return len(self.a)

    @property
    def pulled_stages(self) -> int:
        """Evaluations on which y1 depends: a reused last stage is not among them."""
        return self.stages - self.reuses

    def field(self, dynamics: Dynamics, convert: Callable[..., Dynamics]) -> Dynamics:
        """The derivative, what it needs of time alone apart."""
        return ahead_of(dynamics, convert)

    def take(
        self, field: Dynamics, args: Args, move: Move, y: State, slope: State | None, *, whole: bool
    ) -> Stages:
        """The stages, one after the other, and the sum of their slopes."""
        h = move.h
        count = self.stages if whole else self.pulled_stages
        first = 0 if slope is None else 1
        slope_of = iter(at_times(field, [move.time(c) for c in self.c[first:count]], y, args))
        slopes = [next(slope_of)(y)] if slope is None else [slope]
        states = [y]
        for row in self.a[1:]:
            state = advance(y, h, row, slopes)
            states.append(state)
            if len(states) > count:
                break
            slopes.append(next(slope_of)(state))
        y1 = states[-1] if self.reuses else advance(y, h, self.b, slopes)
        return Stages(y1, slopes, states)

    def interpolate(
        self, move: Move, y0: State, y1: State, slopes: list[State], tau: Lane
    ) -> State:
        """The method's own polynomial."""
        stacked = jax.tree.map(lambda *ks: jnp.stack(ks), *slopes)

        def one(
            start: Any, stop: Any, y0: State, y1: State, slopes: State, tau: Any, sign: Any
        ) -> Any:
            h = sign * (stop - start)
            scaled = jax.tree.map(lambda k: h.astype(k.dtype) * k, slopes)
            dense = {} if self.interpolation is diffrax.LocalLinearInterpolation else {"k": scaled}
            state = self.interpolation(t0=start, t1=stop, y0=y0, y1=y1, **dense).evaluate(tau)
            # Linear in all but time; the times' type may be wider than the state's.
            return jax.tree.map(lambda value, y: value.astype(y.dtype), state, y0)

        start, stop, sign = move.start, move.stop, move.span.sign

        def axis(x: Array) -> int | None:
            return 0 if jnp.ndim(x) else None

        axes = (axis(start), axis(stop), 0, 0, 1, axis(tau), axis(sign))
        return jax.vmap(one, in_axes=axes)(start, stop, y0, y1, stacked, tau, sign)

    @property
    def stability(self) -> float:
        """How far the region of stability reaches along the negative real axis.

        The smallest x with |R(-x)| > 1, R being the method's stability polynomial.
        """
        matrix = np.zeros((self.stages, self.stages))
        for i, row in enumerate(self.a):
            matrix[i, : len(row)] = row
        ones, b = np.ones(self.stages), np.asarray(self.b)
        for x in np.arange(0.05, 30.0, 0.05):
            growth = 1 - x * b @ np.linalg.solve(np.eye(self.stages) + x * matrix, ones)
            if abs(growth) > 1 + 1e-9:
                return float(x)
        return 30.0


def tableau_of(method: object) -> Tableau | None:
    """The tableau of a Diffrax solver; None where it is not an explicit Runge-Kutta method."""
    if isinstance(method, diffrax.Euler):
        return Tableau(((),), (0.0,), (1.0,), (0.0,), False)
    if not isinstance(method, diffrax.AbstractERK):
        return None
    table = method.tableau
    if not isinstance(table, diffrax.ButcherTableau):
        return None

    def row(values: Iterable[float]) -> Row:
        return tuple(float(v) for v in values)

    return Tableau(
        a=((), *map(row, table.a_lower)),
        c=(0.0, *row(table.c)),
        b=row(table.b_sol),
        error=row(table.b_error),
        reuses=bool(table.fsal),
        interpolation=method.interpolation_cls,
    )


def stepper_of(method: object) -> AbstractStepper | None:
    """What takes the engine's steps by a method: its tableau, or itself where it is a stepper."""
    return method if isinstance(method, AbstractStepper) else tableau_of(method)
