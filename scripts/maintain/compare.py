"""All models on all data sets that they fit, in one table.

python scripts/maintain/compare.py
"""

import dataclasses
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro
from contenders import Contender, contenders
from kept_rows import keep_rows, matching, read_rows

from zoo.checkpoint import write_atomically
from zoo.cli.arguments import parse_command
from zoo.cli.ending import in_words
from zoo.cli.first_pass import CommandLine
from zoo.cli.path_names import IsPath
from zoo.cli.shared_options import Debug
from zoo.datasets import Dataset, load_dataset
from zoo.errors import ConfigError
from zoo.objectives.parameters import count_parameters
from zoo.registry import DATASETS
from zoo.runs.config import RunConfig
from zoo.runs.invocation import remember
from zoo.runs.prepare import carry_out, prepare
from zoo.schema import Range, required_options
from zoo.tasks import task_named
from zoo.train.folder.earlier import PLAIN

_TRAINING = {**PLAIN, "lr": 3e-3, "schedule": "cosine"}
_MARKS = ("<!-- comparison: made by scripts/maintain/compare.py -->", "<!-- end of comparison -->")


@dataclasses.dataclass(kw_only=True)
class CompareCommand:
    """What `compare` takes."""

    datasets: Annotated[
        str, tyro.conf.arg(metavar="PATTERN", help="which data sets, such as 'c*'")
    ] = "*"
    seeds: Annotated[
        int, Range(1, 1000), tyro.conf.arg(help="runs of each, from seed 0; at least 1")
    ] = 3
    steps: Annotated[
        int, Range(1, 2**31 - 1), tyro.conf.arg(help="updates of each run; at least 1")
    ] = 800
    out: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(metavar="FILE", help="the results as JSON, from which a later call goes on"),
    ] = "zoo/recipes/comparison.json"
    page: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(metavar="FILE", help="the page whose marks the table goes between"),
    ] = "zoo/recipes/COMPARISON.md"
    again: Annotated[bool, tyro.conf.arg(help="run what was already run too")] = False
    debug: Debug = False


def compare(line: CommandLine) -> None:
    """Train what was not trained yet, and write the table into the page; can be interrupted."""
    command = parse_command(line, CompareCommand, str(compare.__doc__))
    store, page = Path(command.out), Path(command.page)
    if not page.is_file():
        raise ConfigError(f"--page {page}: there is no such file whose marks the table could fill.")
    names, rows = matching(DATASETS, "--datasets", command.datasets), read_rows(store)
    for dataset in names:
        if required_options(DATASETS[dataset].builder):
            continue
        entrants = list(contenders(load_dataset(dataset)))
        if not entrants:
            print(f"{dataset}: no model is compared on such data", file=sys.stderr)
        for contender in entrants:
            key = f"{dataset}: {contender.name}"
            if key not in rows or command.again:
                rows[key] = [
                    _run(dataset, contender, seed, command.steps) for seed in range(command.seeds)
                ]
                keep_rows(store, rows, indent=1)
            print(key, _mean(rows[key], "score"), file=sys.stderr)
    write_atomically(page, between(page.read_text(encoding="utf-8"), render(rows)).encode())
    print(page)


def _run(dataset: str, contender: Contender, seed: int, steps: int) -> dict[str, Any]:
    config = RunConfig(
        dataset=dataset,
        model=contender.model,
        model_options=contender.options,
        training={**_TRAINING, "steps": steps},
        seed=seed,
    )
    run = prepare(config)
    began = time.perf_counter()
    _, metrics = carry_out(run)
    return {
        **score(run.data, metrics),
        "parameters": count_parameters(run.model),
        "nfe": metrics["nfe"],
        "reconstruction_error": metrics.get("reconstruction_error"),
        "seconds": time.perf_counter() - began,
    }


def score(data: Dataset, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What the task of the metrics makes of them, `zoo.tasks.Task.score`: the accuracy beside the
    majority's, the error as a share of the training mean's.

    Both are of the test split.
    """
    task = next(each for each in map(task_named, data.tasks) if each.metric in metrics)
    found = task.score(dict(metrics))
    return {} if found is None else dataclasses.asdict(found)


def render(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The table in Markdown."""
    lines = [
        "| data | model | test figure | baseline | parameters | NFE | reconstruction error | s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key, runs in sorted(rows.items(), key=lambda item: item[0].split(":")[0]):
        dataset, name = key.split(": ")
        scores = [run["score"] for run in runs]
        spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
        errors = [run["reconstruction_error"] for run in runs]
        worst = "" if None in errors else f"{max(errors):.1g}"
        lines.append(
            f"| {dataset} | {name} | {runs[0]['figure']} {statistics.mean(scores):.3f} ± "
            f"{spread:.3f} | {_mean(runs, 'baseline'):.3f} | {runs[0]['parameters']:,} | "
            f"{_mean(runs, 'nfe'):.0f} | {worst} | {_mean(runs, 'seconds'):.1f} |"
        )
    return "\n".join(lines)


def between(page: str, table: str) -> str:
    """The page with the table between its marks."""
    start, end = map(re.escape, _MARKS)
    marked = "\n".join([_MARKS[0], table, _MARKS[1]])
    return re.sub(f"{start}.*?{end}", lambda _: marked, page, flags=re.DOTALL)


def _mean(runs: Sequence[Mapping[str, Any]], name: str) -> float:
    return statistics.mean(run[name] for run in runs)


if __name__ == "__main__":
    remember("compare", sys.argv[1:])
    in_words(compare, sys.argv[1:])
