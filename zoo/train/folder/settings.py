"""What a run's bits depend on beside its model, to tell whether one that is resumed is the same."""

import hashlib
import os
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh
from jaxtyping import PRNGKeyArray

from ...datasets import Dataset
from ...datasets.kept_split import count_of
from ...datasets.stream.split import StreamedSplit
from ...errors import CheckpointError, ZooWarning
from ...extensions import sources
from .earlier import with_new_names

MACHINE = ("platform", "device", "devices", "threads", "jax", "jaxlib", "diffrax", "optax")
_BEFORE = {"devices": 1}
"""What a run had of which its checkpoint does not tell."""


def settings_of(
    data: Dataset, key: PRNGKeyArray, options: Mapping[str, object], mesh: Mesh | None = None
) -> dict[str, Any]:
    """The settings of a run as JSON values; `options` are those of the loop, and the devices of
    `mesh` share its batches."""
    return {
        **options,
        "key": [int(word) for word in np.ravel(jax.random.key_data(key))],
        "examples": count_of(data.train),
        "data": fingerprint(data)[:16],
        "modules": sources(),
        "platform": jax.default_backend(),
        "device": jax.devices()[0].device_kind,
        "devices": 1 if mesh is None else mesh.size,
        "threads": threads(),
        **{name: version(name) for name in ("jax", "jaxlib", "diffrax", "optax")},
    }


def threads() -> int | None:
    """How many threads XLA computes with: the processors that this program may run on."""
    if hasattr(os, "sched_getaffinity"):  # where the system can bind a program to some of them
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def fingerprint(data: Dataset) -> str:
    """A digest of all arrays that a run trains and is validated on; of those on disk, see
    `StreamedSplit.identity`."""
    digest = hashlib.sha256()
    for part in (data.train, data.val):
        if isinstance(part, StreamedSplit):
            digest.update(part.identity())
            continue
        for name in sorted(part):
            array = np.ascontiguousarray(part[name])
            digest.update(f"{name} {array.dtype} {array.shape};".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def decisive(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings by which a run is this one and no other, whatever machine it is on."""
    return {name: value for name, value in settings.items() if name not in (*MACHINE, "about")}


def check_same(saved: Mapping[str, object], now: Mapping[str, object], what: str) -> None:
    """Refuse to go on with another run than the one that was saved, or on other data.

    Raises `CheckpointError` with what differs, a user's module that was changed included. Another
    machine is only warned of: the run goes on, but not to the same bits. More `steps` are no
    difference.
    """
    _check_same_modules(saved, now, what)
    saved, now = _BEFORE | with_new_names(saved), _BEFORE | dict(now)
    free = {"steps", "modules", "about", *MACHINE}
    changed = [
        f"{name} was {saved.get(name)!r} and is {now.get(name)!r}"
        for name in sorted((saved.keys() | now.keys()) - free)
        if saved.get(name) != now.get(name)
    ]
    changed += list(_changes("", saved.get("about", {}), now.get("about", {})))
    if changed:
        raise CheckpointError(
            f"{what} was made with other settings: {'; '.join(changed)}. Resume with the same, or "
            "start anew in another folder."
        )
    machine = [
        f"{name} was {saved.get(name)} and is {now.get(name)}"
        for name in MACHINE
        if saved.get(name) != now.get(name)
    ]
    if machine:
        warnings.warn(
            f"Not bitwise: {what} was made on another machine ({'; '.join(machine)}). The run goes "
            "on, and its last digits may differ from one that was never stopped.",
            ZooWarning,
            stacklevel=3,
        )


def _changes(name: str, old: Any, new: Any) -> Iterator[str]:
    """What differs of two descriptions of a run: what only one of them tells is no difference, nor
    that it was resumed once more."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for each in sorted(old.keys() & new.keys()):
            yield from _changes(f"{name}.{each}".lstrip("."), old[each], new[each])
        return
    if name == "resumed":
        new = new[: len(old)]
    if old != new:
        yield f"{name} was {old!r} and is {new!r}"


def _check_same_modules(saved: Mapping[str, Any], now: Mapping[str, Any], what: str) -> None:
    """What a checkpoint does not know of, or what this program did not import, is not compared."""
    then, here = saved.get("modules", {}), now.get("modules", {})
    changed = [name for name, digest in then.items() if here.get(name, digest) != digest]
    if changed:
        raise CheckpointError(
            f"{what} was made with other code: {', '.join(changed)} changed since. Resume with the "
            "code as it was, or begin a new run with these weights: --from RUN --out ANOTHER."
        )
