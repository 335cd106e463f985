"""Models of random paths: what they share, and one file a model."""

from .base import AbstractStochasticModel
from .critic import PathCritic
from .diffusion import PositiveDiffusion
from .latent_sde import LatentSDE
from .neural_sde import NeuralSDE
from .sde_gan import SDEGAN

__all__ = [
    "SDEGAN",
    "AbstractStochasticModel",
    "LatentSDE",
    "NeuralSDE",
    "PathCritic",
    "PositiveDiffusion",
]
