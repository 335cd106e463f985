"""`train`: a model on a data set, by name or by recipe."""

import dataclasses
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..checkpoint import Choice
from ..errors import ConfigError, TrainingDivergedError
from ..placement.processes import is_first, leave
from ..pretrained import FOLDER as PRETRAINED
from ..pretrained import path_of
from ..registry import TASKS
from ..runs.card import holds_results
from ..runs.config import RunConfig
from ..runs.devices import device_words
from ..runs.folder import begin_run, fresh_directory, write_run
from ..runs.prepare import Run, carry_out, precision_of, prepare
from ..runs.resume import about, check_same_run, resumed_config
from ..runs.saved_config import saved_config
from ..runs.seeds import make_folders, planned
from ..schema import SEED, Range
from ..train import Result, RunFolder
from ..train.folder.checkpoints import sound_checkpoints
from ..train.folder.layout import is_run
from ..train.folder.run_folder import check_free
from .arguments import parse_train
from .device_options import DevicesOption, devices_typed
from .first_pass import CommandLine
from .metrics_table import tell
from .over_seeds import tell_over_seeds
from .own_modules import Use
from .path_names import IsPath
from .plain_text import plain
from .plan_run import check_memory_option, tell_plan
from .process_options import ProcessOptions, check_together
from .shared_options import Debug
from .tensorboard import EventOptions


@dataclasses.dataclass(kw_only=True)
class TrainCommand(EventOptions, ProcessOptions):
    """What `train` itself takes, beside the options of what it trains."""

    model: Annotated[str | None, tyro.conf.arg(metavar="MODEL")] = None
    dataset: Annotated[str | None, tyro.conf.arg(metavar="DATASET")] = None
    recipe: Annotated[str | None, tyro.conf.arg(metavar="RECIPE")] = None
    task: Annotated[
        str | None,
        tyro.conf.arg(
            metavar="TASK",
            help=f"one of {', '.join(TASKS.names())}; the first in common when not given",
        ),
    ] = None
    seed: Annotated[
        int | None,
        SEED,
        tyro.conf.arg(
            metavar="INT", help="of the split, the weights and the batches; 0 if not given"
        ),
    ] = None
    seeds: Annotated[
        int, Range(1, 1000), tyro.conf.arg(help="runs, from seed on, for mean and deviation")
    ] = 1
    split_seed: Annotated[
        int | None,
        SEED,
        tyro.conf.arg(
            metavar="INT",
            help="of the split and of the points that a data set draws; seed if not given",
        ),
    ] = None
    init: Annotated[
        Literal["default", "standard-normal"] | None,
        tyro.conf.arg(
            metavar="default|standard-normal",
            help="initial weights; standard-normal draws them by numpy's RandomState",
        ),
    ] = None
    out: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(metavar="FOLDER", help="a new folder; under runs/ if not given"),
    ] = None
    resume: Annotated[bool, tyro.conf.arg(help="go on with the run in --out, to the same bits")] = (
        False
    )
    resume_schedule: Annotated[
        Choice | None,
        tyro.conf.arg(
            metavar="keep|stretch|restart",
            help="what becomes of a schedule where --steps or --lr change with --resume",
        ),
    ] = None
    from_: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(
            name="from",
            metavar="RUN",
            help="a run's folder, a weight file or a pretrained name: its weights are the initial "
            "ones, where they fit",
        ),
    ] = None
    x64: Annotated[bool, tyro.conf.arg(help="with JAX's 64 bits, for tolerances below 1e-6")] = (
        False
    )
    devices: DevicesOption = None
    plan: Annotated[
        bool, tyro.conf.arg(help="say what memory the run takes, by adjoint, and run nothing")
    ] = False
    memory: Annotated[
        float | None,
        Range(0, open_low=True),
        tyro.conf.arg(
            metavar="GIGABYTES", help="to plan for with --plan; the device's if not given"
        ),
    ] = None
    figures: Annotated[bool, tyro.conf.arg(help="whether to draw figures")] = True
    use: Use = ()
    debug: Debug = False


