"""Dynamics that count how often they are evaluated and pulled back through."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax

from ..types import Args, State
from .base import AbstractBatchDynamics, Dynamics, Time, lift


@dataclass(eq=False)
class Counts:
    """Batched evaluations that ran, and batched pull-backs (vjps), since the last `reset`."""

    evaluations: int = 0
    vjps: int = 0

    def reset(self) -> None:
        """Start again from zero."""
        jax.effects_barrier()
        self.evaluations = self.vjps = 0

    def read(self) -> tuple[int, int]:
        """(evaluations, vjps), once all that was started has run."""
        jax.effects_barrier()
        return self.evaluations, self.vjps


class CountedDynamics(AbstractBatchDynamics):
    """`dynamics`, telling `counts` of every evaluation of a batch and every pull-back.

    By a callback to the host, which costs more than most evaluations do: for tests, evaluation and
    benchmarks, never for training. Under `jax.vmap` of a whole solve one call stands for one
    example's, so that it counts batched evaluations only where the solve itself is batch-native.
    """

    dynamics: Dynamics
    counts: Counts = eqx.field(static=True)

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of states."""
        return _evaluate((self.dynamics, t, ys, args), self.counts)


@eqx.filter_custom_vjp
def _evaluate(inputs: Any, counts: Counts) -> Any:
    dynamics, t, ys, args = inputs
    jax.debug.callback(lambda: _add(counts, "evaluations"))
    return lift(dynamics)(t, ys, args)


@_evaluate.def_fwd
def _(perturbed: Any, inputs: Any, counts: Counts) -> tuple[Any, None]:
    del perturbed
    return _evaluate(inputs, counts), None


@_evaluate.def_bwd
def _(residuals: None, gradient: Any, perturbed: Any, inputs: Any, counts: Counts) -> Any:
    del residuals
    jax.debug.callback(lambda: _add(counts, "vjps"))
    differentiable, rest = eqx.partition(inputs, perturbed)

    def again(differentiable: Any) -> Any:
        dynamics, t, ys, args = eqx.combine(differentiable, rest)
        return lift(dynamics)(t, ys, args)

    _, pull = jax.vjp(again, differentiable)
    return pull(gradient)[0]


def _add(counts: Counts, name: str) -> None:
    setattr(counts, name, getattr(counts, name) + 1)
