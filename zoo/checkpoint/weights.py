"""Models to files and back."""

import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ..errors import CheckpointError, UnknownNameError, ZooError
from ..registry import MODELS
from ..schema import build, check_sizes, resolve
from .atomic import write_atomically
from .configuration import check_config, check_layers
from .file import encode, read
from .file_types import check_bits, of_types
from .leaves import arrays_of, describe, path_name
from .recorded_sizes import sizes_from_json

_Tree = TypeVar("_Tree")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def save(
    path: str | os.PathLike[str],
    model: PyTree,
    config: Mapping[str, object] | None = None,
    *,
    reference: Mapping[str, list[float]] | None = None,
) -> None:
    """Write a model's arrays, and the configuration from which `load` can build it, to one file.

    Args:
        path: the file, by custom `*.safetensors`; one that is there is replaced in one move.
        model: any pytree; all of its arrays are written, under their path.
        config: what `zoo.model_config` made, for a model made by name. Without it the file loads
            with `load(path, like=...)` only.
        reference: what `zoo predict` compares new rows with, see `zoo.evaluation.reference_of`.

    Raises `OutputError` where the file cannot be written, and `CheckpointError` for a random key
    or a `config` that does not make this model, since loading would then make another.
    """
    if config is not None:
        problems = _differences(model, template(config))
        if problems:
            raise CheckpointError(
                f"The configuration does not describe this model: {_some(problems)}. What was "
                "changed by hand is saved without config, and loaded with like=model."
            )
    write(path, model, "model", config, {"reference": dict(reference)} if reference else {})


