"""y = -x, which no ODE in one dimension can do: its trajectories would have to cross."""

from ..registry import register_recipe
from ..train.folder.earlier import PLAIN
from .base import Recipe


def _flip(augment: int, published: float) -> Recipe:
    return Recipe(
        model="odenet",
        dataset="flip1d",
        model_options={
            "dynamics": "mlp",
            "dynamics_options": {"width": 16, "depth": 2, "activation": "tanh"},
            "augment": augment,
            "head": False,
            "solver": {"rtol": 1e-7, "dtype": "float64", "max_steps": 1024, "batching": "joint"},
        },
        training={**PLAIN, "steps": 1500, "optimiser": "adam", "lr": 1e-2},
        metric="loss",
        published=(published,),
        x64=True,
    )


@register_recipe("flip-odenet")
def flip_odenet() -> Recipe:
    """An ODE-Net without a head on the flip: the best that a rising map can do is the mean.

    An independent replication of Dupont et al. 2019, at a tolerance of 1e-7 in float64 with 16
    hidden units; the mean squared error is of targets of variance 1.
    """
    return _flip(0, 1.0001)


@register_recipe("flip-augmented")
def flip_augmented() -> Recipe:
    """The same with one dimension more: the points pass by each other."""
    return _flip(1, 0.0)
