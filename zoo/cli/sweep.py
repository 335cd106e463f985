"""`sweep`: one trained run over tolerances, solvers, adjoints, weights; table and figures."""

import dataclasses
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal, get_args

import tyro

from ..checkpoint import json_text, write_atomically
from ..datasets import Dataset
from ..evaluation.densities import has_density
from ..evaluation.sweep import (
    adjoint_rows,
    compression_rows,
    compute_rows,
    density_rows,
    effort_rows,
    rank_correlations,
    stiffness_rows,
    tolerance_rows,
)
from ..evaluation.sweep.compute import check_dynamics
from ..evaluation.sweep.density import check_density
from ..evaluation.sweep.setting import MAX_STEPS, solver_of
from ..models.base import AbstractModel
from ..pretrained import path_of
from ..runs.config import ResolvedConfig
from ..runs.folder import results_folder
from ..runs.opened import open_run
from ..schema import Range
from ..solve import Solver
from ..tasks import task_named
from .arguments import parse_command
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .run_name import RunName
from .shared_options import DatasetPath, Debug, Split

Kind = Literal[
    "tolerance", "adjoint", "compute", "compression", "effort", "stiffness", "likelihood"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WITHOUT_ODE = {"compression"}
"""The kinds that take a model without an ODE, too."""
_OF_DENSITIES = {"likelihood"}
"""The kinds that take a density alone."""
_WARN = 1e-2
_OUT = "a new folder; if not given RUN/sweep, or runs/NAME/sweep of a pretrained NAME"


@dataclasses.dataclass(kw_only=True)
class SweepCommand:
    """What `sweep` takes."""

    run: RunName
    kinds: Annotated[
        tuple[Kind, ...] | None,
        tyro.conf.arg(
            metavar="KIND [KIND ...]",
            help=f"what to sweep over: some of {', '.join(KINDS)}",
            help_behavior_hint="(default: all that fit the model)",
        ),
    ] = None
    split: Split = "test"
    limit: Annotated[
        int,
        Range(1, 2**31 - 1),
        tyro.conf.arg(help="examples of the batch that is timed; at least 1"),
    ] = 256
    out: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(metavar="FOLDER", help=_OUT),
    ] = None
    format: Annotated[
        Literal["png", "svg", "pdf"],
        tyro.conf.arg(metavar="png|svg|pdf", help="of the figures"),
    ] = "png"
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Debug = False


def sweep(line: CommandLine) -> None:
    """Write sweep.json, sweep.md and figures, and print their names."""
    command = parse_command(line, SweepCommand, "Sweep a finished run.")
    out = results_folder(command.out, path_of(command.run), "sweep")
    with open_run(command.run, command.dataset_path) as (model, data, config):
        kinds = kinds_of(command, model, config.task)
        makers = _makers(command, model, data, config.task)
        rows: dict[str, list[dict[str, Any]]] = {}
        for kind in kinds:
            print(f"{kind} ...", file=sys.stderr)
            rows[kind] = list(makers[kind]())
    told = {"run": config.model, "dataset": config.dataset, "max_steps": MAX_STEPS} | rows
    write_atomically(out / "sweep.json", (json_text(told, indent=1) + "\n").encode())
    write_atomically(out / "sweep.md", as_markdown(rows, config).encode())
    written = [out / "sweep.json", out / "sweep.md"]
    from ..plots import sweep_figures, write_figures  # matplotlib takes a second to import

    written += write_figures(out, sweep_figures(rows), command.format)
    print("\n".join(map(str, written)))


def kinds_of(command: SweepCommand, model: AbstractModel, task: str) -> tuple[Kind, ...]:
    """The kinds that were asked for, else all that fit. Raises `ConfigError` for a misfit."""
    others = () if has_density(model, task_named(task)) else _OF_DENSITIES
    kinds = command.kinds or tuple(kind for kind in KINDS if kind not in others)
    if set(kinds) - _WITHOUT_ODE:
        solver_of(model, Solver())  # refuses a model that solves nothing
    if "compute" in kinds:
        check_dynamics(model)
    if "likelihood" in kinds:
        check_density(model, task)
    return kinds


def _makers(
    command: SweepCommand, model: Any, data: Dataset, task: str
) -> dict[Kind, Callable[[], Iterable[dict[str, Any]]]]:
    shared: dict[str, Any] = {"task": task, "split": command.split}
    return {
        "tolerance": lambda: tolerance_rows(model, data, limit=command.limit, **shared),
        "adjoint": lambda: adjoint_rows(model, data, task=task),
        "compute": lambda: compute_rows(model, data, **shared),
        "compression": lambda: compression_rows(model, data, **shared),
        "effort": lambda: effort_rows(model, data, **shared),
        "stiffness": stiffness_rows,
        "likelihood": lambda: density_rows(model, data, limit=command.limit, **shared),
    }


def as_markdown(rows: dict[str, list[dict[str, Any]]], config: ResolvedConfig) -> str:
    """The sweep as tables."""
    lines = [f"# {config.model} on {config.dataset}", ""]
    for kind, each in rows.items():
        lines += [f"## {kind.capitalize()}", ""]
        if kind == "effort":
            found = {name: _cell(value) for name, value in rank_correlations(each).items()}
            told = ", ".join(f"{name} {value}" for name, value in found.items())
            mean = sum(row["nfe"] for row in each) / len(each)
            lines += [
                f"{len(each)} examples, {mean:.1f} evaluations in the mean, from "
                f"{min(r['nfe'] for r in each)} to {max(r['nfe'] for r in each)}. Spearman's rank "
                f"correlation of an example's evaluations with its {told}.",
                "",
            ]
            continue
        lines += [*_table(each), ""]
        worst = [r for r in each if (r.get("reconstruction_error") or 0) > _WARN]
        if kind in ("tolerance", "compression") and worst:
            lines += [
                f"In {len(worst)} of {len(each)} rows the reconstruction error is above {_WARN}: "
                "there the numerical flow is not that of the ODE, and the number of evaluations "
                "says what this arithmetic costs, not what the ODE would.",
                "",
            ]
    return "\n".join(lines)


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    for row in rows:
        lines.append(f"| {' | '.join(_cell(row.get(name, '')) for name in names)} |")
    return lines


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3g}" if isinstance(value, float) else f"{value}"
