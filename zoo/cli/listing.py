"""`list`: what there is, and what goes with what."""

import dataclasses
from collections.abc import Sequence

from ..datasets import make_dataset
from ..models import common_tasks
from ..pretrained import list_pretrained, needs_x64
from ..registry import (
    DATASETS,
    DYNAMICS,
    LOSSES,
    MODELS,
    RECIPES,
    REGULARISERS,
    TASKS,
    Entry,
    Registry,
)
from ..schema import required_options, sizes_of
from ..solve import adjoint_table
from ..tasks import task_named
from .arguments import parse_command
from .own_modules import Use
from .shared_options import Debug


@dataclasses.dataclass(kw_only=True)
class ListCommand:
    """What `list` takes."""

    use: Use = ()
    debug: Debug = False


def listing(argv: Sequence[str]) -> None:
    """Print the registered names with a line on each, the pairs that work, adjoint × solver."""
    parse_command(argv, ListCommand, "What there is, and what goes with what.")
    for registry in (MODELS, DYNAMICS, DATASETS, LOSSES, REGULARISERS, RECIPES):
        print(_table(registry))
    print(_tasks())
    print("pretrained (zoo.load, and in the place of a run)")
    print(f"  {', '.join(map(_with_bits, list_pretrained()))}\n")
    print(_pairs())
    print("adjoint with explicit and implicit solvers, and steppers (Leapfrog, ETDRK4, ...)")
    for adjoint, kind, works in adjoint_table():
        print(f"  {adjoint:<26}{kind:<10}{'yes' if works else 'no'}")


def _with_bits(name: str) -> str:
    return f"{name} (64 bits)" if needs_x64(name) else name


def _table(registry: Registry) -> str:
    rows = [f"  {entry.name:<26}{entry.summary}{_needs(entry, registry)}" for entry in registry]
    return "\n".join([f"{registry.kind}", *rows, ""])


def _needs(entry: Entry, registry: Registry) -> str:
    """The sizes of the data that a model's builder asks for; nothing of other entries."""
    if registry is not MODELS:
        return ""
    return f" (of the data: {', '.join(each.size for each in sizes_of(entry.builder))})"


def _tasks() -> str:
    """The tasks, with the kinds of data that each is for."""
    found = [(entry, task_named(entry.name)) for entry in TASKS]
    rows = [f"  {e.name:<26}{e.summary} ({', '.join(task.kinds)})" for e, task in found]
    return "\n".join(["task (kinds of data)", *rows, ""])


def _pairs() -> str:
    """Data sets by models: the task that a pair is trained for, or a dash where there is none.

    A data set's tasks are known once it is built: one that needs a file says so instead.
    """
    names = [entry.name for entry in MODELS]
    width = 2 + max(map(len, names))
    rows = ["dataset × model" + " " * 13 + "".join(f"{name:<{width}}" for name in names)]
    for entry in DATASETS:
        required = ", ".join(f"--dataset.{name}" for name in required_options(entry.builder))
        if required:
            rows.append(f"  {entry.name:<26}as the file's target is: give {required}")
            continue
        data = make_dataset(entry.builder())
        fitting = [common_tasks(name, data) for name in names]
        cells = "".join(f"{(common or ['-'])[0]:<{width}}" for common in fitting)
        rows.append(f"  {entry.name:<26}{cells}")
    return "\n".join([*rows, ""])
