"""What lies around the stages of a model of images: first layer, transitions, head."""

from collections.abc import Callable, Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from ..errors import ConfigError
from ..types import AnyArray
from .base import AbstractModel
from .images import check_images

Layer = Callable[[Array], Array]
"""From a batch to a batch."""


class OuterLayers(eqx.Module):
    """The layers before, between and after the stages of `StagedODENet` and `StagedResNet`.

    Args:
        head: from a batch of last states to the outputs.
        in_shape: height, width and channels of an input.
        stem: from a batch of inputs to the first states; the input itself where not given.
        transitions: from a stage's states to the next's, one fewer than there are stages.
        augment: number of channels of zeros appended to the first state.

    Raises `ConfigError` for an `augment` below zero.
    """

    stem: Layer | None
    transitions: tuple[Layer, ...]
    head: Layer
    in_shape: tuple[int, ...] = eqx.field(static=True)
    augment: int = eqx.field(static=True)

    def __init__(
        self,
        head: Layer,
        *,
        in_shape: tuple[int, ...],
        stem: Layer | None = None,
        transitions: Sequence[Layer] = (),
        augment: int = 0,
    ) -> None:
        if augment < 0:
            raise ConfigError(f"augment = {augment}: expected 0 or more channels.")
        self.stem, self.transitions, self.head = stem, tuple(transitions), head
        self.in_shape, self.augment = tuple(in_shape), augment

    def enter(self, xs: Shaped[AnyArray, "B H W C"], model: AbstractModel) -> Float[Array, "B ..."]:
        """The first states of a batch of images: through the stem, then with zeros appended.

        Raises `DataError` for images of another size than `model` was made for.
        """
        ys = check_images(xs, self.in_shape, model)
        ys = ys if self.stem is None else self.stem(ys)
        zeros = jnp.zeros((*ys.shape[:-1], self.augment), ys.dtype)
        return jnp.concatenate([ys, zeros], axis=-1) if self.augment else ys

    def after_each(self, stages: int) -> tuple[Layer, ...]:
        """The layer after each stage: the transitions, and at last the head.

        Raises `ConfigError` where there are not as many as `stages`.
        """
        layers = (*self.transitions, self.head)
        if stages != len(layers):
            raise ConfigError(
                f"{stages} stages with {len(self.transitions)} transitions: expected one stage or "
                "more, and a transition between each two, transitions = stages - 1."
            )
        return layers
