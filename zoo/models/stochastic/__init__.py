"""Models of random paths: what they share, and one file a model."""

from .base import AbstractStochasticModel
from .diffusion import PositiveDiffusion
from .latent_sde import LatentSDE
from .neural_sde import NeuralSDE

__all__ = ["AbstractStochasticModel", "LatentSDE", "NeuralSDE", "PositiveDiffusion"]
