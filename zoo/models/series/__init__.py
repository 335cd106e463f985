"""Models of series: what they take, and one file a model."""

from .base import AbstractSeriesModel
from .batch import Series
from .encoder import SeriesEncoder
from .initial import AbstractInitial, EncodedInitial, EstimatedInitial, GivenInitial
from .latent_ode import LatentODE
from .shooting import Shooting
from .trajectory import Trajectory

__all__ = [
    "AbstractInitial",
    "AbstractSeriesModel",
    "EncodedInitial",
    "EstimatedInitial",
    "GivenInitial",
    "LatentODE",
    "Series",
    "SeriesEncoder",
    "Shooting",
    "Trajectory",
]
