"""`train`: a model on a data set, by name or by recipe."""

import dataclasses
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..checkpoint import write_atomically
from ..errors import TrainingDivergedError
from ..run import Run, carry_out, prepare
from .arguments import Use, parse_train
from .run_directory import check_free, fresh_directory, write_run


@dataclasses.dataclass(kw_only=True)
class TrainCommand:
    """What `train` itself takes, beside the options of what it trains."""

    model: Annotated[str | None, tyro.conf.arg(help="registered model")] = None
    dataset: Annotated[str | None, tyro.conf.arg(help="registered data set")] = None
    recipe: Annotated[str | None, tyro.conf.arg(help="tuned run; options replace its own")] = None
    task: Annotated[str | None, tyro.conf.arg(help="the first in common when not given")] = None
    seed: Annotated[int, tyro.conf.arg(help="of the split, the weights and the batches")] = 0
    seeds: Annotated[int, tyro.conf.arg(help="runs, from seed on, for mean and deviation")] = 1
    init: Annotated[
        Literal["default", "standard-normal"] | None,
        tyro.conf.arg(help="initial weights; standard-normal draws them by numpy's RandomState"),
    ] = None
    out: Annotated[str | None, tyro.conf.arg(help="a new folder; under runs/ if not given")] = None
    figures: Annotated[bool, tyro.conf.arg(help="whether to draw figures")] = True
    use: Use = ()
    debug: Annotated[bool, tyro.conf.arg(help="show the traceback of an error")] = False


def train(argv: Sequence[str]) -> None:
    """Run the command with its arguments; writes the run and prints where."""
    config, command = parse_train(argv, TrainCommand)
    if command.init is not None:
        config["init"] = command.init
    folder = Path(command.out) if command.out else fresh_directory(config)
    check_free(folder)
    seeds = range(command.seed, command.seed + max(command.seeds, 1))
    results = []
    for seed in seeds:
        run = prepare(config, seed)
        target = folder / f"seed-{seed}" if len(seeds) > 1 else folder
        results.append(_one(run, target, command.figures))
    if len(seeds) > 1:
        print(_summary(results, folder))


def _one(run: Run, folder: Path, figures: bool) -> dict[str, Any]:
    print(
        f"{run.config['model']} on {run.config['dataset']} ({run.config['task']}), "
        f"seed {run.config['seed']}",
        file=sys.stderr,
    )
    try:
        result, metrics = carry_out(run, progress=True)
    except TrainingDivergedError as error:
        write_run(folder, run, error.result, {})  # type: ignore[arg-type]
        raise
    written = write_run(folder, run, result, metrics)
    if figures:
        from ..plots import all_figures, write_figures  # matplotlib takes a second to import

        drawn = all_figures(result.model, run.data, result.history, result.task)
        written += write_figures(folder / "figures", drawn)
    print(json.dumps(metrics))
    print(f"wrote {', '.join(map(str, written))}", file=sys.stderr)
    return metrics


def _summary(results: list[dict[str, Any]], folder: Path) -> str:
    """Mean ± standard deviation of every number over the seeds, as JSON; also in summary.json."""
    summary = {}
    for name, first in results[0].items():
        if isinstance(first, float) and all(isinstance(r[name], float) for r in results):
            values = [r[name] for r in results]
            mean, sd = statistics.mean(values), statistics.stdev(values)
            summary[name] = {"mean": mean, "sd": sd, "values": values}
    text = json.dumps(summary)
    write_atomically(folder / "summary.json", (text + "\n").encode())
    return text
