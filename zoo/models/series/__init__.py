"""Models of series: what they take, and one file a model."""

from .base import AbstractSeriesModel
from .batch import Series
from .bouncing_ball import BouncingBall
from .encoder import SeriesEncoder
from .horizon import Horizon
from .initial import AbstractInitial, EncodedInitial, EstimatedInitial, GivenInitial
from .latent_ode import LatentODE
from .naive import AbstractNaiveRule, LastValue, MeanValue, NaiveForecast, SeasonalNaive
from .neural_cde import NeuralCDE
from .ode_rnn import ODERNN
from .recurrent import RecurrentNet
from .shooting import Shooting
from .trajectory import Trajectory

__all__ = [
    "ODERNN",
    "AbstractInitial",
    "AbstractNaiveRule",
    "AbstractSeriesModel",
    "BouncingBall",
    "EncodedInitial",
    "EstimatedInitial",
    "GivenInitial",
    "Horizon",
    "LastValue",
    "LatentODE",
    "MeanValue",
    "NaiveForecast",
    "NeuralCDE",
    "RecurrentNet",
    "SeasonalNaive",
    "Series",
    "SeriesEncoder",
    "Shooting",
    "Trajectory",
]
