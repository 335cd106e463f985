"""The ODE-Net: a layer whose output is the solution of an ODE that starts at its input."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from ..dynamics import Dynamics, dynamics_by_name
from ..errors import ConfigError
from ..nn.dense import Affine
from ..objectives.by_task import Objectives
from ..objectives.losses import PREDICTION
from ..registry import DYNAMICS, register_model
from ..schema import Nested, Padding, Selects
from ..solve import Solver, solve, solver_from_options, solver_options
from ..types import AnyArray, AnyKey, Args, Stats
from .base import check_inputs
from .ode_model import AbstractODEModel


class ODENet(AbstractODEModel):
    """y(t1) of dy/dt = dynamics(t, y, args) with y(t0) = x, between an optional lift and head.

    Chen et al. 2018, "Neural Ordinary Differential Equations". `augment` zeros are appended to the
    last axis of the state, since trajectories of an ODE cannot cross: in more dimensions they pass
    by each other (Dupont et al. 2019, "Augmented Neural ODEs"). Without a head they are discarded
    at the output; a head reads the whole state.

    Args:
        dynamics: any `f(t, y, args) -> dy/dt` on one example; see `zoo.dynamics.AbstractDynamics`.
        augment: number of zeros appended.
        lift: maps one example's input to its state.
        head: maps one example's final state to its output.
        solver: the default `Solver`; what it does not give takes its defaults.
        in_size: the numbers of an input: inputs of other shapes that hold so many, such as images,
            are flattened. Without it inputs keep their shape.

    Raises `ConfigError` for a solver that cannot work.
    """

    objectives: ClassVar[Objectives] = PREDICTION

    dynamics: Dynamics
    lift: Callable[[Array], Array] | None
    head: Callable[[Array], Array] | None
    solver: Solver
    augment: int = eqx.field(static=True)
    in_size: int | None = eqx.field(static=True, metadata={"described": False})

    def __init__(
        self,
        dynamics: Dynamics,
        *,
        augment: int = 0,
        lift: Callable[[Array], Array] | None = None,
        head: Callable[[Array], Array] | None = None,
        solver: Solver | None = None,
        in_size: int | None = None,
    ) -> None:
        if augment < 0:
            raise ConfigError(f"augment = {augment}: expected 0 or more dimensions.")
        self.dynamics = dynamics
        self.lift, self.head = lift, head
        self.solver = (Solver() if solver is None else solver).concrete()
        self.solver.resolve()
        self.augment = augment
        self.in_size = in_size

    def forward(
        self,
        xs: Shaped[AnyArray, "B ..."],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractModel.forward`. An example whose solve failed is NaN, its `Stats` say why."""
        y0, args = self.problem(xs, args)
        solver = self.effective(solver)
        return solve(self.dynamics, y0, args=args, solver=solver, readout=self._output, key=key)

    def _output(self, ys: Float[Array, "B ..."]) -> Float[Array, "B ..."]:
        if self.head is not None:
            return jax.vmap(self.head)(ys)
        return ys[..., : ys.shape[-1] - self.augment] if self.augment else ys

    def initial_state(self, xs: Shaped[AnyArray, "B ..."]) -> Float[Array, "B ..."]:
        """The state at t0: the input, lifted, then augmented with zeros."""
        xs = check_inputs(xs, self.in_size, self, any_axes=True)
        y0 = xs if self.lift is None else jax.vmap(self.lift)(xs)
        if not self.augment:
            return y0
        if y0.ndim < 2:
            raise ConfigError(
                "A scalar state has no axis to append dimensions to: give inputs of shape (B, 1)."
            )
        zeros = jnp.zeros((*y0.shape[:-1], self.augment), y0.dtype)
        return jnp.concatenate([y0, zeros], axis=-1)

    def head_part(self) -> object:
        """The head; None where the state is the output."""
        return self.head

    @property
    def main_solver(self) -> Solver:
        """The model's own solver."""
        return self.solver


@register_model("odenet")
def odenet(
    in_size: int,
    out_size: int,
    *,
    dynamics: Annotated[str, Selects(DYNAMICS)] = "mlp",
    dynamics_options: Mapping[str, object] | None = None,
    augment: Padding = 0,
    lift: Padding = 0,
    head: bool = True,
    solver: Annotated[Mapping[str, object] | None, Nested(solver_options)] = None,
    key: PRNGKeyArray,
) -> ODENet:
    """An ODE-Net: the input is the state at t0, the output is read at t1.

    Args:
        in_size: numbers of an input; images are flattened
        out_size: length of an output
        dynamics: name of the vector field
        dynamics_options: its options
        augment: zeros appended to the state
        lift: length to which a linear layer takes the input first; 0 for none
        head: whether a linear layer makes the output from the whole state
        solver: options of the solver
        key: random key of the initial weights
    """
    lift_key, head_key, dynamics_key = jax.random.split(key, 3)
    size = lift or in_size
    if not head and size != out_size:
        raise ConfigError(
            f"An ODE keeps the size of its state: without a head the output has length {size}, and "
            f"{out_size} is wanted. Use head=True or lift={out_size}."
        )
    return ODENet(
        dynamics_by_name(dynamics, (size + augment,), dynamics_options, key=dynamics_key),
        augment=augment,
        lift=Affine(in_size, lift, key=lift_key) if lift else None,
        head=Affine(size + augment, out_size, key=head_key) if head else None,
        solver=solver_from_options(dict(solver or {})),
        in_size=in_size,
    )
