"""A model zoo of neural differential equations in JAX, on Equinox, Diffrax and Optax."""

from . import datasets, dynamics, errors, layers, losses, models, solve, train
from .checkpoint import load, save
from .datasets import Dataset, RawData, load_dataset, make_dataset
from .errors import ZooError, ZooWarning
from .evaluate import evaluate, predict
from .models import MLP, AbstractModel, ODENet, ResNet, create_model, model_config
from .parameters import check_parameters, count_parameters, trainable
from .registry import (
    DATASETS,
    MODELS,
    register_dataset,
    register_dynamics,
    register_model,
    register_recipe,
)
from .solve import Solver
from .train import Result, fit
from .types import Aux, Stats
