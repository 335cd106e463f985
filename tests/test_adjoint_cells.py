"""Every cell of adjoint × solver: a gradient that is right, or a refusal that names what works."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

import zoo
from zoo.errors import ConfigError
from zoo.solve import ADJOINTS, Solver, adjoint_table, solve

# Equal steps where a method's order is too low for a tight tolerance; then how well a backsolve,
# which solves another ODE, can do.
METHODS = {
    "Dopri5": ({"rtol": 1e-10, "max_steps": 512}, 1e-4),
    "Tsit5": ({"rtol": 1e-10, "max_steps": 512}, 1e-4),
    "Dopri8": ({"rtol": 1e-10}, 1e-4),
    "Bosh3": ({"steps": 200}, 1e-4),
    "Heun": ({"steps": 400}, 1e-4),
    "Euler": ({"steps": 1000}, 1e-2),
    "Kvaerno5": ({"rtol": 1e-9, "max_steps": 512}, None),
}


class Swing(zoo.dynamics.AbstractDynamics):
    """y' = a sin(y) cos(t)."""

    a: jax.Array

    def __call__(self, t, y, args):
        return self.a * jnp.sin(y) * jnp.cos(t)


@pytest.mark.parametrize("adjoint", sorted(ADJOINTS))
@pytest.mark.parametrize("name", METHODS)
def test_every_cell(name, adjoint):
    options, rough = METHODS[name]
    method = getattr(diffrax, name)()
    implicit = isinstance(method, diffrax.AbstractImplicitSolver)
    kind = "implicit" if implicit else "explicit"
    with jax.enable_x64(True):
        if (adjoint, kind, True) not in adjoint_table():
            with pytest.raises(ConfigError, match="these can: recursive, direct"):
                Solver(method, adjoint=adjoint, **options)
            return
        # One ODE for the batch compiles sooner; test_adjoints.py has both batchings.
        solver = Solver(method, adjoint=adjoint, batching="joint", **options)

        @eqx.filter_jit
        @jax.value_and_grad
        def end(inputs):
            a, y0 = inputs
            return solve(Swing(a), y0, solver=solver)[0].sum()

        inputs = (jnp.asarray(1.3), jnp.array([0.5, 1.5]))
        direction, h = (jnp.asarray(0.7), jnp.array([-0.4, 1.0])), 1e-4
        ahead, behind = [
            jax.tree.map(lambda x, d, s=s: x + s * h * d, inputs, direction) for s in (1, -1)
        ]
        _, gradient = end(inputs)
        difference = (end(ahead)[0] - end(behind)[0]) / (2 * h)
        along = sum(jnp.sum(g * d) for g, d in zip(gradient, direction, strict=True))
        bound = rough if adjoint.startswith("backsolve") else 1e-6
        assert float(along) == pytest.approx(float(difference), rel=bound)
