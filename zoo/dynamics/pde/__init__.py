"""Partial differential equations by the method of lines: grids, derivatives, terms, their sum."""

from .advection import Advection
from .burgers import BurgersFlux
from .closure import learned_closure
from .differences import FiniteDifferences, Order
from .diffusion import Diffusion, Hyperdiffusion
from .discretisation import AbstractDiscretisation
from .equations import EQUATIONS
from .grid import Boundary, Grid
from .learned import Learned, LearnedFlux
from .method_of_lines import MethodOfLines, SemilinearMethodOfLines
from .reaction import GrayScott, Reaction
from .spectral import Spectral
from .term import AbstractLinearTerm, AbstractTerm

__all__ = [
    "EQUATIONS",
    "AbstractDiscretisation",
    "AbstractLinearTerm",
    "AbstractTerm",
    "Advection",
    "Boundary",
    "BurgersFlux",
    "Diffusion",
    "FiniteDifferences",
    "GrayScott",
    "Grid",
    "Hyperdiffusion",
    "Learned",
    "LearnedFlux",
    "MethodOfLines",
    "Order",
    "Reaction",
    "SemilinearMethodOfLines",
    "Spectral",
    "learned_closure",
]
