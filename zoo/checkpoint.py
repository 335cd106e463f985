"""Weights in one safetensors file, the configuration in its header. Never a pickle.

The header's one metadata entry, `zoo`, is JSON: format version, the class, the configuration from
which the model is built again, and every leaf's path.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from .errors import CheckpointError, OutputError
from .registry import MODELS

FORMAT = 1
_Model = TypeVar("_Model")


def save(
    path: str | os.PathLike[str], model: PyTree, config: Mapping[str, Any] | None = None
) -> None:
    """Write a model's arrays, and the configuration from which `load` can build it, to one file.

    Args:
        path: the file, by custom `*.safetensors`; one that is there is replaced in one move.
        model: any pytree; all of its arrays are written, under their path.
        config: what `zoo.model_config` made, for a model made by name. Without it the file loads
            with `load(path, like=...)` only.

    Raises `OutputError` where the file cannot be written, `CheckpointError` for a random key.
    """
    arrays = _arrays(model)
    header = {
        "format": FORMAT,
        "class": type(model).__name__,
        "config": None if config is None else dict(config),
        "leaves": {name: [str(leaf.dtype), list(leaf.shape)] for name, leaf in arrays.items()},
    }
    stored = {name: _stored(leaf) for name, leaf in arrays.items()}
    data = safetensors_bytes(stored, {"zoo": json.dumps(header, sort_keys=True)})
    write_atomically(Path(path), data)


def load(path: str | os.PathLike[str], like: _Model | None = None) -> Any:
    """The model of a file that `save` wrote.

    Args:
        path: the file.
        like: a model of the same structure, whose arrays are replaced; needed for a model that
            was made by hand, since a file names only what is registered and never imports.

    Raises `CheckpointError` for a file that is damaged, foreign, or of another structure, and
    `UnknownNameError` where the model's builder is not registered here.
    """
    header, arrays = read(path)
    if like is not None:
        return _fill(like, arrays, path)
    config = header["config"]
    if config is None:
        raise CheckpointError(
            f"{path} holds a {header['class']} that was made by hand: pass a model of the same "
            "structure, zoo.load(path, like=model)."
        )
    return _fill(template(config), arrays, path)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a file that `save` wrote; raises `CheckpointError` for any other."""
    if not Path(path).is_file():
        raise CheckpointError(f"There is no weight file at {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = (file.metadata() or {}).get("zoo")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}.") from error
    if metadata is None:
        raise CheckpointError(f"{path} was not written by the zoo: its header has no entry 'zoo'.")
    header = json.loads(metadata)
    if header["format"] > FORMAT:
        raise CheckpointError(
            f"{path} has format {header['format']}, this zoo reads up to {FORMAT}: update it."
        )
    leaves = header["leaves"]
    return header, {name: _restored(a, leaves[name][0]) for name, a in arrays.items()}


def template(config: Mapping[str, Any]) -> Any:
    """The model of a configuration with shapes in the place of arrays; nothing is computed."""
    builder = MODELS[config["model"]].builder
    sizes = (config["in_size"], config["out_size"])
    key = jax.random.key(0)
    return eqx.filter_eval_shape(lambda k: builder(*sizes, **config["options"], key=k), key)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one move, so that a reader never meets half of one.

    Raises `OutputError` where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def _arrays(model: PyTree) -> dict[str, Array]:
    """The arrays of a model by their path."""
    arrays = {}
    is_shape = lambda x: isinstance(x, jax.ShapeDtypeStruct)  # noqa: E731
    for path, leaf in jax.tree_util.tree_leaves_with_path(model, is_leaf=is_shape):
        if not (eqx.is_array(leaf) or is_shape(leaf)):
            continue
        name = jax.tree_util.keystr(path).lstrip(".")
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            raise CheckpointError(
                f"{name} is a random key, which a weight file does not hold: keep keys out of the "
                "model, or store jax.random.key_data(key)."
            )
        arrays[name] = leaf
    return arrays


def _stored(leaf: Array) -> np.ndarray:
    """As NumPy, contiguous; bfloat16, which safetensors' NumPy side cannot read, as uint16."""
    array = np.ascontiguousarray(np.asarray(leaf)).reshape(leaf.shape)
    return array.view(np.uint16) if array.dtype == jnp.bfloat16 else array


def _restored(array: np.ndarray, dtype: str) -> np.ndarray:
    return array.view(jnp.bfloat16) if dtype == "bfloat16" else array


def _fill(model: _Model, arrays: dict[str, np.ndarray], path: Any) -> _Model:
    """The model with every array replaced by the file's of the same path."""
    wanted = _arrays(model)
    problems = [f"{n}: missing in the file" for n in wanted.keys() - arrays.keys()]
    problems += [f"{n}: not in the model" for n in arrays.keys() - wanted.keys()]
    for name in wanted.keys() & arrays.keys():
        got, expected = arrays[name], wanted[name]
        if got.shape != expected.shape:
            problems.append(f"{name}: shape {got.shape}, expected {expected.shape}")
        elif got.dtype != expected.dtype:
            problems.append(f"{name}: type {got.dtype}, expected {expected.dtype}")
    if problems:
        more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
        raise CheckpointError(
            f"{path} does not fit the model. {'; '.join(sorted(problems)[:5])}{more}. Build the "
            "model with the options it was saved with."
        )

    def replace(tree_path: Any, leaf: Any) -> Any:
        name = jax.tree_util.keystr(tree_path).lstrip(".")
        return jnp.asarray(arrays[name]) if name in wanted else leaf

    return jax.tree_util.tree_map_with_path(replace, model)
