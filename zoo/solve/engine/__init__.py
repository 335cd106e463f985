"""The engine: explicit Runge-Kutta solves of a whole batch in one loop, with replay as gradient."""

from .plan import Plan
from .replay import Inputs, replay
from .tableau import Tableau, tableau_of

__all__ = ["Inputs", "Plan", "Tableau", "replay", "tableau_of"]
