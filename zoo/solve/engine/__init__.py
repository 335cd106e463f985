"""The engine: explicit Runge-Kutta solves of a whole batch in one loop, with replay as gradient."""

from .carry import Fields, few_lanes
from .devices import own_everywhere
from .plan import Plan
from .replay import Inputs, replay
from .tableau import Tableau, tableau_of

__all__ = [
    "Fields",
    "Inputs",
    "Plan",
    "Tableau",
    "few_lanes",
    "own_everywhere",
    "replay",
    "tableau_of",
]
