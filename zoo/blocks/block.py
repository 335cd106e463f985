"""`ode_block`: a residual layer of an Equinox model as the solution of an ODE."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ..dynamics import Dynamics
from ..solve import Solver
from ..types import Stats
from .collector import current_collector
from .layer import Layer, check_shape, dynamics_of
from .one_of_batch import solve_one, totalled


class ODEBlock(eqx.Module):
    """y(t1) of dy/dt = layer(y) with y(t0) = x, on one example; made by `zoo.ode_block`.

    It stands where the residual layer x + layer(x) stood, anywhere in a model: in an
    `eqx.nn.Sequential`, under `jax.vmap`, `jax.grad` and `jax.jit`. A `vmap` around it makes one
    batch of its examples, each of which takes its own steps.

    In a `zoo.Wrapped` model its `Stats` are collected, and an example that fails is 0 until the
    model's end, where it becomes NaN; elsewhere it is NaN at once. Within a transformation inside
    of such a model (jit, scan, checkpoint, vmap) use `solve`, and `report` outside of it.
    """

    dynamics: Dynamics
    solver: Solver

    def __call__(
        self,
        x: Float[Array, "..."],
        *,
        args: PyTree[Array] = None,
        key: PRNGKeyArray | None = None,
    ) -> Float[Array, "..."]:
        """The state at the end of the interval, of the shape of `x`.

        Args:
            x: one example.
            args: passed to a layer that takes (t, x, args), such as one mask for the whole solve.
            key: what a regulariser that draws draws from; `zoo.Wrapped` gives one where none is
                given.

        Raises `ConfigError` for a layer that does not keep the shape of `x`, and where the `Stats`
        cannot be collected.
        """
        collector = current_collector()
        if collector is not None:
            collector.check_seen()
            key = collector.next_key() if key is None else key
        return self.report(*self.solve(x, args=args, key=key))

    def solve(
        self,
        x: Float[Array, "..."],
        *,
        args: PyTree[Array] = None,
        key: PRNGKeyArray | None = None,
    ) -> tuple[Float[Array, "..."], Stats]:
        """The state at the end, 0 where the solve failed, and its `Stats`, which nobody collects.

        For transformations inside of a model, and for whoever wants the cost of one block:

            y, stats = eqx.filter_checkpoint(self.block.solve)(x)
            y = self.block.report(y, stats)

        Arguments are those of the call. Under `jax.vmap` each field of the `Stats` has the batch
        axis; `calls` and `work` are then told by the first example, and their sums are the batch's.
        """
        x = jnp.asarray(x)
        check_shape(self.dynamics, x, args)
        return solve_one(self.dynamics, x, args, self.solver, key)

    def report(self, y: Float[Array, "..."], stats: Stats) -> Float[Array, "..."]:
        """Add what `solve` returned to the model's `Stats`; the `y` with which it goes on.

        That is 0 of a failed example where a `zoo.Wrapped` collects the `Stats` and NaN where none
        does. `Stats` with axes, of solves in a row (scan) or side by side (vmap), become those of
        all of them.
        """
        stats = _of_one(stats)
        collector = current_collector()
        if collector is None:
            return jnp.where(stats.result == 0, y, jnp.nan)
        collector.take(stats)
        return jnp.where(stats.result == 0, y, 0)


def ode_block(layer: Layer, *, solver: Solver | None = None) -> ODEBlock:
    """A residual layer, x + layer(x), as an ODE block: the solution of dy/dt = layer(y) from x.

        net = eqx.nn.Sequential([
            eqx.nn.Linear(2, 16, key=k1),
            zoo.ode_block(eqx.nn.MLP(16, 16, 32, 1, key=k2)),
            eqx.nn.Linear(16, 2, key=k3),
        ])
        result = zoo.fit(zoo.Wrapped(net), data)

    Chen et al. 2018, "Neural Ordinary Differential Equations", section 3.

    Args:
        layer: any module or function of one example that keeps the shape of its input. One that
            has to be given (t, x) depends on the time, and one of (t, x, args) is a vector field
            and gets what the block is given as args.
        solver: how it is solved; what it does not give takes the defaults of `zoo.Solver`.

    Raises `ConfigError` for a layer with other parameters, for one that draws (Dropout) or keeps a
    state (BatchNorm), and for a solver that cannot work.
    """
    solver = (Solver() if solver is None else solver).concrete()
    solver.resolve()
    return ODEBlock(dynamics_of(layer), solver)


def _of_one(stats: Stats) -> Stats:
    """The `Stats` of one example, their fields [], from those of all of its solves."""
    if stats.result.ndim == 0:
        return stats
    rows = totalled(jax.tree.map(lambda x: x.reshape(-1), stats))
    return jax.tree.map(lambda x: x.reshape(()), rows.grouped(len(rows.result)))