def write(
    path: str | os.PathLike[str],
    tree: PyTree,
    kind: str,
    config: Mapping[str, object] | None,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write any pytree's arrays to one file; what was written is read back before it counts.

    `more` are entries of its header beside those that every file has.
    """
    header = {
        "kind": kind,
        "class": type(tree).__name__,
        "config": None if config is None else dict(config),
        "static": describe(tree),
        **(more or {}),
    }
    arrays = {name: np.asarray(leaf) for name, leaf in arrays_of(tree).items()}
    write_atomically(Path(path), encode(header, arrays), read)


def load(
    path: str | os.PathLike[str],
    like: _Tree | None = None,
    *,
    cast: bool = False,
    strict: bool = True,
) -> Any:
    """The model of a file that `save` wrote, in the types that the file holds.

    Args:
        path: the file.
        like: a model of the same structure, whose arrays are replaced; needed for a model that
            was made by hand, since a file names only what is registered and never imports.
        cast: whether floating arrays change their type to that of `like`, or without it to the
            default: float32, or float64 where JAX has 64 bits.
        strict: whether all that is not an array (activations, tolerances) must be as it was saved.

    Raises `CheckpointError` for a file that is damaged, foreign, of another structure, needs 64
    bits where JAX has none, or holds numbers that are not finite, and `UnknownNameError` where the
    model's builder is not known here.
    """
    header, arrays = read_model(path)
    if like is None:
        if not cast:
            check_bits(path, header)
        if header["config"] is None:
            raise CheckpointError(
                f"{path} holds a model of class {header['class']!r} made by hand: pass one of the "
                "same structure, zoo.load(path, like=model)."
            )
        like = template(header["config"], path, arrays)
        like = like if cast else of_types(like, arrays)
    return fill(like, header, arrays, path, cast=cast, strict=strict)


def read_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a file that holds a model whose numbers are finite.

    Raises `CheckpointError` for any other, and for one whose configuration does not make sense.
    """
    header, arrays = read(path)
    if header.get("kind") != "model":
        raise CheckpointError(
            f"{path} holds a {header.get('kind')!r}, expected a model: use the run's "
            "model.safetensors."
        )
    _check_finite(path, arrays)
    if header["config"] is not None:
        check_config(header["config"], path)
    return header, arrays


def template(
    config: Mapping[str, Any],
    path: object = "The configuration",
    arrays: Mapping[str, np.ndarray] | None = None,
) -> Any:
    """The model of a configuration with shapes in the place of arrays; nothing is computed.

    Where `arrays` are given, those of its file, one of more layers than they can be is not built.

    Raises `CheckpointError` for a configuration that makes no model, and `UnknownNameError` with
    the modules to `use` where it names what is not known here.
    """
    try:
        builder = MODELS[config["model"]].builder
        options = resolve(builder, config["options"], "model.")
        sizes = sizes_from_json(config)
        check_sizes(builder, sizes)
        if arrays is not None:
            check_layers(builder, options, sizes, len(arrays))
        make = partial(build, builder, sizes, options)
        return eqx.filter_eval_shape(lambda key: make(key=key), jax.random.key(0))
    except UnknownNameError as error:
        needed = error.modules or needed_modules(config)
        raise UnknownNameError(f"{path} cannot be built here. {error}", needed) from None
    except (ZooError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        words = str(error).rstrip(".")
        raise CheckpointError(f"{path} does not make a model: {words}.") from error


def needed_modules(config: Mapping[str, object]) -> tuple[str, ...]:
    """The user's modules that a configuration says it needs; only what looks like a name."""
    listed = config.get("use") if isinstance(config, Mapping) else None
    listed = listed if isinstance(listed, list | tuple) else []
    return tuple(m for m in listed if isinstance(m, str) and _MODULE.fullmatch(m))


def fill(
    tree: _Tree,
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    path: object,
    *,
    cast: bool = False,
    strict: bool = True,
) -> _Tree:
    """The tree with every array replaced by the file's of the same path.

    Raises `CheckpointError` where the two differ, with the paths.
    """
    wanted = arrays_of(tree)
    problems = _mismatches(wanted, arrays, cast)
    if strict:
        problems += _changes(header["static"], describe(tree))
    if problems:
        raise CheckpointError(
            f"{path} does not fit: {_some(problems)}. Build the model with the options it was "
            "saved with."
        )

    def replace(tree_path: Any, leaf: Any) -> Any:
        name = path_name(tree_path)
        return jnp.asarray(arrays[name], wanted[name].dtype) if name in wanted else leaf

    return jax.tree_util.tree_map_with_path(replace, tree)


def _differences(model: PyTree, other: PyTree) -> list[str]:
    return _mismatches(arrays_of(other), arrays_of(model), cast=True) + _changes(
        describe(model), describe(other)
    )


def _mismatches(wanted: Mapping[str, Any], got: Mapping[str, Any], cast: bool) -> list[str]:
    problems = [f"{n}: missing in the file" for n in sorted(wanted.keys() - got.keys())]
    problems += [f"{n}: not in the model" for n in sorted(got.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & got.keys()):
        mine, expected = got[name], wanted[name]
        floating = all(jnp.issubdtype(x.dtype, jnp.floating) for x in (mine, expected))
        if mine.shape != expected.shape:
            problems.append(f"{name}: shape {mine.shape}, expected {expected.shape}")
        elif mine.dtype != expected.dtype and not (cast and floating):
            hint = " (cast=True takes it)" if floating else ""
            problems.append(f"{name}: type {mine.dtype}, expected {expected.dtype}{hint}")
    return problems


def _changes(saved: Any, now: Mapping[str, str]) -> list[str]:
    saved = saved if isinstance(saved, Mapping) else {}
    return [
        f"{name.rstrip(':')}: {saved.get(name, 'nothing')} in the file, {now.get(name, 'nothing')} "
        "in the model"
        for name in sorted(saved.keys() | now.keys())
        if saved.get(name, "None") != now.get(name, "None")  # a field that is newer than the file
    ]


def _check_finite(path: object, arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        if jnp.issubdtype(array.dtype, jnp.inexact):
            bad = int((~np.isfinite(array.astype(np.float64))).sum())
            if bad:
                raise CheckpointError(
                    f"{path} holds weights that are not finite: {bad} of {array.size} in {name!r}. "
                    "Take a checkpoint from before; zoo.checkpoint.read gives the arrays as they "
                    "are."
                )


def _some(problems: list[str]) -> str:
    more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
    return "; ".join(problems[:5]) + more
