"""What a loss may ask of a model, whatever its class."""

from typing import Protocol, runtime_checkable

from jaxtyping import PyTree

from ..solve import Solver
from ..types import AnyArray, AnyKey, Args, Batch, State, Stats


@runtime_checkable
class Model(Protocol):
    """A pytree that evaluates a batch and tells what that cost: any `zoo.AbstractModel`."""

    def inputs(self, batch: Batch) -> PyTree[AnyArray]:
        """What `forward` takes of a batch's named arrays."""

    def forward(
        self,
        xs: PyTree[AnyArray],
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[State, Stats]:
        """The outputs of a batch [B, ...] and what each example cost."""

    def isolates_failures(self, solver: Solver | None = None) -> bool:
        """Whether an example whose solve fails leaves the gradients of the others alone."""

    def noise_part(self) -> object:
        """The part that a likelihood of its own fits, beside the loss; None without one."""
