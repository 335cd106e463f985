"""The engine: a batch of solves in one loop, each by its own steps, with replay as gradient."""

from .carry import Fields, Report, few_lanes
from .plan import Plan
from .replay import Inputs, batch_size, replay
from .step import AbstractStepper, Move, Stages, combine
from .tableau import Tableau, tableau_of

__all__ = [
    "AbstractStepper",
    "Fields",
    "Inputs",
    "Move",
    "Plan",
    "Report",
    "Stages",
    "Tableau",
    "batch_size",
    "combine",
    "few_lanes",
    "replay",
    "tableau_of",
]
