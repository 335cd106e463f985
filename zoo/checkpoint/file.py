"""The file itself: a safetensors file whose header tells everything, under one digest.

Its one metadata entry, `zoo`, is JSON. The first key is `digest`, the SHA-256 of the whole file
with these 64 characters as zeros, so that no byte can change without a word. The others are
`format`, `kind`, `class`, `config`, `leaves` (type and shape by path) and `static`. The digest
tells damage, not malice: against that, nothing in a file is imported, called or unpickled.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as safetensors_arrays
from safetensors.numpy import save as safetensors_bytes

from ..errors import CheckpointError
from .json_text import json_text
from .regular import NotRegularError, open_regular, size_of, words_of

FORMAT = 2
_START = b'"zoo":"{\\"digest\\": \\"'
_BLANK = b"0" * 64
_LARGEST_HEADER = 100_000_000
_ENTRIES = {"kind", "class", "config", "leaves", "static"}
_FOREIGN = {
    b"PK\x03\x04": "a zip archive, as torch.save and numpy.savez write them",
    b"\x80": "a pickle, which could run any code",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a .npy file",
}


def encode(header: Mapping[str, object], arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of a file; the same in every process. `leaves`, format and digest are added."""
    leaves = {name: [str(array.dtype), list(array.shape)] for name, array in arrays.items()}
    told = {"format": FORMAT, **header, "leaves": leaves}
    text = '{"digest": "' + _BLANK.decode() + '", ' + json_text(told, sort_keys=True)[1:]
    data = safetensors_bytes({n: _stored(a) for n, a in arrays.items()}, {"zoo": text})
    at = data.index(_START) + len(_START)
    return data[:at] + hashlib.sha256(data).hexdigest().encode() + data[at + len(_BLANK) :]


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a file that the zoo wrote. Nothing is imported, called or built.

    Raises `CheckpointError` for any other file: one that is missing, empty, cut, changed in any
    byte, foreign, newer, or that promises more than it holds.
    """
    data = _bytes(Path(path))
    header = _header(path, data)
    _check_digest(path, data)
    try:
        if missing := ", ".join(sorted(_ENTRIES - header.keys())):
            raise ValueError(f"its header has no {missing}")
        if not isinstance(header["config"], dict | None):
            raise ValueError("its configuration is no mapping")
        arrays = safetensors_arrays(data)
        leaves = {str(name): (str(dtype), tuple(shape)) for name, (dtype, shape) in _pairs(header)}
        if leaves.keys() != arrays.keys():
            raise ValueError("its list of leaves names others than it holds")
        restored = {name: _restored(a, leaves[name][0]) for name, a in arrays.items()}
        for name, array in restored.items():
            if (str(array.dtype), array.shape) != leaves[name]:
                raise ValueError(f"{name!r} is listed with another type or shape than it has")
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        _refuse(path, f"is no sound weight file: {error}.")
    return header, restored


def _bytes(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            data = file.read(size_of(file))
    except NotRegularError as error:
        words = f"{path} is {error}: expected a weight file (*.safetensors)."
        raise CheckpointError(words) from None
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(f"There is no weight file at {path}.") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {words_of(error)}.") from error
    if not data:
        raise CheckpointError(f"{path} is empty: take another copy.")
    return data


def _header(path: object, data: bytes) -> dict[str, Any]:
    """The zoo's entry of the header, checked for its form alone."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, _LARGEST_HEADER):
        kind = next((words for start, words in _FOREIGN.items() if data.startswith(start)), None)
        if kind is not None:
            _refuse(path, f"is {kind}: it is not opened. Expected a safetensors file.")
        _refuse(
            path,
            f"is not a whole safetensors file: its header would take {length:,} bytes of the "
            f"file's {len(data):,}. Take another copy.",
        )
    try:
        outer = json.loads(data[8 : 8 + length])
        metadata = outer.get("__metadata__") or {}
        if "zoo" not in metadata:
            _refuse(path, "was not written by the zoo: its header has no entry 'zoo'.")
        header = json.loads(metadata["zoo"])
        newer = header["format"] > FORMAT
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        if _START in data:  # one of the zoo's own, then, with something changed
            _check_digest(path, data)
        _refuse(path, "is not a whole safetensors file: its header cannot be read.")
    if newer:
        _refuse(path, f"has format {header['format']}, this zoo reads up to {FORMAT}: update it.")
    return header


def _check_digest(path: object, data: bytes) -> None:
    """Compare the digest of the bytes as they are with the one that they carry."""
    at = data.find(_START, 0, 8 + int.from_bytes(data[:8], "little")) + len(_START)
    if at < len(_START):
        _refuse(path, "has no digest where the zoo writes it: it was changed, or made by hand.")
    blank = data[:at] + _BLANK + data[at + len(_BLANK) :]
    got = hashlib.sha256(blank).hexdigest()
    expected = data[at : at + len(_BLANK)].decode("ascii", "replace")
    if got != expected:
        expected = expected if expected.isalnum() else ascii(expected)
        _refuse(path, f"is damaged: its digest is {got}, expected {expected}. Take another copy.")


def _pairs(header: Mapping[str, Any]) -> Any:
    return dict(header["leaves"]).items()


def _stored(array: np.ndarray) -> np.ndarray:
    """Contiguous; bfloat16, which safetensors' NumPy side cannot read, as uint16."""
    whole = np.ascontiguousarray(array).reshape(array.shape)
    return whole.view(np.uint16) if whole.dtype == jnp.bfloat16 else whole


def _restored(array: np.ndarray, dtype: str) -> np.ndarray:
    return array.view(jnp.bfloat16) if dtype == "bfloat16" else array


def _refuse(path: object, words: str) -> NoReturn:
    raise CheckpointError(f"{path} {words}") from None
