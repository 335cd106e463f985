"""A method of one's own, as `AbstractStepper` shows it."""

from dataclasses import dataclass
from typing import ClassVar

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from zoo.errors import ConfigError
from zoo.solve import AbstractStepper, Solver, solve
from zoo.solve.engine.step import Stages, advance


@dataclass(frozen=True)
class Midpoint(AbstractStepper):
    stages: ClassVar[int] = 2

    def take(self, field, args, move, y, slope, *, whole):
        k1 = field(move.time(0.0), y, args)
        middle = advance(y, move.h, (0.5,), [k1])
        k2 = field(move.time(0.5), middle, args)
        return Stages(advance(y, move.h, (1.0,), [k2]), [k1, k2], [y, middle])


def test_it_solves_and_differentiates_as_diffrax_does():
    rate = lambda t, y, dy, args: jnp.sum(dy**2)  # noqa: E731

    def end(y0, method):
        solver = Solver(method, steps=7, regulariser=rate)
        field = lambda t, y, args: jnp.sin(y) * jnp.cos(t)  # noqa: E731
        ys, stats = solve(field, y0, solver=solver, ts=jnp.array([0.5, 1.0]))
        return jnp.sum(ys[:, 1] ** 2) + stats.penalty.sum(), (ys, stats)

    y0 = jnp.array([0.3, 1.0, 2.0])
    ours, theirs = (
        jax.value_and_grad(end, has_aux=True)(y0, m) for m in (Midpoint(), diffrax.Midpoint())
    )
    assert ours[0][1][1].nfe.tolist() == theirs[0][1][1].nfe.tolist() == [14] * 3
    np.testing.assert_allclose(ours[0][1][0][:, 1], theirs[0][1][0][:, 1], rtol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-5)


class Another(Midpoint):
    """A class that no name leads to."""


@pytest.mark.parametrize("method", [Midpoint(), Another()])
def test_a_configuration_cannot_hold_it(method):
    with pytest.raises(ConfigError, match="a class of its own"):
        Solver(method, steps=7).options()
