"""Laws that are known in part: a net for what is missing, or numbers to be found."""

from ..registry import register_recipe
from .base import Recipe


@register_recipe("lotka-volterra-hybrid")
def lotka_volterra_hybrid() -> Recipe:
    """Predators and prey whose growth and decay are known; a net finds what their meeting does.

    Rackauckas et al. 2020, "Universal Differential Equations for Scientific Machine Learning". The
    net's correlation with the true term (-4/3 x y, x y) on held-out paths is 0.9997 or more with
    each of five seeds, its error 2 %, its share of the motion 0.49. Where growth (2/3) and decay
    (1) are not known but trained too (`--model.dynamics.learn_known True`), rollouts are as good
    and the two numbers are no measurement: 0.51 ± 0.08 and 0.78 ± 0.13 even where they begin at the
    true ones, 0.13 ± 0.12 and 0.47 ± 0.12 from 0 and 0. The net makes up for the rest, see
    zoo/recipes/LAWS.md.
    """
    return Recipe(
        model="trajectory",
        dataset="lotka_volterra",
        model_options={
            "dynamics": "hybrid",
            "dynamics_options": {
                "known": "growth",
                "known_options": {"rates": [2 / 3, -1.0]},
                "width": 16,
            },
            "initial": "given",
            "windows": 4,
            "solver": {"rtol": 1e-4, "batching": "joint"},
        },
        dataset_options={"n": 50, "length": 40, "times": "regular", "standardise": False},
        training={"steps": 500, "lbfgs_steps": 150, "lr": 1e-2, "keep_best": False},
        seeds=5,
        metric="rmse_standardised",
    )


@register_recipe("bouncing-ball")
def bouncing_ball() -> Recipe:
    """Gravity (9.81) and restitution (0.8) of balls, found through their bounces.

    From 5 and 0.5, by values with noise of 0.01: 9.808 ± 0.005 and 0.800 ± 0.002 over five seeds.
    """
    return Recipe(
        model="bouncing_ball",
        dataset="bouncing_ball",
        model_options={"windows": 5, "bounces": 8, "huber": 0.1},
        dataset_options={
            "n": 30,
            "length": 41,
            "noise": 0.01,
            "rollouts": 20,
            "rollout_duration": 2.0,
            "rollout_length": 40,
            "split": "90/5/5",
        },
        training={
            "steps": 400,
            "batch_size": 27,
            "optimiser": "adam",
            "lr": 5e-2,
            "schedule": "cosine",
            "clip": None,
            "keep_best": False,
        },
        seeds=5,
        metric="rmse_standardised",
    )
