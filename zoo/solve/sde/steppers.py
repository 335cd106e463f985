"""The engine's steps of stochastic equations: dy = f(t, y) dt + g(t, y) dW, by increments of W.

| Diffrax's class | calculus | noise | strong order | evaluations a step |
|---|---|---|---|---|
| `Euler` (Euler-Maruyama) | Itô | any | 0.5; 1 for additive noise | 1 |
| `ItoMilstein` | Itô | diagonal | 1 | 1, and a derivative of g |
| `Heun`, `Midpoint`, `Ralston` | Stratonovich | any | 0.5; 1 for diagonal or additive noise | 2 |
| `StratonovichMilstein` | Stratonovich | diagonal | 1 | 1, and a derivative of g |
| `ReversibleHeun` | Stratonovich | any | 0.5; 1 for additive noise | 1, and one at the start |

Kloeden & Platen 1992, *Numerical Solution of Stochastic Differential Equations*, 10 and 11; Kidger
et al. 2021, "Efficient and Accurate Gradients for Neural SDEs", for reversible Heun.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...types import Args, State
from ..controllers import expand_to
from ..engine import AbstractStepper, Tableau
from ..engine.step import Move, Stages, advance
from .field import Field
from .increments import Path


class AbstractNoiseStepper(eqx.Module, AbstractStepper):
    """One step of a batch along a Brownian path.

    Subclass it, say how many evaluations of drift and diffusion a step takes (`stages`), and
    implement `take`: the increment of each example is `self.path.over(move)`, and a field's drift
    and diffusion are evaluated on the batch as `field.drift(t, ys, args)`. Values between the ends
    of a step lie on a straight line.
    """

    path: Path

    def begun(self) -> "AbstractNoiseStepper":
        """This stepper with the increments of the path made."""
        return eqx.tree_at(lambda s: s.path, self, self.path.begun())


class RungeKutta(AbstractNoiseStepper):
    """An explicit method of one tableau: k_i = f h + g ΔW at its stages, y1 = y + Σ_i b_i k_i.

    Of one stage it is Euler-Maruyama (Itô); where the second order conditions hold it converges to
    the Stratonovich solution (Heun, Midpoint, Ralston).
    """

    tableau: Tableau = eqx.field(static=True)

    @property
    def stages(self) -> int:
        """Evaluations of drift and diffusion in a step."""
        return self.tableau.stages

    def take(
        self, field: Field, args: Args, move: Move, y: Array, slope: None, *, whole: bool
    ) -> Stages:
        """The changes over the step as each stage sees them, and their sum."""
        noise, tableau, whole_step = self.path.over(move), self.tableau, jnp.ones(())
        changes = [field.change(move.time(0.0), y, args, move.h, noise)]
        for row, c in zip(tableau.a[1:], tableau.c[1:], strict=True):
            state = advance(y, whole_step, row, changes)
            changes.append(field.change(move.time(c), state, args, move.h, noise))
        return Stages(advance(y, whole_step, tableau.b, changes), [], [])


class Milstein(AbstractNoiseStepper):
    """y1 = y + f h + g ΔW + ½ g g' (ΔW² - |h|), for diagonal noise whose g_i depends on y_i alone.

    Kloeden & Platen 1992, (10.3.1); without the term in h it is the Stratonovich form, (10.3.2).
    """

    ito: bool = eqx.field(static=True)

    @property
    def stages(self) -> int:
        """Evaluations of drift and diffusion in a step."""
        return 1

    def take(
        self, field: Field, args: Args, move: Move, y: Array, slope: None, *, whole: bool
    ) -> Stages:
        """The step."""
        noise, t = self.path.over(move), move.time(0.0)
        g, along = jax.linearize(lambda y: field.diffusion(t, y, args), y)
        square = noise**2
        if self.ito:
            square = square - expand_to(move.stop - move.start, y)
        y1 = y + expand_to(move.h, y) * field.drift(t, y, args) + g * noise
        return Stages(y1 + 0.5 * along(g * square), [], [])


class ReversibleHeun(AbstractNoiseStepper):
    """Carries (y, ŷ), and (f, g) at ŷ from step to step: one evaluation each.

    ŷ1 = 2y - ŷ + f̂ h + ĝ ΔW;  y1 = y + ½ (f̂ + f̂1) h + ½ (ĝ + ĝ1) ΔW.  Kidger et al. 2021,
    Algorithm 1; the same formula with -h and -ΔW leads back to the start.
    """

    reuses = True

    @property
    def stages(self) -> int:
        """Evaluations of a step on its own: both ends."""
        return 2

    def take(
        self,
        field: Field,
        args: Args,
        move: Move,
        y: State,
        slope: tuple[Array, Array] | None,
        *,
        whole: bool,
    ) -> Stages:
        """The step; `slope` is (f, g) at its start."""
        noise = self.path.over(move)
        state, other = y
        before = field(move.time(0.0), y, args) if slope is None else slope
        change = field.of_slopes(before, move.h, noise)
        other1 = 2 * state - other + change
        after = field(move.time(1.0), (state, other1), args)
        change1 = field.of_slopes(after, move.h, noise)
        return Stages((state + 0.5 * (change + change1), other1), [before, after], [])
