"""`list`: what there is, and what goes with what."""

from collections.abc import Sequence

from ..models import model_tasks
from ..registry import DATASETS, DYNAMICS, MODELS, RECIPES, Registry
from ..solve import adjoint_table


def listing(argv: Sequence[str]) -> None:
    """Print the registered names with a line on each, models' tasks, and adjoint × solver."""
    del argv
    for registry in (MODELS, DYNAMICS, DATASETS, RECIPES):
        print(_table(registry))
    print("tasks of the models")
    for entry in MODELS:
        print(f"  {entry.name:<26}{', '.join(model_tasks(entry.name))}")
    print("\nadjoint with explicit and implicit solvers")
    for adjoint, kind, works in adjoint_table():
        print(f"  {adjoint:<26}{kind:<10}{'yes' if works else 'no'}")


def _table(registry: Registry) -> str:
    rows = [f"  {entry.name:<26}{entry.summary}" for entry in registry]
    return "\n".join([f"{registry.kind}", *rows, ""])
