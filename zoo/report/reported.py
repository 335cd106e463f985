"""What a report says of one run: gathered from its files, and evaluated anew on its test split."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..datasets import Preparation
from ..datasets.kept_split import count_of
from ..datasets.spec import Spec
from ..errors import ConfigError, DataError
from ..evaluation.evaluate import evaluate
from ..evaluation.sweep.setting import Row
from ..export import inputs_of
from ..objectives.parameters import count_parameters
from ..pretrained import path_of
from ..runs.card import describe_solver
from ..runs.config import ResolvedConfig
from ..runs.folder import commands_of, results_base
from ..runs.opened import open_run
from ..runs.prepare import loss_of
from ..solve import solvers_of
from ..tasks import Score, task_named

PDF = "application/pdf"
_TYPES = {
    ".pdf": PDF,
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
"""Of the figures that a page can hold; of two files of one name the later type is taken."""


@dataclass(frozen=True)
class ReportedFigure:
    """A figure of a run: its name, and the file as a browser takes it."""

    name: str
    type: str
    content: bytes
    command: str = "plot"
    """The command that draws it."""


@dataclass(frozen=True)
class ReportedRun:
    """One run of a report."""

    name: str
    """As it was typed."""
    title: str
    config: ResolvedConfig
    metrics: Mapping[str, object]
    """What `evaluate` says of the test split."""
    score: Score | None
    """The metric that stands for all, beside its baseline."""
    more_is_better: bool
    """Of that metric, as accuracy is; otherwise it is an error, or another cost."""
    figures: Sequence[ReportedFigure]
    tolerances: Sequence[Row]
    """Rows of the sweep over tolerances; () where none was run."""
    metric: str | None
    """The column of those rows that says what the model is worth, and that of its baseline."""
    baseline: str | None
    compared: str | None
    """The metric whose value is the score's baseline, which may depend on the data: of a series
    with a season it is the season before."""
    commands: str
    """By which the run is made again."""
    parameters: int
    solvers: Sequence[str]
    """Each of the model's, in words."""
    data: Spec
    counts: Mapping[str, int]
    """Examples of each split."""
    held_out: bool
    """Whether the splits differ."""
    has_export: bool
    """Whether data of this kind go into an exported program."""

    @property
    def direction(self) -> str | None:
        """Whether more or less of the metric that stands for all is better; None without one."""
        if self.score is None:
            return None
        return f"Of {self.score.figure}, {'more' if self.more_is_better else 'less'} is better."

    @property
    def typed(self) -> str:
        """The run as a shell's user names it, with the modules of its author's own."""
        modules = [f"--use {shlex.quote(module)}" for module in self.config.use]
        return " ".join([shlex.quote(self.name), *modules])


def reported(run: str, dataset_path: str | None = None) -> ReportedRun:
    """Gather one run. Raises what `open_run` does, and `DataError` for a sweep that cannot be read.

    Args:
        run: a run's folder, a weight file or a pretrained name.
        dataset_path: where the file of its data is, if neither here nor beside the run.
    """
    weights = path_of(run)
    base = results_base(weights)
    rows = tolerance_rows_in(base / "sweep" / "sweep.json", run)
    with open_run(run, dataset_path) as (model, data, config):
        metrics = evaluate(model, data, task=config.task, loss=loss_of(config))
        parameters = count_parameters(model)
        solvers = tuple(map(describe_solver, solvers_of(model)))
    task = task_named(config.task)
    return ReportedRun(
        name=run,
        title=f"{config.model} on {config.dataset}",
        config=config,
        metrics=metrics,
        score=task.score(metrics),
        more_is_better=task.perfect > 0,
        figures=(*figures_in(base / "figures"), *figures_in(base / "sweep", "sweep")),
        tolerances=rows,
        metric=task.metric,
        baseline=task.baseline,
        compared=task.compared(metrics),
        commands=commands_of(weights, config),
        parameters=parameters,
        solvers=solvers,
        data=data.spec,
        counts={split: count_of(data.split(split)) for split in ("train", "val", "test")},
        held_out=data.held_out,
        has_export=has_export(data.preprocessing, data.spec.size("length") or None),
    )


def has_export(preparation: Preparation, length: int | None) -> bool:
    """Whether `zoo export` knows what a program takes of data that were prepared so."""
    try:
        inputs_of(preparation, length)
    except ConfigError:
        return False
    return True


def figures_in(folder: Path, command: str = "plot") -> tuple[ReportedFigure, ...]:
    """The figures that a command drew in a folder, by name; () where there is none.

    A name of which there is an image too is no PDF, which not every browser shows.
    """
    found = {}
    for suffix, kind in _TYPES.items():
        for path in folder.glob(f"*{suffix}"):
            if path.is_file():
                found[path.stem] = ReportedFigure(path.stem, kind, path.read_bytes(), command)
    return tuple(found[name] for name in sorted(found))


def tolerance_rows_in(path: Path, run: str) -> list[Row]:
    """The rows over tolerances of a sweep's file; [] where there is no file or no such sweep.

    Raises `DataError` for a file that holds something else.
    """
    if not path.is_file():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8")).get("tolerance", [])
        complete = all(row.keys() >= {"method", "batching", "rtol", "nfe"} for row in rows)
        complete = complete and all(isinstance(row["rtol"], float) for row in rows)
    except (ValueError, AttributeError, TypeError):
        complete = False
    if not complete:
        raise DataError(
            f"{path} is no sweep: expected the JSON that zoo sweep wrote, rows of method, "
            f"batching, rtol and nfe below tolerance. Move it away and run zoo sweep {run} again."
        )
    return list(rows)
