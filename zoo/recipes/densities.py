"""Densities of points in the plane: by maximum likelihood, and by flow matching."""

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe

_FIELD = {"dynamics": "concat_squash", "dynamics_options": {"width": 32, "depth": 3}}


def _density(model: str, dataset: str, steps: int, lr: float) -> Recipe:
    return Recipe(
        model=model,
        dataset=dataset,
        dataset_options={"n": 5000},
        model_options={
            **_FIELD,
            "solver": {"batching": "joint", "rtol": 1e-4, "atol": 1e-4},
        },
        training={
            **PLAIN,
            "steps": steps,
            "batch_size": 256,
            "optimiser": "adam",
            "lr": lr,
            "schedule": "cosine",
            "eval_every": steps,
        },
        seeds=5,
        metric="nll",
    )


@register_recipe("moons-cnf")
def moons_cnf() -> Recipe:
    """Two half circles by maximum likelihood: one solve and its gradient a step."""
    return _density("cnf", "moons", 600, 1e-2)


@register_recipe("moons-flow")
def moons_flow() -> Recipe:
    """Two half circles by flow matching: one evaluation of the field and its gradient a step."""
    return _density("flow_matching", "moons", 4000, 1e-2)


@register_recipe("pinwheel-cnf")
def pinwheel_cnf() -> Recipe:
    """The flow that FFJORD shows on points of the plane: evaluations of an example at 1e-5.

    Grathwohl et al. 2019, "FFJORD", by its code: three concat-squash layers of 64 tanh units, from
    0 to 0.5, an exact trace, Dopri5 at 1e-5, Adam at 1e-3 and batches of 100. It trains for 10,000
    steps and takes 70 to 100 evaluations, of which 85 is the middle, with the log-determinant under
    error control; here it is left out, and training ends after 1,000.
    """
    net = {"width": 64, "depth": 3, "activation": "tanh"}
    solver = {"method": "Dopri5", "rtol": 1e-5, "atol": 1e-5, "t1": 0.5}
    return Recipe(
        model="cnf",
        dataset="pinwheel",
        dataset_options={"n": 5000},
        model_options={"dynamics": "concat_squash", "dynamics_options": net, "solver": solver},
        training={
            **PLAIN,
            "steps": 1000,
            "batch_size": 100,
            "optimiser": "adam",
            "lr": 1e-3,
            "eval_every": 1000,
        },
        seeds=5,
        metric="nfe",
        published=(85.0,),
    )


@register_recipe("pinwheel-flow")
def pinwheel_flow() -> Recipe:
    """Five arms of a wheel by flow matching."""
    return _density("flow_matching", "pinwheel", 4000, 1e-2)


@register_recipe("eightgaussians-flow")
def eightgaussians_flow() -> Recipe:
    """Eight Gaussians on a circle by flow matching, whose likelihood under the truth is known."""
    return _density("flow_matching", "eightgaussians", 4000, 1e-2)
