"""Fields in space and time from known partial differential equations, one file a data set."""

from . import burgers, heat, kuramoto_sivashinsky, reaction_diffusion
from .made import field_data, solution

__all__ = [
    "burgers",
    "field_data",
    "heat",
    "kuramoto_sivashinsky",
    "reaction_diffusion",
    "solution",
]