def train(line: CommandLine) -> None:
    """Run the command with its arguments; writes the run and prints where."""
    told = parse_train(line, TrainCommand)
    command, config = told.command, told.config
    if command.resume_schedule is not None and not command.resume:
        raise ConfigError("--resume-schedule is for --resume: leave it out of a new run.")
    command.check_events()
    check_memory_option(command.memory, command.plan)
    if command.plan:
        seed = config.seed if command.seed is None else command.seed
        asked = replace(_with_own_options(command, config), seed=seed)
        return tell_plan(asked, command.memory, devices_typed(command.devices))
    with _place(command, config) as folder:
        runs = planned(folder, command.seed, command.seeds, config.seed, resume=command.resume)
        SEED.check("--seed with --seeds", max(runs))
        several = runs if len(runs) > 1 else {}
        results = []
        for seed, target in runs.items():
            begun = command.resume and bool(several) and is_run(target)
            config = told.going_on(target) if begun else told.config
            asked = replace(_with_own_options(command, config), seed=seed)
            with precision_of(asked):
                results.append(_one(asked, target, command, several))
        if several:
            tell_over_seeds(results, folder)


def _place(command: TrainCommand, config: RunConfig) -> AbstractContextManager[Path]:
    """The folder of the run or runs, which can be written to."""
    check_together(command.out, command.seeds)
    if command.out is None:
        if command.resume:
            raise ConfigError("--resume needs --out, the folder of the run that is to go on.")
        return fresh_directory(config)
    if not command.resume and is_first():
        check_free(Path(command.out))
    return nullcontext(Path(command.out))


def _with_own_options(command: TrainCommand, config: RunConfig) -> RunConfig:
    """The description with what the command's own options say."""
    if command.init is not None:
        config = replace(config, init=command.init)
    if command.split_seed is not None:
        config = replace(config, split_seed=command.split_seed)
    if command.x64:
        config = replace(config, x64=True)
    if command.from_ is not None and not _is_source(config.source, command.from_):
        found = path_of(command.from_)
        # Where the zoo is installed is this machine's business: its weights go by their name.
        source = command.from_ if found.parent == PRETRAINED else str(found)
        config = replace(config, source=source)
    return config


def _is_source(saved: str | None, typed: str) -> bool:
    """Whether what a run took its weights from is what is typed; it may be gone by now."""
    return saved in (str(Path(typed)), str(Path(typed) / "model.safetensors"))


def _one(
    config: RunConfig,
    folder: Path,
    command: TrainCommand,
    several: Mapping[int, Path],
) -> dict[str, Any]:
    """One run in its folder, perhaps one of several: prepared, locked, trained, written."""
    saved = saved_config(folder) if command.resume else None
    if saved is not None:
        config = resumed_config(config, saved, folder, command.resume_schedule)
    begun = saved is not None and bool(sound_checkpoints(folder)[0])
    devices = devices_typed(command.devices)
    run = prepare(config, beside=folder if command.resume else None, begun=begun, devices=devices)
    if saved is not None:
        check_same_run(saved, run.config, folder)
    make_folders(several)
    held = RunFolder(
        folder,
        resume=command.resume,
        begin=partial(begin_run, folder, run),
        about=about(run.config),
        tensorboard=command.events_of(folder, bool(several)),
    )
    with held:
        _tell(run)
        try:
            result, metrics = carry_out(run, progress=True, out=held)
        except TrainingDivergedError as error:
            if held.writes:
                write_run(folder, run, error.result, {})  # type: ignore[arg-type]
            raise
        leave()
        if not held.writes:
            return metrics
        try:
            if saved is not None and holds_results(folder, saved, result):
                print(f"{folder} was finished: nothing was written", file=sys.stderr)
            else:
                draw = partial(_figures, folder, run, result) if command.figures else list
                written = write_run(folder, run, result, metrics, draw)
                print(f"wrote {', '.join(map(str, written))}", file=sys.stderr)
        finally:  # standard output may be full, but so may the disk
            tell(metrics, f"{metrics['split']} split, {metrics['n']} examples")
    return metrics


def _figures(folder: Path, run: Run, result: Result) -> list[Path]:
    """Draw what fits a run, into its folder."""
    from ..plots import all_figures, left_out, write_figures  # matplotlib takes a second to import

    drawn = all_figures(result.model, run.data, result.history, result.task)
    if words := left_out(drawn, run.data):
        print(words, file=sys.stderr)
    return write_figures(folder / "figures", drawn)


def _tell(run: Run) -> None:
    if is_first():
        about = f"{run.config.model} on {run.config.dataset} ({run.config.task})"
        about += f", seed {run.config.seed}, on {device_words(run.devices)}"
        print(plain("\n".join([about, *run.notes])), file=sys.stderr)
