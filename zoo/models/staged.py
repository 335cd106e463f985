"""ODE blocks in a row, each of a state of its own size, between a first layer and a head."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree, Shaped

from ..dynamics import Dynamics
from ..solve import Solver, marked, solve, zeroed
from ..types import AnyArray, Keys, Stats
from .ode_model import AbstractODEModel
from .outer_layers import OuterLayers
from .staged_base import AbstractStagedNet


class ODEStage(eqx.Module):
    """One solve: its vector field and its own solver."""

    dynamics: Dynamics
    solver: Solver

    def __init__(self, dynamics: Dynamics, solver: Solver | None = None) -> None:
        self.dynamics = dynamics
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()


class StagedODENet(AbstractStagedNet, AbstractODEModel):
    """Stem, ODE blocks with a transition between each two, head: an ODE-Net of images.

    Where a residual net has a stage of residual blocks that keep their size, this has the solution
    of an ODE at t1 (Chen et al. 2018, "Neural Ordinary Differential Equations", section 3). Zeros
    that are appended to the channels of the first state (Dupont et al. 2019, "Augmented Neural
    ODEs") pass through all transitions.

    What `forward` is given as `solver` is laid over each stage's own; `Stats` are those of all
    solves in a row. An example that fails in one stage is 0 in those that follow and NaN in the
    end, so that it leaves the others' gradients alone. Figures show the first stage.

    Args:
        stages: the solves, that of the first state to that of the last.
        outer: the layers before, between and after them.

    Raises `ConfigError` for stages and transitions that do not alternate.
    """

    stages: tuple[ODEStage, ...]
    outer: OuterLayers

    def __init__(self, stages: Sequence[ODEStage], outer: OuterLayers) -> None:
        outer.after_each(len(stages))
        self.stages, self.outer = tuple(stages), outer

    @property  # type: ignore[misc]
    def dynamics(self) -> Dynamics:  # type: ignore[override]
        """The vector field of the first stage."""
        return self.stages[0].dynamics

    def initial_state(self, xs: Shaped[AnyArray, "B H W C"]) -> Float[Array, "B ..."]:
        """The first stage's states at t0: the images through the stem, and zeros.

        Raises `DataError` for images of another size.
        """
        return self.outer.enter(xs, self)

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]]:
        """The vector field of each stage."""
        return [(each.dynamics, often) for each, often in zip(self.stages, nfe, strict=True)]

    def forward(
        self,
        xs: Shaped[AnyArray, "B H W C"],
        *,
        args: Any = None,
        solver: Solver | None = None,
        key: PRNGKeyArray | Keys | None = None,
    ) -> tuple[Float[Array, "B outputs"], Stats]:
        """As `AbstractModel.forward`; the cost is that of all stages."""
        ys, args = self.problem(xs, args)
        layers = self.outer.after_each(len(self.stages))
        stats: Stats | None = None
        for number, (stage, layer) in enumerate(zip(self.stages, layers, strict=True)):
            own = stage.solver if solver is None else solver.over(stage.solver)
            drawn = None if key is None else _of_stage(key, number)
            ys, now = solve(stage.dynamics, ys, args=args, solver=own, key=drawn)
            stats = now if stats is None else stats.then(now)
            ys = layer(zeroed(ys, stats))
        assert stats is not None, "one stage or more"
        return marked(ys, stats), stats


def _of_stage(key: PRNGKeyArray | Keys, number: int) -> PRNGKeyArray | Keys:
    """A key of its own for each stage, one or one for each example as `key` is."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    fold = partial(jax.random.fold_in, data=number)
    return jax.vmap(fold)(key) if key.ndim else fold(key)
