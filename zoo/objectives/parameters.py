"""What of a model is trained: decided here, once, for gradient, optimiser, average and count."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ..errors import ConfigError, NumericalError
from ..nn.frozen import Frozen
from ..solve import Solver
from ..types import Tree


def trainable(model: PyTree) -> PyTree[bool]:
    """A pytree of bools like `model`: True at its floating arrays.

    Except in a `Solver`, and in what `zoo.nn.frozen` holds.
    """

    def left_alone(node: object) -> bool:
        return isinstance(node, Solver | Frozen)

    def mark(node: Any) -> Any:
        if left_alone(node):
            return jax.tree.map(lambda _: False, node)
        return eqx.is_inexact_array(node)

    return jax.tree.map(mark, model, is_leaf=left_alone)


def count_parameters(model: PyTree) -> int:
    """The number of trained scalars."""
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(eqx.filter(model, trainable(model))))


def float_type(model: PyTree) -> np.dtype | None:
    """The floating type that a model computes in, that of its arrays; None where it has none.

    A `Solver` in it has numbers of its own, which do not count. Data are brought to this type.

    Raises `ConfigError` where the arrays are of several types, with one of each.
    """
    of_type: dict[np.dtype, str] = {}

    def left_alone(node: object) -> bool:
        return isinstance(node, Solver)

    for path, leaf in jax.tree_util.tree_leaves_with_path(model, is_leaf=left_alone):
        if eqx.is_inexact_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.floating):
            dtype = np.dtype(jax.dtypes.canonicalize_dtype(leaf.dtype))
            of_type.setdefault(dtype, jax.tree_util.keystr(path).lstrip("."))
    if len(of_type) > 1:
        told = ", ".join(f"{name} is {dtype}" for dtype, name in of_type.items())
        raise ConfigError(
            f"The model's arrays are of several types: {told}. Expected one, in which it computes: "
            "make all of its parts with the same precision (jax.enable_x64), or cast one, "
            "zoo.precision.cast_floats(part, 'float32')."
        )
    return next(iter(of_type), None)


def leaf_paths(tree: Tree) -> list[str]:
    """The path of every leaf, such as `dynamics.net.layers[0].weight`."""
    pairs = jax.tree_util.tree_leaves_with_path(tree)
    return [jax.tree_util.keystr(path).lstrip(".") for path, _ in pairs]


def check_parameters(model: PyTree) -> None:
    """Refuse a model that would train or solve wrongly, before anything is compiled.

    Raises `NumericalError` for an array that is not finite, and `ConfigError` for arrays that the
    optimiser cannot see, in a function's closure or in a static field, or that it would see twice,
    and for arrays of several types; each names the leaf.
    """
    float_type(model)
    for path, leaf in jax.tree_util.tree_leaves_with_path(eqx.filter(model, eqx.is_inexact_array)):
        bad = np.flatnonzero(~np.isfinite(np.asarray(leaf, np.float64)))
        if len(bad):
            name = jax.tree_util.keystr(path).lstrip(".")
            raise NumericalError(
                f"{name}, of shape {leaf.shape}, holds {len(bad)} values that are not finite "
                f"(the first at flat index {bad[0]}): a solve with it cannot succeed. Start from "
                "other weights, or train with a smaller learning rate or clipping."
            )
    for name in _hidden_arrays(model):
        raise ConfigError(
            f"{name} holds arrays where the optimiser cannot see them, so that they would never "
            "be trained: make the function an eqx.Module (or zoo.dynamics.AbstractDynamics) with "
            "the arrays as ordinary fields."
        )
    twice = next(_shared_arrays(model), None)
    if twice is not None:
        raise ConfigError(
            f"{twice[0]} and {twice[1]} are one array, and would be trained apart: hold a shared "
            "layer once (eqx.nn.Shared, or ResNet with shared=True), or copy it with jnp.array."
        )


def _hidden_arrays(model: PyTree) -> Iterator[str]:
    def is_module(node: object) -> bool:
        return isinstance(node, eqx.Module)

    for path, leaf in jax.tree_util.tree_leaves_with_path(model):
        if inspect.isfunction(leaf):
            name = jax.tree_util.keystr(path).lstrip(".")
            yield from _closure(leaf, name)
    todo = [("", node) for node in jax.tree.leaves(model, is_leaf=is_module) if is_module(node)]
    while todo:
        prefix, module = todo.pop()
        for field in fields(module):
            value = getattr(module, field.name, None)
            name = f"{prefix}{field.name}"
            if not field.metadata.get("static", False):
                inner = jax.tree.leaves(value, is_leaf=is_module)
                todo += [(f"{name}.", node) for node in inner if is_module(node)]
            elif _has_arrays(value):
                yield f"The static field {name}"
            elif inspect.isfunction(value):
                yield from _closure(value, name)


def _shared_arrays(model: PyTree) -> Iterator[tuple[str, str]]:
    """Pairs of paths that hold one array."""
    trained = eqx.filter(model, trainable(model))
    seen: dict[int, str] = {}
    for path, leaf in zip(leaf_paths(trained), jax.tree.leaves(trained), strict=True):
        if id(leaf) in seen:
            yield seen[id(leaf)], path
        seen[id(leaf)] = path


def _closure(function: Callable, name: str) -> Iterator[str]:
    captured = inspect.getclosurevars(function)
    for variable, value in {**captured.globals, **captured.nonlocals}.items():
        if _has_arrays(value):
            yield f"The variable {variable!r} of {name or function.__name__}"


def _has_arrays(value: Any) -> bool:
    return any(map(eqx.is_inexact_array, jax.tree.leaves(value)))
