"""What the cases are made of: commands, files, small data and models, a disk that is full."""

import contextlib
import functools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import jax

import zoo
from zoo.cli import main

Case = Callable[[], object]
"""Makes the zoo raise one error, in an empty current folder."""

KEY = jax.random.key(0)


class Typed:
    """A case of the command line: `zoo` and what is typed after it."""

    def __init__(
        self,
        line: str,
        before: Case = lambda: None,
        fails: tuple[str, BaseException] | None = None,
    ) -> None:
        """`before` makes what is to be there; `fails` is what fails meanwhile, and with what."""
        self._line, self._before, self._fails = line, before, fails

    def __call__(self) -> None:
        self._before()
        with contextlib.ExitStack() as stack:
            if self._fails is not None:
                target, error = self._fails
                stack.enter_context(mock.patch(target, side_effect=error))
            main(shlex.split(self._line))

    def __str__(self) -> str:
        return f"zoo {self._line}"


def written(name: str, content: str | bytes) -> str:
    """A file in the current folder; its name."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def lines(*rows: str) -> str:
    """Rows of a text file."""
    return "".join(f"{row}\n" for row in rows)


def where(target: str, effect: Any, case: Case) -> Case:
    """The case with something in its place that does otherwise; an exception is raised."""

    def patched() -> object:
        with mock.patch(target, side_effect=effect):
            return case()

    return patched


def full(*_: Any, **__: Any) -> None:
    """What a full disk does."""
    raise OSError(28, "No space left on device")


def broken(*_: Any, **__: Any) -> None:
    """What a failing disk does."""
    raise OSError(5, "Input/output error")


def never(*_: Any, **__: Any) -> bool:
    """Nothing is permitted."""
    return False


@functools.cache
def moons(n: int = 60, **options: Any) -> zoo.Dataset:
    return zoo.load_dataset("moons", n=n, **options)


@functools.cache
def cubic(**options: Any) -> zoo.Dataset:
    return zoo.load_dataset("cubic", n=30, **options)


def model(name: str = "mlp", sizes: tuple[int, int] = (2, 2), **options: Any) -> Any:
    """A small model."""
    small = {"width": 4, "depth": 1} if name == "mlp" else {}
    return zoo.create_model(name, sizes, key=KEY, **small | options)


def ode(field: Callable, **options: Any) -> Any:
    """The ODE-Net of a field."""
    return zoo.ODENet(field, solver=zoo.Solver(**options))


def decay(t, y, args):
    return -y
