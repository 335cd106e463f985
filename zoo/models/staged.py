"""ODE blocks in a row, each of a state of its own size, between a first layer and a head."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree, Shaped

from ..dynamics import Dynamics
from ..errors import ConfigError
from ..objectives.losses import PREDICTION
from ..solve import Solver, marked, solve, zeroed
from ..types import AnyArray, Keys, Stats
from .images import check_images
from .ode_model import AbstractODEModel

Layer = Callable[[Array], Array]
"""From a batch to a batch."""


class ODEStage(eqx.Module):
    """One solve: its vector field and its own solver."""

    dynamics: Dynamics
    solver: Solver

    def __init__(self, dynamics: Dynamics, solver: Solver | None = None) -> None:
        self.dynamics = dynamics
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()


class StagedODENet(AbstractODEModel):
    """Stem, ODE blocks with a transition between each two, head: an ODE-Net of images.

    Where a residual net has a stage of residual blocks that keep their size, this has the solution
    of an ODE at t1 (Chen et al. 2018, section 3). `augment` zeros are appended to the channels of
    the first state (Dupont et al. 2019, "Augmented Neural ODEs"); transitions take all of them.

    What `forward` is given as `solver` is laid over each stage's own; `Stats` are those of all
    solves in a row. An example that fails in one stage is 0 in those that follow and NaN in the
    end, so that it leaves the others' gradients alone. Figures show the first stage.

    Args:
        stages: the solves, the first state to the last.
        head: from a batch of last states to the outputs.
        in_shape: height, width and channels of an input.
        stem: from a batch of inputs to the first states; the input itself where not given.
        transitions: from a stage's states to the next's, one fewer than there are stages.
        augment: number of channels of zeros appended to the first state.

    Raises `ConfigError` for stages and transitions that do not alternate.
    """

    objectives: ClassVar[Mapping[str, Any]] = PREDICTION

    stem: Layer | None
    stages: tuple[ODEStage, ...]
    transitions: tuple[Layer, ...]
    head: Layer
    in_shape: tuple[int, ...] = eqx.field(static=True)
    augment: int = eqx.field(static=True)

    def __init__(
        self,
        stages: Sequence[ODEStage],
        head: Layer,
        *,
        in_shape: tuple[int, ...],
        stem: Layer | None = None,
        transitions: Sequence[Layer] = (),
        augment: int = 0,
    ) -> None:
        check_stages(len(stages), len(transitions), augment)
        self.stem, self.stages, self.head = stem, tuple(stages), head
        self.transitions = tuple(transitions)
        self.in_shape, self.augment = tuple(in_shape), augment

    @property
    def dynamics(self) -> Dynamics:  # type: ignore[override]
        """The vector field of the first stage."""
        return self.stages[0].dynamics

    def initial_state(self, xs: Shaped[AnyArray, "B H W C"]) -> Float[Array, "B ..."]:
        """The first stage's states at t0: the images through the stem, and zeros.

        Raises `DataError` for images of another size.
        """
        return entered(check_images(xs, self.in_shape, self), self.stem, self.augment)

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
        stats: Stats | None = None
        for number, (stage, layer) in enumerate(
            zip(self.stages, (*self.transitions, self.head), strict=True)
        ):
            own = stage.solver if solver is None else solver.over(stage.solver)
            drawn = None if key is None else _of_stage(key, number)
            ys, now = solve(stage.dynamics, ys, args=args, solver=own, key=drawn)
            stats = now if stats is None else stats.then(now)
            ys = layer(zeroed(ys, stats))
        assert stats is not None, "one stage or more"
        return marked(ys, stats), stats

    def head_part(self) -> PyTree:
        """The head."""
        return self.head


def check_stages(stages: int, transitions: int, augment: int) -> None:
    """Raise `ConfigError` for stages and transitions that do not alternate, or negative `augment`."""
    if stages < 1 or transitions != stages - 1:
        raise ConfigError(
            f"{stages} stages with {transitions} transitions: expected one stage or more, and a "
            "transition between each two, transitions = stages - 1."
        )
    if augment < 0:
        raise ConfigError(f"augment = {augment}: expected 0 or more channels.")


def entered(xs: Array, stem: Layer | None, augment: int) -> Array:
    """The first states of a batch of inputs: through the stem, then with `augment` more zeros."""
    ys = xs if stem is None else stem(xs)
    zeros = jnp.zeros((*ys.shape[:-1], augment), ys.dtype)
    return jnp.concatenate([ys, zeros], axis=-1) if augment else ys


def _of_stage(key: PRNGKeyArray | Keys, number: int) -> PRNGKeyArray | Keys:
    """A key of its own for each stage, one or one for each example as `key` is."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    fold = lambda one: jax.random.fold_in(one, number)  # noqa: E731
    return jax.vmap(fold)(key) if key.ndim else fold(key)
