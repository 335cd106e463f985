"""Dynamics that are told the class of an example."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ..types import AnyArray
from .base import AbstractBatchDynamics, Dynamics, Time, lift


class LabelledDynamics(AbstractBatchDynamics):
    """dy/dt = field([y, e]), of which the entries of y are kept; e is learned for each class.

    args are labels [B], 0 to classes - 1, or None: `classes` itself stands for no class, and has an
    e of its own. Along the last axis of the state, which of an image is that of its channels, at
    each pixel the same.

        field = zoo.dynamics.MLPDynamics(size + embedding, key=key)
        dynamics = LabelledDynamics(field, classes=10, size=size, embedding=8, key=key)

    Args:
        field: a field of states whose last axis has `size + embedding` entries.
        classes: how many there are.
        size: entries of the state's last axis.
        embedding: numbers that say the class.
        key: random key of the initial e.
    """

    field: Dynamics
    embeddings: Float[AnyArray, "labels embedding"]
    size: int = eqx.field(static=True)

    def __init__(
        self, field: Dynamics, classes: int, size: int, embedding: int, *, key: PRNGKeyArray
    ) -> None:
        self.field, self.size = field, size
        self.embeddings = jax.random.normal(key, (classes + 1, embedding))

    @property
    def classes(self) -> int:
        """How many classes there are, that for none not counted."""
        return len(self.embeddings) - 1

    def batch(
        self, t: Time, ys: Float[Array, "B ..."], args: Int[AnyArray, " B"] | None
    ) -> Float[Array, "B ..."]:
        """The derivatives of a batch of states."""
        labels = jnp.full(len(ys), self.classes) if args is None else jnp.asarray(args)
        told = jnp.asarray(self.embeddings)[labels].astype(ys.dtype)
        told = told.reshape(len(ys), *[1] * (ys.ndim - 2), told.shape[-1])
        told = jnp.broadcast_to(told, (*ys.shape[:-1], told.shape[-1]))
        return lift(self.field)(t, jnp.concatenate([ys, told], axis=-1), None)[..., : self.size]


class OfClass(AbstractBatchDynamics):
    """A field that is told one class for every example, by classifier-free guidance.

    v(y) + guidance (v(y, label) - v(y)): Ho and Salimans 2022, "Classifier-Free Diffusion
    Guidance", whose weight w is guidance - 1. With 1 it is the class's own field, one evaluation;
    otherwise both are evaluated, as one batch.
    """

    field: LabelledDynamics
    label: Int[AnyArray, ""]
    guidance: Float[AnyArray, ""] | None
    """None for 1."""

    def batch(self, t: Time, ys: Float[Array, "B ..."], args: None) -> Float[Array, "B ..."]:
        """The derivatives of a batch of states."""
        count = len(ys)
        labels = jnp.full(count, self.label)
        if self.guidance is None:
            return self.field.batch(t, ys, labels)
        none = jnp.full(count, self.field.classes, labels.dtype)
        times = jnp.concatenate([t, t]) if jnp.ndim(t) == 1 else t
        both = self.field.batch(times, jnp.concatenate([ys, ys]), jnp.concatenate([none, labels]))
        without, told = both[:count], both[count:]
        guidance = jnp.asarray(jax.lax.stop_gradient(self.guidance), ys.dtype)
        return without + guidance * (told - without)
