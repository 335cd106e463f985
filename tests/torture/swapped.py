"""Configurations with entries swapped for what nobody expects there, and files that are signed."""

import contextlib
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from zoo.checkpoint import describe, template
from zoo.errors import ZooError

from ..files import signed

MISSING = object()
"""An entry that is taken out."""


def nested(levels: int, kind: type = list) -> Any:
    """A list, or a mapping, within another, many times."""
    value: Any = 1
    for _ in range(levels):
        value = [value] if kind is list else {"options": value}
    return value


def values() -> list[Any]:
    """What an entry is swapped for; `pipe` and `socket` are to be there."""
    whole = [0, -1, 1, 2, 3, 7, 1000, 10**7, 2**31 - 1, 2**31, 2**40, 2**62, 2**63, -(2**63)]
    real = [0.5, -0.0, 1e-308, 1e308, 1e-3, float("nan"), float("inf"), -float("inf")]
    words = ["", "x", "os:system", "a" * 100_000, "\0", "\ud800", "density", "classification"]
    names = ["mlp", "resnet", "odenet", "csv", "npz", "moons", "digits", "Kvaerno5", "backsolve"]
    devices = ["/dev/zero", "/dev/null", "/dev/tty", "/proc/self/mem", "/proc/kmsg", "/proc/kcore"]
    paths = ["pipe", "socket", ".", "../..", "a\0b", "a" * 5000, "/etc/passwd", "new.csv"]
    lists = [[], [[]], [1, 2], ["a", "b"], [0] * 50_000, nested(20), nested(150), nested(99, dict)]
    mappings = [{}, {"a": {}}, {"path": "/dev/zero"}, {"seed": 1}, {"name": "x"}, {"": None}]
    others = [None, True, False, MISSING, 10**400, -(10**400)]
    return [*whole, *real, *words, *names, *devices, *paths, *lists, *mappings, *others]


def places(config: Any, here: tuple = ()) -> Iterator[tuple]:
    """The path of every entry of a configuration, of those within others too."""
    entries = config.items() if isinstance(config, dict) else ()
    if isinstance(config, list):
        entries = enumerate(config[:3])
    for key, value in entries:
        yield (*here, key)
        yield from places(value, (*here, key))


def swapped(config: dict, rng: random.Random, pool: list[Any]) -> tuple[dict, str]:
    """A configuration with one to three entries swapped, taken out or added; what was done."""
    config, done = copy.deepcopy(config), []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        *outer, last = rng.choice(list(places(config)))
        holder: Any = config
        for key in outer:
            holder = holder[key]
        value = rng.choice(pool)
        if isinstance(holder, dict) and rng.random() < 0.1:
            last = rng.choice(["name", "seed", "path", "key", "", "solver", "a" * 1000])
        if value is not MISSING:
            holder[last] = copy.deepcopy(value)
        elif not isinstance(holder, dict) or last in holder:
            del holder[last]
        done.append(f"{'.'.join(map(str, (*outer, last)))[:80]} = {repr(value)[:60]}")
    return config, "; ".join(done)


def resigned(whole: bytes, config: Any, fitting: bool) -> bytes:
    """A good file with another configuration, under a right digest.

    With `fitting`, what the header says of the model beside its arrays is that of the model which
    the configuration makes, where it makes one.
    """
    length = int.from_bytes(whole[:8], "little")
    tensors = json.loads(whole[8 : 8 + length])
    header = json.loads(tensors.pop("__metadata__")["zoo"])
    header["config"] = config
    if fitting:
        arrays = {name: np.zeros(shape) for name, (_, shape) in header["leaves"].items()}
        with contextlib.suppress(ZooError, KeyError, TypeError):
            header["static"] = describe(template(config, arrays=arrays))
    header.pop("digest")
    return signed(tensors, header, whole[8 + length :])
