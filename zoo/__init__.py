"""A model zoo of neural differential equations in JAX, on Equinox, Diffrax and Optax."""

from . import (
    blocks,
    controls,
    datasets,
    dynamics,
    errors,
    models,
    nn,
    objectives,
    precision,
    recipes,
    regularisers,
    solve,
    tasks,
    train,
)
from .blocks import ODEBlock, ode_block
from .checkpoint import save
from .datasets import Dataset, RawData, load_dataset, make_dataset, make_series
from .errors import ZooError, ZooWarning
from .evaluation import evaluate, predict, sample
from .extensions import use
from .models import (
    CNF,
    MLP,
    AbstractDensity,
    AbstractModel,
    AbstractODEModel,
    Equilibrium,
    FlowMatching,
    ODENet,
    ResNet,
    Wrapped,
    ablate,
    create_model,
    model_config,
    prune,
    quantise,
    transfer,
)
from .nn import frozen
from .objectives import losses
from .objectives.parameters import count_parameters, trainable
from .pretrained import list_pretrained, load
from .registry import (
    CONTROLS,
    COUPLINGS,
    DATASETS,
    DYNAMICS,
    LOSSES,
    MODELS,
    PATHS,
    RECIPES,
    REGULARISERS,
    TASKS,
    register_control,
    register_coupling,
    register_dataset,
    register_dynamics,
    register_loss,
    register_model,
    register_path,
    register_preparation,
    register_recipe,
    register_regulariser,
    register_task,
)
from .solve import Solver
from .train import Result, fit
from .types import Aux, Stats

__version__ = "0.1.0"

list_models = MODELS.names
list_paths = PATHS.names
list_dynamics = DYNAMICS.names
list_controls = CONTROLS.names
list_couplings = COUPLINGS.names
list_datasets = DATASETS.names
list_losses = LOSSES.names
list_recipes = RECIPES.names
list_regularisers = REGULARISERS.names
list_tasks = TASKS.names

__all__ = [
    "CNF",
    "MLP",
    "AbstractDensity",
    "AbstractModel",
    "AbstractODEModel",
    "Aux",
    "Dataset",
    "Equilibrium",
    "FlowMatching",
    "ODEBlock",
    "ODENet",
    "RawData",
    "ResNet",
    "Result",
    "Solver",
    "Stats",
    "Wrapped",
    "ZooError",
    "ZooWarning",
    "ablate",
    "blocks",
    "controls",
    "count_parameters",
    "create_model",
    "datasets",
    "dynamics",
    "errors",
    "evaluate",
    "fit",
    "frozen",
    "list_controls",
    "list_couplings",
    "list_datasets",
    "list_dynamics",
    "list_losses",
    "list_models",
    "list_paths",
    "list_pretrained",
    "list_recipes",
    "list_regularisers",
    "list_tasks",
    "load",
    "load_dataset",
    "losses",
    "make_dataset",
    "make_series",
    "model_config",
    "models",
    "nn",
    "objectives",
    "ode_block",
    "precision",
    "predict",
    "prune",
    "quantise",
    "recipes",
    "register_control",
    "register_coupling",
    "register_dataset",
    "register_dynamics",
    "register_loss",
    "register_model",
    "register_path",
    "register_preparation",
    "register_recipe",
    "register_regulariser",
    "register_task",
    "regularisers",
    "sample",
    "save",
    "solve",
    "tasks",
    "train",
    "trainable",
    "transfer",
    "use",
]
