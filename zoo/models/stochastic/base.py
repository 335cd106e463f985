"""What a model of random paths is: a law from which whole paths are drawn."""

import abc
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...dynamics import Dynamics
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...regularisers import keys_of_examples
from ...solve import Solver, marked
from ...solve.sde import solve_sde
from ...solve.sde.field import Noise
from ...types import Args, Batch, Keys, Stats
from ..base import AbstractModel
from ..series import Series
from ..series.posterior import mixture
from ..series.repeated import repeated


class AbstractStochasticModel(AbstractModel):
    """Base of the models of random paths: an SDE on [0, 1], from a path's first time to its last.

    To write your own, subclass and give what `AbstractModel` asks for but `forward` and `sample`,
    which follow, and

    - `draw(ts, key, solver=...)`: paths [n, T, D] at times ts [n, T] within [0, 1], one for each of
      the keys [n];
    - values for the fields `length`, the times of a path in the data, `substeps`, the steps of a
      solve between two of them, and `samples`, the draws of a prediction.

    An SDE is solved by `self.solve`, whose steps end at the times of the data: between the ends of
    a step there is no noise. `energy_score` is what evaluation should report (see
    `zoo.objectives.energy_score`), and its prediction, a path drawn for each example, what the task
    `paths` asks for. Draws know nothing of an example but its times.

        class Brownian(AbstractStochasticModel):
            objectives: ClassVar = BY_DISTANCE["signature"]
            scale: jax.Array

            def draw(self, ts, key, *, solver=None):
                y0 = jnp.zeros((len(ts), 1))
                drift, diffusion = (lambda t, y, args: 0 * y), (lambda t, y, args: self.scale + y)
                return self.solve(drift, diffusion, y0, ts, key, solver=solver)

        model = Brownian(length=65, substeps=1, samples=10, scale=jnp.array(1.0))
    """

    draws_given_inputs: ClassVar[bool] = False

    length: int = eqx.field(static=True)
    substeps: int = eqx.field(static=True)
    samples: int = eqx.field(static=True)

    @abc.abstractmethod
    def draw(
        self, ts: Float[Array, "n T"], key: Keys, *, solver: Solver | None = None
    ) -> tuple[Float[Array, "n T D"], Stats]:
        """A path for each of the keys [n], at times ts within [0, 1]."""

    def solve(
        self,
        drift: Dynamics,
        diffusion: Dynamics,
        y0: Float[Array, "n S"],
        ts: Float[Array, "n T"],
        key: Keys,
        *,
        noise: Noise = "diagonal",
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "n T S"], Stats]:
        """The states of dy = drift dt + diffusion dW (Itô) at `ts`; see `zoo.solve.sde.solve_sde`.

        By Euler and Maruyama's method, `substeps` steps between two times of the data, where
        `solver` says nothing else.
        """
        laid = self.laid(solver)
        return solve_sde(drift, diffusion, y0, key=key, noise=noise, ts=ts, args=args, solver=laid)

    def laid(self, solver: Solver | None) -> Solver:
        """What `solver` says, laid over the model's own solver."""
        own = Solver(t0=0.0, t1=1.0, steps=(self.length - 1) * self.substeps, batching="joint")
        return own if solver is None else solver.over(own)

    def inputs(self, batch: Batch) -> Series:
        """The paths of a batch of a data set."""
        return Series.of(batch)

    def shares(self, xs: Series | None, count: int) -> Float[Array, "n T"]:
        """The times of paths as shares of the way from the first to the last one; those of the data
        without paths, for `count` of them."""
        dtype = float_type(self) or jnp.result_type(float)
        if xs is None:
            grid = jnp.linspace(0, 1, self.length, dtype=dtype)
            return jnp.broadcast_to(grid, (count, self.length))
        since = cast_floats(xs.since_start, dtype)
        whole = since[:, -1:]
        return since / jnp.where(whole > 0, whole, 1)

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
    ) -> tuple[Float[Array, "B T D 2"], Stats]:
        """The mean and standard deviation of `samples` draws at the times of each example.

        Without a key the draws of all examples are those of `jax.random.key(0)`.
        """
        ts, count = self.shares(xs, len(xs.x)), self.samples
        if key is None:
            same = jax.random.split(jax.random.key(0), count)
            keys = jnp.broadcast_to(same, (len(ts), count)).reshape(-1)
        else:
            own = keys_of_examples(key, len(ts))
            keys = jax.vmap(lambda each: jax.random.split(each, count))(own).reshape(-1)
        paths, stats = self.draw(repeated(ts, count), keys, solver=solver)
        stats = stats.grouped(count)
        paths = paths.reshape(len(ts), count, *paths.shape[1:])
        return marked(mixture(paths, jnp.zeros(paths.shape[-1], paths.dtype)), stats), stats

    def sample(
        self,
        xs: Series | None = None,
        *,
        key: Keys,
        args: Args = None,
        solver: Solver | None = None,
    ) -> tuple[Float[Array, "n T D"], Stats]:
        """A path for each of the keys [n]: at the times of `xs`, those of the data where None."""
        return self.draw(self.shares(xs, len(key)), key, solver=solver)
