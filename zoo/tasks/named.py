"""Tasks by name, and what the targets of several hold."""

from collections.abc import Iterable

from ..errors import ConfigError
from ..registry import TASKS
from .base import Task
from .meaning import Target


def is_registered(name: object) -> bool:
    """Whether a task was registered under a name."""
    return name in TASKS.names()


def task_named(name: str) -> Task:
    """The task that is registered under a name, or `Task`, of which only the loss is known.

    Raises `ConfigError` for what is registered and is no task.
    """
    if not is_registered(name):
        return Task(name)
    task = TASKS[name].builder(name)
    if not isinstance(task, Task):
        raise ConfigError(
            f"The task {name!r} ({TASKS[name].origin}) is a {type(task).__name__}: expected a "
            "zoo.tasks.Task. Register a subclass of it."
        )
    return task


def first_with_targets(names: Iterable[str]) -> Task | None:
    """The first task of those named that looks at targets; None where none does."""
    tasks = map(task_named, names)
    return next((task for task in tasks if task.target is not Target.NOTHING), None)


def target_of(names: Iterable[str]) -> Target:
    """What the targets of data hold that serve the tasks named."""
    task = first_with_targets(names)
    return Target.NOTHING if task is None else task.target
