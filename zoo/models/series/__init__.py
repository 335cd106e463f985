"""Models of series: what they take, and one file a model."""

from .base import AbstractSeriesModel
from .batch import Series
from .neural_cde import NeuralCDE
from .ode_rnn import ODERNN
from .recurrent import RecurrentNet

__all__ = ["ODERNN", "AbstractSeriesModel", "NeuralCDE", "RecurrentNet", "Series"]
