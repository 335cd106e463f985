"""Models: dense and residual nets, ODE-Nets of tables and images, and how to make one by name."""

from . import densities, series, stochastic
from .ablate import ablate
from .base import AbstractModel
from .conv_odenet import conv_odenet
from .create import choose_task, create_model, model_config, model_shapes
from .densities import CNF, AbstractDensity, FlowMatching
from .equilibrium import Equilibrium, EquilibriumCell
from .fitting import common_tasks, fitting_models, model_tasks
from .memory import check_memory
from .mlp import MLP
from .ode_model import AbstractODEModel
from .ode_net import ODENet
from .outer_layers import OuterLayers
from .prune import prune
from .quantise import quantise
from .resnet import ResNet
from .series import ODERNN, AbstractSeriesModel, NeuralCDE, RecurrentNet, Series
from .staged import ODEStage, StagedODENet
from .staged_resnet import StagedResNet
from .transfer import take_weights, transfer
from .transformer_odenet import transformer_odenet
from .unet_odenet import unet_odenet
from .wrapped import Wrapped

__all__ = [
    "CNF",
    "MLP",
    "ODERNN",
    "AbstractDensity",
    "AbstractModel",
    "AbstractODEModel",
    "AbstractSeriesModel",
    "Equilibrium",
    "EquilibriumCell",
    "FlowMatching",
    "NeuralCDE",
    "ODENet",
    "ODEStage",
    "OuterLayers",
    "RecurrentNet",
    "ResNet",
    "Series",
    "StagedODENet",
    "StagedResNet",
    "Wrapped",
    "ablate",
    "check_memory",
    "choose_task",
    "common_tasks",
    "conv_odenet",
    "create_model",
    "densities",
    "fitting_models",
    "model_config",
    "model_shapes",
    "model_tasks",
    "prune",
    "quantise",
    "series",
    "stochastic",
    "take_weights",
    "transfer",
    "transformer_odenet",
    "unet_odenet",
]
