"""The engine: a batch of solves in one loop, each by its own steps, with replay as gradient."""

from .carry import Fields, Report, few_lanes
from .devices import own_everywhere
from .exponential import ETDRK2, ETDRK4
from .plan import Plan
from .replay import Inputs, batch_size, replay
from .step import AbstractStepper, Move, Stages, combine
from .symplectic import Leapfrog, SemiImplicitEuler, Yoshida4
from .tableau import Tableau, tableau_of

__all__ = [
    "ETDRK2",
    "ETDRK4",
    "AbstractStepper",
    "Fields",
    "Inputs",
    "Leapfrog",
    "Move",
    "Plan",
    "Report",
    "SemiImplicitEuler",
    "Stages",
    "Tableau",
    "Yoshida4",
    "batch_size",
    "combine",
    "few_lanes",
    "own_everywhere",
    "replay",
    "tableau_of",
]
