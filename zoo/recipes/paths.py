"""Paths of series: trajectories of fields that are learned, and of equations that are known."""

from ..registry import register_recipe
from .base import Recipe


@register_recipe("oscillators-trajectory")
def oscillators_trajectory() -> Recipe:
    """The neural ODE of Diffrax's example: 500 steps on the first tenth of each path, 500 on all.

    Kidger 2021, "On Neural Differential Equations": 256 paths of 100 equally spaced times, a dense
    field of two hidden layers of 64, AdaBelief at 3e-3; a mean squared error of 0.0020 on the
    training paths there, on test paths here.
    """
    return Recipe(
        model="trajectory",
        dataset="nonlinear_oscillators",
        model_options={
            "dynamics_options": {"width": 64, "depth": 2, "activation": "softplus", "time": False},
            "initial": "given",
            "first_share": 0.1,
            "first_steps": 500,
            "solver": {"method": "Tsit5", "rtol": 1e-3, "atol": 1e-6, "batching": "joint"},
        },
        dataset_options={"times": "regular", "standardise": False},
        training={
            "steps": 1000,
            "batch_size": 32,
            "optimiser": "adabelief",
            "lr": 3e-3,
            "schedule": "constant",
            "clip": None,
            "keep_best": False,
        },
        seeds=1,
        metric="loss",
        published=(0.0020,),
    )


@register_recipe("lotka-volterra-trajectory")
def lotka_volterra_trajectory() -> Recipe:
    """A dense field on cycles of predators and prey; the second half of each path is not shown."""
    return Recipe(
        model="trajectory",
        dataset="lotka_volterra",
        model_options={
            "dynamics_options": {"width": 64, "depth": 2, "time": False},
            "initial": "given",
            "windows": 4,
            "solver": {"rtol": 1e-4, "batching": "joint"},
        },
        dataset_options={"duration": 20.0, "horizon": 10.0, "length": 100},
        training={"steps": 1000, "batch_size": 32, "lr": 1e-2},
        seeds=1,
        metric="rmse_standardised",
    )


@register_recipe("pelts-lotka-volterra")
def pelts_lotka_volterra() -> Recipe:
    """The equations of Lotka and Volterra fitted to the pelts of 1900 to 1915; five years forecast.

    Multiple shooting: one solve over all years ends in a constant state, three windows find the
    cycles. (By the years that are shown: an error of 5.2 in one solve over them, 21.8 with two and
    9.7 with four windows.) Howard 2009, "Modeling Basics", fits all 21 years: the hare grows by
    0.48 a year and loses 0.025 for each thousand lynx pelts, the lynx shrinks by 0.93 and gains
    0.028.
    """
    return Recipe(
        model="trajectory",
        dataset="pelts",
        model_options={
            "dynamics": "lotka_volterra",
            "dynamics_options": {"unit": 30.0},
            "initial": "given",
            "windows": 3,
            "solver": {"rtol": 1e-4},
        },
        dataset_options={
            "split": "all",
            "split_by": "series",
            "horizon": 5.0,
            "standardise": False,
        },
        training={
            "steps": 2000,
            "optimiser": "adam",
            "lr": 1e-2,
            "schedule": "cosine",
            "clip": None,
            "keep_best": False,
        },
        seeds=3,
        metric="rmse_standardised",
    )
