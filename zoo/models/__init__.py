"""Models: `MLP`, `ResNet`, `ODENet` and others, and how to make one by name."""

from .ablate import ablate
from .base import AbstractModel
from .create import choose_task, create_model, model_config, model_shapes
from .equilibrium import Equilibrium, EquilibriumCell
from .fitting import common_tasks, fitting_models, model_tasks
from .memory import check_memory
from .mlp import MLP
from .ode_model import AbstractODEModel
from .ode_net import ODENet
from .resnet import ResNet
from .transfer import take_weights, transfer
from .wrapped import Wrapped

__all__ = [
    "MLP",
    "AbstractModel",
    "AbstractODEModel",
    "Equilibrium",
    "EquilibriumCell",
    "ODENet",
    "ResNet",
    "Wrapped",
    "ablate",
    "check_memory",
    "choose_task",
    "common_tasks",
    "create_model",
    "fitting_models",
    "model_config",
    "model_shapes",
    "model_tasks",
    "take_weights",
    "transfer",
]
