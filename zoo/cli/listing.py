"""`list`: what there is, and what goes with what."""

import dataclasses

from ..datasets import make_dataset
from ..models import common_tasks
from ..pretrained import list_pretrained, needs_x64
from ..registry import (
    CONTROLS,
    COUPLINGS,
    DATASETS,
    DYNAMICS,
    LOSSES,
    MODELS,
    PATHS,
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
from .first_pass import CommandLine
from .own_modules import Use
from .shared_options import Debug

REGISTRIES = (
    *(MODELS, DYNAMICS, CONTROLS, PATHS, COUPLINGS),
    *(DATASETS, LOSSES, REGULARISERS, RECIPES),
)


@dataclasses.dataclass(kw_only=True)
class ListCommand:
    """What `list` takes."""

    use: Use = ()
    debug: Debug = False


def listing(line: CommandLine) -> None:
    """Print the registered names with a line on each, the pairs that work, adjoint × solver."""
    parse_command(line, ListCommand, "What there is, and what goes with what.")
    for registry in REGISTRIES:
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
    """Data sets by models: those that can be trained on each, with the task if it is the first.

    A data set that was registered without its tasks is built to know them; one that needs a file
    says so instead.
    """
    rows = ["dataset × model, by task"]
    for entry in DATASETS:
        required = ", ".join(f"--dataset.{name}" for name in required_options(entry.builder))
        if required:
            rows.append(f"  {entry.name:<26}as the file's target is: give {required}")
            continue
        for task, names in _fitting(entry).items():
            rows.append(f"  {entry.name:<26}{task}: {', '.join(names)}")
    return "\n".join([*rows, ""])


def _fitting(entry: Entry) -> dict[str, list[str]]:
    """The models that can be trained on a data set, by the task that they would be trained for."""
    data = make_dataset(entry.builder()) if entry.preview is None else entry.preview
    fitting: dict[str, list[str]] = {}
    for model in MODELS:
        for task in common_tasks(model.name, data)[:1]:
            fitting.setdefault(task, []).append(model.name)
    return fitting
