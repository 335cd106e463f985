"""Parameters with a meaning: numbers in a range that is known, found by name in a model."""

import abc
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from ..errors import ConfigError
from ..types import Tree
from .frozen import Frozen


class AbstractPhysical(eqx.Module):
    """Base of parameters with a meaning: a rate, a mass, a restitution.

    To write your own range, subclass: hold **one** array that may take any value, which is what is
    trained, and give `value`, in range. A field of a model that is one of these is reported under
    the field's name by `model.physical_parameters()`, by `evaluate` and in the card.
    """

    @property
    @abc.abstractmethod
    def value(self) -> Float[Array, "*axes"]:
        """The parameter in its own unit, in range."""


class Positive(AbstractPhysical):
    """A parameter above 0, whose logarithm is trained: a step changes it by a share of itself.

    Args:
        value: the initial value, a number or an array of any shape.

    Raises `ConfigError` for one that is not above 0 or not finite.
    """

    log: Float[Array, "*axes"]

    def __init__(self, value: ArrayLike | Sequence[float]) -> None:
        given = _floats(value)
        if not (np.isfinite(given) & (given > 0)).all():
            raise ConfigError(f"Positive({value}): expected finite numbers above 0.")
        self.log = jnp.log(jnp.asarray(given, float))

    @property
    def value(self) -> Float[Array, "*axes"]:
        """The parameter, above 0."""
        return jnp.exp(self.log)


class Bounded(AbstractPhysical):
    """A parameter between `low` and `high`, which it reaches in the limit alone.

    Trained is the logit of its place between them.

    Args:
        value: the initial value, a number or an array of any shape.
        low: bound from below.
        high: bound from above.

    Raises `ConfigError` for a value that does not lie between finite bounds.
    """

    logit: Float[Array, "*axes"]
    low: float = eqx.field(static=True)
    high: float = eqx.field(static=True)

    def __init__(self, value: ArrayLike | Sequence[float], low: float, high: float) -> None:
        given = _floats(value)
        if not (np.isfinite([low, high]).all() and (low < given).all() and (given < high).all()):
            raise ConfigError(
                f"Bounded({value}, {low}, {high}): expected finite bounds, low below high, and an "
                "initial value between them, not on either."
            )
        share = (given - low) / (high - low)
        self.logit = jnp.asarray(np.log(share) - np.log1p(-share), float)
        self.low, self.high = float(low), float(high)

    @property
    def value(self) -> Float[Array, "*axes"]:
        """The parameter, between the bounds."""
        return self.low + (self.high - self.low) * jax.nn.sigmoid(self.logit)


@runtime_checkable
class TellsPhysical(Protocol):
    """A part of a model whose parameters have a meaning, but no range."""

    def physical_values(self) -> Mapping[str, Array]:
        """Arrays by name, in their own units."""


def physical_parameters(model: Tree) -> dict[str, float]:
    """The trained parameters with a meaning of a model, by name, each entry of an array by itself.

    Found are `AbstractPhysical` fields, and what parts with `physical_values` tell, anywhere in the
    model but in what is frozen, since those are no estimates. A name is that of the field; where
    two parts have one of the same name, the path to it.
    """
    found = [(path, np.asarray(value)) for path, value in _values(model)]
    names = [path.rsplit(".", 1)[-1] for path, _ in found]
    told: dict[str, float] = {}
    for (path, value), name in zip(found, names, strict=True):
        name = path if names.count(name) > 1 else name
        for place in np.ndindex(value.shape):
            told[".".join([name, *map(str, place)])] = float(value[place])
    return told


def _values(model: Tree) -> Iterator[tuple[str, Array]]:
    """Paths, dots between the names of fields, and values."""
    for path, node in jax.tree_util.tree_leaves_with_path(model, is_leaf=_tells):
        where = jax.tree_util.keystr(path, simple=True, separator=".")
        if isinstance(node, AbstractPhysical):
            yield where, node.value
        elif isinstance(node, TellsPhysical) and not isinstance(node, Frozen):
            for name, value in node.physical_values().items():
                yield f"{where}.{name}".lstrip("."), value


def _tells(node: object) -> bool:
    return isinstance(node, AbstractPhysical | Frozen | TellsPhysical)


def _floats(value: ArrayLike | Sequence[float]) -> np.ndarray:
    return np.asarray(value, np.float64)
