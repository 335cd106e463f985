"""Options of `sample` that say which view of a model is drawn from."""

import dataclasses
from typing import Annotated, Any

import tyro

from ..datasets import Preparation
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..models.densities import AbstractDensity
from ..schema import PositiveInt, Range


@dataclasses.dataclass(kw_only=True)
class ViewOptions:
    """Base of the options of a command that takes a view of a density."""

    label: Annotated[
        str | None,
        tyro.conf.arg(metavar="CLASS", help="of a model with classes: the class to draw from"),
    ] = None
    guidance: Annotated[
        float | None,
        Range(0.0),
        tyro.conf.arg(
            metavar="FLOAT",
            help="with --label: how far draws are pushed towards the class; 1 not at all",
        ),
    ] = None
    sde: Annotated[
        bool, tyro.conf.arg(help="draw by the stochastic equation of the same marginals")
    ] = False
    sde_steps: Annotated[
        PositiveInt | None, tyro.conf.arg(metavar="INT", help="with --sde: its equal steps")
    ] = None


def viewed(model: Any, options: ViewOptions, preprocessing: Preparation) -> AbstractModel:
    """The model, or the view of it that the options ask for.

    Raises `ConfigError` for a class that the data do not have, and for a model without such a view.
    """
    lone = "guidance" if options.label is None and options.guidance is not None else None
    lone = "sde-steps" if not options.sde and options.sde_steps is not None else lone
    if lone is not None:
        needed = {"guidance": "--label", "sde-steps": "--sde"}[lone]
        raise ConfigError(f"--{lone} says how {needed} draws: add {needed}, or leave it out.")
    if options.label is None and not options.sde:
        return model
    asked = "--sde" if options.label is None else f"--label {options.label}"
    if not isinstance(model, AbstractDensity):
        raise ConfigError(
            f"{asked}: a {type(model).__name__} is no density, expected a model such as cnf; leave "
            "it out."
        )
    if options.label is not None:
        pushed = {} if options.guidance is None else {"guidance": options.guidance}
        model = model.of_class(_index(options.label, preprocessing), **pushed)
    if options.sde:
        steps = {} if options.sde_steps is None else {"steps": options.sde_steps}
        model = model.stochastic(**steps)
    return model


def _index(label: str, preprocessing: Preparation) -> int:
    """The place of a class by what the user calls it."""
    names = [str(each) for each in preprocessing.classes]
    if label not in names:
        known = ", ".join(names) or "none: the data have no classes"
        raise ConfigError(f"--label {label}: expected one of the classes, {known}.")
    return names.index(label)
