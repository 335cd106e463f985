"""Training options as runs of earlier versions have them."""

from collections.abc import Mapping
from typing import Any

PLAIN: Mapping[str, Any] = {
    "optimiser": "adam",
    "schedule": "constant",
    "clip": None,
    "keep_best": False,
}
"""The defaults of these options before the study in scripts/maintain/defaults: those of a run of
that time that does not say otherwise, and those with which recipes were measured."""


RENAMED = {"steer": "random_end"}
"""Names that options had in earlier runs."""


def with_new_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an earlier run, in their order, by the names that they have now."""
    return {RENAMED.get(name, name): value for name, value in options.items()}


def as_before(training: Mapping[str, Any]) -> dict[str, Any]:
    """The training options of an earlier run, with those that it does not know as they were."""
    training = with_new_names(training)
    # In the order that they have in the run's file, by whose text a finished run is known.
    missing = {name: value for name, value in PLAIN.items() if name not in training}
    before = {**training, **missing}
    if before["optimiser"] == "adamw":
        before.setdefault("decayed", "all")
    return before
