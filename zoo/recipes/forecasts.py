"""What a series does where it is not shown: interpolated, and forecast with a band."""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe

_LATENT: Mapping[str, Any] = {
    "latent": 8,
    "hidden": 32,
    "dynamics_options": {"time": False},
    "solver": {"rtol": 1e-2, "batching": "joint"},
}


@register_recipe("damped-latent-ode")
def damped_latent_ode() -> Recipe:
    """A latent ODE of damped oscillators with noise, half of whose times are not shown."""
    return Recipe(
        model="latent_ode",
        dataset="damped_oscillators",
        model_options=_LATENT,
        dataset_options={"n": 500, "noise": 0.1, "hide": 0.5},
        training={"steps": 800, "batch_size": 64},
        seeds=1,
        metric="crps_standardised",
    )


@register_recipe("co2-gru-dt")
def co2_gru_dt() -> Recipe:
    """A year of carbon dioxide from four, by a GRU that is told the gaps."""
    return Recipe(
        model="gru_dt",
        dataset="co2",
        model_options={"hidden": 32},
        dataset_options={"relative": True},
        training={"steps": 1000, "batch_size": 32},
        seeds=1,
        metric="rmse",
    )


@register_recipe("co2-latent-ode")
def co2_latent_ode() -> Recipe:
    """A year of carbon dioxide from four, by a latent ODE."""
    return Recipe(
        model="latent_ode",
        dataset="co2",
        model_options={**_LATENT, "dynamics_options": {}},
        dataset_options={"relative": True},
        training={"steps": 300, "batch_size": 32},
        seeds=1,
        metric="rmse",
    )


@register_recipe("sunspots-ode-rnn")
def sunspots_ode_rnn() -> Recipe:
    """Eleven years of sunspots from 44, by an ODE-RNN."""
    return Recipe(
        model="ode_rnn",
        dataset="sunspots",
        model_options={"hidden": 24, "width": 24},
        training={"steps": 600, "batch_size": 48, "jitter": 0.1},
        seeds=1,
        metric="rmse",
    )
