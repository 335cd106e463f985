"""The bi-directional spirals of the paper of neural ODEs: what follows after few noisy points."""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe

_LATENT: Mapping[str, Any] = {
    "latent": 8,
    "dynamics_options": {"time": False, "activation": "tanh"},
    "solver": {"rtol": 1e-2, "batching": "joint"},
}


def _spirals(model: str, options: Mapping[str, Any], shown: int, published: float) -> Recipe:
    return Recipe(
        model=model,
        dataset="archimedean_spirals",
        model_options=options,
        dataset_options={"times": "regular", "observed": shown, "standardise": False},
        training={"steps": 2500, "batch_size": 64, "eval_every": 500},
        seeds=1,
        metric="rmse_standardised",
        published=(published,),
    )


@register_recipe("spirals-latent-ode-30")
def spirals_latent_ode_30() -> Recipe:
    """A latent ODE of spirals of which 30 of 100 times are shown, and 100 more are to be found.

    Chen et al. 2018, "Neural Ordinary Differential Equations", table 2: a root mean square error of
    0.164, 0.150 and 0.135 with 30, 50 and 100 points, of an RNN 0.394, 0.320 and 0.181. The paper
    gives 1,000 spirals, 4 latents, nets of 20 units and an RNN of 25. It does not give the noise,
    whether the values to be found have it, on which series the error is taken, and how long was
    trained. Here the noise is 0.1, the error is that to values with noise, of 200 spirals that
    training did not see; 600 were trained on, with what follows after their points. Nothing is
    standardised, so that the error is in the unit of the coordinates, over both.
    """
    return _spirals("latent_ode", _LATENT, 30, 0.164)


@register_recipe("spirals-latent-ode-50")
def spirals_latent_ode_50() -> Recipe:
    """The same with 50 of the 100 times."""
    return _spirals("latent_ode", _LATENT, 50, 0.150)


@register_recipe("spirals-latent-ode-100")
def spirals_latent_ode_100() -> Recipe:
    """The same with all of the 100 times."""
    return _spirals("latent_ode", _LATENT, 100, 0.135)


@register_recipe("spirals-gru-30")
def spirals_gru_30() -> Recipe:
    """A GRU of the spirals of `spirals-latent-ode-30`, told how long ago a point was seen.

    What it says of a time beyond the last point is linear in its state and in the logarithm of the
    gap, so that it cannot follow a turn: it is no measure of the RNN of the paper.
    """
    return _spirals("gru_dt", {}, 30, 0.394)
