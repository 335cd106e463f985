"""Going on with a run: its own configuration, what may change, and what that is called."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..checkpoint import Choice, json_text
from ..errors import ConfigError
from ..registry import DATASETS
from ..schema import file_options, options_of
from ..train.folder.checkpoints import Saved, sound_checkpoints
from ..train.watch.early_stopping import exhausted
from .config import Options, ResolvedConfig, RunConfig

MAY_CHANGE = ("steps", "lr")
"""Training options that a run may go on with otherwise than it began."""

_ELSEWHERE = ("use", "preprocessing")


def as_asked(saved: ResolvedConfig) -> RunConfig:
    """A saved configuration as it is asked for again, as the run is by now."""
    training = dict(saved.training)
    for change in saved.resumed:
        training |= {"steps": change["steps"], "lr": change["lr"]}
    task: str | None = saved.task
    inferred = options_of(DATASETS[saved.dataset].builder).get("task")
    given = saved.dataset_options.get("task")
    if inferred is not None and given == inferred.default and inferred.takes(saved.task):
        task = None  # the data say it again
    same = {field.name: getattr(saved, field.name) for field in fields(RunConfig)}
    changed = {"training": training, "task": task, "x64": bool(saved.x64), "resumed": ()}
    return RunConfig(**same | changed)


def resumed_config(
    config: RunConfig, saved: ResolvedConfig, folder: Path, choice: Choice | None
) -> RunConfig:
    """`config` as that of the run `saved`: what was changed becomes an entry of `resumed`.

    Raises `ConfigError` where a schedule has to become another and no choice says how, where the
    choice would ignore a learning rate, and for fewer steps than were taken.
    """
    before, now = as_asked(saved).training, config.training
    resumed = list(saved.resumed)
    changed = [name for name in MAY_CHANGE if now[name] != before[name]]
    if changed:
        at = reached(folder)
        choice = _choice(choice, changed, at, before, now)
        change = {"step": at.step, "update": at.updates, "schedule": choice}
        resumed.append(change | {name: now[name] for name in MAY_CHANGE})  # type: ignore[arg-type]
    elif choice is not None and choice not in [change["schedule"] for change in resumed[-1:]]:
        raise ConfigError(
            f"--resume-schedule {choice} says what becomes of a schedule where --steps or --lr "
            "change, and neither does: leave it out."
        )
    training = {**now, **{name: saved.training[name] for name in MAY_CHANGE}}
    return replace(config, training=training, resumed=tuple(resumed))


def _choice(
    choice: Choice | None, changed: list[str], at: "Reached", before: Options, now: Options
) -> Choice:
    """What becomes of the schedule: as was chosen, or what serves where it does not matter."""
    if choice == "keep" and "lr" in changed:
        raise ConfigError(
            f"--resume-schedule keep would ignore lr = {now['lr']}: choose stretch or restart."
        )
    _check_change(at, before, now)
    moving = now["schedule"] != "constant" or now["warmup"] or now["rtol_start"] is not None
    if choice is None and moving:
        raise ConfigError(
            f"{_names(changed, before, now)} change a schedule that is under way: add "
            "--resume-schedule keep (as it was, then its end value), stretch (that of the new "
            "total, with a jump now) or restart (a new one over the steps that are left)."
        )
    return choice or ("stretch" if "lr" in changed else "keep")


@dataclass(frozen=True)
class Reached:
    """How far a run is: its steps, those of them that changed the weights, and whether it has
    lost patience, so that it takes none any more."""

    step: int = 0
    updates: int = 0
    exhausted: bool = False


def reached(folder: Path) -> Reached:
    """How far the run in a folder is by its newest sound checkpoint."""
    found, _ = sound_checkpoints(folder)
    if not found:
        return Reached()
    newest = found[0]
    return Reached(newest.step, newest.updates, _exhausted(newest))


def _exhausted(saved: Saved) -> bool:
    settings = saved.settings
    patience = settings.get("patience")
    if patience is None:
        return False
    return exhausted(saved.step, int(saved.arrays["best_step"]), settings["eval_every"], patience)


def _check_change(at: Reached, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise `ConfigError` where no step is left to be taken otherwise than before."""
    if now["steps"] < at.step:
        raise ConfigError(f"steps = {now['steps']}: the run is at step {at.step} already.")
    if at.exhausted:
        raise ConfigError(
            f"The run ended at step {at.step}, its patience exhausted: it takes no step more. "
            "Begin a new run with its weights: --from RUN --out ANOTHER."
        )
    if now["steps"] == at.step and now["lr"] != before["lr"]:
        raise ConfigError(
            f"lr = {now['lr']}: the run has taken all of its {at.step} steps, and none is left to "
            f"take at another rate. Add --steps, more than {at.step}."
        )


def check_same_run(saved: ResolvedConfig, config: ResolvedConfig, folder: Path) -> None:
    """Raise `ConfigError` where a run would go on as another, with what differs.

    Where a file of data lies is no difference: its content is compared with the checkpoint's.
    """
    then, now = about(saved), about(config)
    then["dataset_options"] = _unknown_then(now, saved) | then["dataset_options"]
    pairs = [(name, then.get(name), now[name]) for name in now if name != "resumed"]
    changed = [line for name, old, new in pairs for line in _differences(name, old, new)]
    if changed:
        raise ConfigError(
            f"The run in {folder} is another: {'; '.join(changed)}. Leave out what is to stay "
            "(--resume takes it from the run), or start anew with another --out."
        )


def _unknown_then(now: Mapping[str, Any], saved: ResolvedConfig) -> dict[str, Any]:
    """Options of the data set that it has now, at their defaults: what runs did before them."""
    options = options_of(DATASETS[saved.dataset].builder)
    return {name: options[name].default for name in now["dataset_options"] if name in options}


def about(config: ResolvedConfig) -> dict[str, Any]:
    """What of a run's configuration stays as it is when it goes on, as JSON values.

    Where files of data lie does not belong to it, nor which modules are used: their contents are
    compared by the checkpoint. Nor does what was learned from the data.
    """
    entries = {k: v for k, v in config.to_json().items() if k not in _ELSEWHERE}
    told: dict[str, Any] = json.loads(json_text(entries))
    for name in file_options(DATASETS[config.dataset].builder):
        told["dataset_options"].pop(name, None)
    return {"resumed": []} | told


def _names(changed: list[str], before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return " and ".join(f"{name} {now[name]} (was {before[name]})" for name in changed)


def _differences(name: str, old: Any, new: Any) -> list[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted(old.keys() | new.keys())
        return [x for k in keys for x in _differences(f"{name}.{k}", old.get(k), new.get(k))]
    return [] if old == new else [f"{name} was {old!r} and is {new!r}"]
