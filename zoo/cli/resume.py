"""Going on with a run: its own configuration, what may change, and what that is called."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..checkpoint import read
from ..errors import CheckpointError, ConfigError
from ..train import RunFolder
from ..train.schedules import Choice

MAY_CHANGE = ("steps", "lr")
"""Training options that a run may go on with otherwise than it began."""

_SAME = (
    *("model", "dataset", "dataset_options", "task", "init"),
    *("recipe", "seed", "use", "from", "x64"),
)


def saved_config(folder: Path) -> dict[str, Any] | None:
    """The `config.json` of a run's folder, or None where it was stopped before it wrote one.

    Raises `CheckpointError` for one that cannot be read.
    """
    path = folder / "config.json"
    if not path.is_file():
        return None
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        config["model"], config["dataset"], config["training"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise CheckpointError(
            f"{path} is no run's configuration ({error!r}): the run cannot be resumed from it."
        ) from error
    return config


def as_asked(saved: Mapping[str, Any]) -> dict[str, Any]:
    """A saved configuration in the form that `zoo.run.prepare` takes, as the run is by now."""
    training = dict(saved["training"])
    for change in saved.get("resumed", []):
        training |= {name: change[name] for name in MAY_CHANGE}
    asked = {name: saved[name] for name in _SAME if name in saved}
    if asked["dataset_options"].get("task") == "auto":
        del asked["task"]  # nobody asked: the data tell it again
    return {
        **asked,
        "model_options": saved["options"],
        "training": training,
    }


def going_on(
    config: Mapping[str, Any], saved: Mapping[str, Any], folder: Path, choice: Choice | None
) -> dict[str, Any]:
    """`config` as that of the run `saved`: what was changed becomes an entry of `resumed`.

    Raises `ConfigError` where a schedule has to become another and no choice says how, where the
    choice would ignore a learning rate, and for fewer steps than were taken.
    """
    before, now = as_asked(saved)["training"], config["training"]
    resumed = list(saved.get("resumed", []))
    changed = [name for name in MAY_CHANGE if now[name] != before[name]]
    if changed:
        step, update = reached(folder)
        if now["steps"] < step:
            raise ConfigError(f"steps = {now['steps']}: the run is at step {step} already.")
        if choice == "keep" and "lr" in changed:
            raise ConfigError(
                f"--resume-schedule keep would ignore lr = {now['lr']}: choose stretch or restart."
            )
        moving = now["schedule"] != "constant" or now["warmup"] or now["rtol_start"] is not None
        if choice is None and moving:
            raise ConfigError(
                f"{_names(changed, before, now)} change a schedule that is under way: add "
                "--resume-schedule keep (as it was, then its end value), stretch (that of the new "
                "total, with a jump now) or restart (a new one over the steps that are left)."
            )
        default = "stretch" if "lr" in changed else "keep"
        change = {"step": step, "update": update, "schedule": choice or default}
        resumed.append(change | {name: now[name] for name in MAY_CHANGE})
    training = {**now, **{name: saved["training"][name] for name in MAY_CHANGE}}
    return {**config, "training": training, "resumed": resumed, "seed": saved["seed"]}


def reached(folder: Path) -> tuple[int, int]:
    """The step and the number of updates of the newest sound checkpoint."""
    for path in RunFolder(folder, resume=True).files():
        try:
            _, arrays = read(path)
        except CheckpointError:
            continue
        step = int(arrays["step"])
        return step, step - int(arrays["skipped"])
    return 0, 0


def check_same_run(saved: Mapping[str, Any], config: Mapping[str, Any], folder: Path) -> None:
    """Raise `ConfigError` where a run would go on as another, with what differs."""
    free = ("use", "resumed", "preprocessing")
    now = json.loads(json.dumps(config))
    pairs = [(name, saved.get(name), now.get(name)) for name in now if name not in free]
    changed = [line for name, old, new in pairs for line in _differences(name, old, new)]
    if changed:
        raise ConfigError(
            f"The run in {folder} is another: {'; '.join(changed)}. Leave out what is to stay "
            "(--resume takes it from the run), or start anew with another --out."
        )


def _names(changed: list[str], before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return " and ".join(f"{name} {now[name]} (was {before[name]})" for name in changed)


def _differences(name: str, old: Any, new: Any) -> list[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted(old.keys() | new.keys())
        return [x for k in keys for x in _differences(f"{name}.{k}", old.get(k), new.get(k))]
    return [] if old == new else [f"{name} was {old!r} and is {new!r}"]
