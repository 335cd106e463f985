"""Laws of mechanics: a field that keeps an energy beside one of equal size that need not.

Greydanus et al. 2019, "Hamiltonian Neural Networks": nets of two hidden layers of 200 (tanh), Adam
at 1e-3, fitted to derivatives, 25 paths of t in [0, 3] with noise of 0.1, 2,000 steps; two bodies
800 orbits and 10,000 steps. Published is the energy MSE of rollouts from 0 to 20.
"""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe

_MLP: Mapping[str, Any] = {"width": 200, "activation": "tanh", "time": False}
_HAMILTONIAN: Mapping[str, Any] = {"width": 200, "separable": False}
_SMALL: Mapping[str, Any] = {"n": 27, "rollouts": 25, "split": "90/5/5"}
"""25 paths for training, 2 for validation, and 25 without noise for the test."""


def _law(
    dataset: str,
    dynamics: str,
    options: Mapping[str, Any],
    published: float | None,
    steps: int = 2000,
    batch_size: int = 8,
    seeds: int = 5,
) -> Recipe:
    """A field fitted to given derivatives, whose rollouts are compared by their energy."""
    return Recipe(
        model="trajectory",
        dataset=dataset,
        model_options={
            "dynamics": dynamics,
            "dynamics_options": _MLP if dynamics == "mlp" else _HAMILTONIAN,
            "initial": "given",
            "solver": {"rtol": 1e-5, "atol": 1e-6, "max_steps": 8192},
        },
        dataset_options={**options, "derivatives": True},
        training={
            "steps": steps,
            "batch_size": batch_size,
            "loss": "derivative",
            "optimiser": "adam",
            "lr": 1e-3,
            "schedule": "constant",
            "clip": None,
            "keep_best": False,
        },
        seeds=seeds,
        metric="energy_mse",
        published=() if published is None else (published,),
    )


@register_recipe("spring-hamiltonian")
def spring_hamiltonian() -> Recipe:
    """Masses on springs by a Hamiltonian net; in Greydanus et al. 2019 an energy MSE of 3.84e-4."""
    return _law("spring", "hamiltonian", _SMALL, 3.8416e-4)


@register_recipe("spring-mlp")
def spring_mlp() -> Recipe:
    """Masses on springs by a dense field of equal size; in Greydanus et al. 2019 1.71e-1."""
    return _law("spring", "mlp", _SMALL, 1.7077e-1)


_SWINGS: Mapping[str, Any] = {**_SMALL, "rollout_duration": 20.0, "rollout_length": 100}
_LONG_SWINGS: Mapping[str, Any] = {**_SMALL, "rollout_duration": 60.0, "rollout_length": 120}


@register_recipe("pendulum-hamiltonian")
def pendulum_hamiltonian() -> Recipe:
    """Pendulums to t = 20 by a Hamiltonian net; in Greydanus et al. 2019 2.49e-2."""
    return _law("pendulum", "hamiltonian", _SWINGS, 2.4852e-2)


@register_recipe("pendulum-mlp")
def pendulum_mlp() -> Recipe:
    """Pendulums to t = 20 by a dense field of equal size; in Greydanus et al. 2019 4.15e-2."""
    return _law("pendulum", "mlp", _SWINGS, 4.1519e-2)


@register_recipe("long-pendulum-hamiltonian")
def long_pendulum_hamiltonian() -> Recipe:
    """Pendulums to t = 60, twenty times as long as a training path, by a Hamiltonian net."""
    return _law("pendulum", "hamiltonian", _LONG_SWINGS, None, seeds=1)


@register_recipe("long-pendulum-mlp")
def long_pendulum_mlp() -> Recipe:
    """Pendulums to t = 60, twenty times as long as a training path, by a dense field."""
    return _law("pendulum", "mlp", _LONG_SWINGS, None, seeds=1)


_ORBITS: Mapping[str, Any] = {"n": 842, "rollouts": 100, "rollout_length": 50, "split": "90/5/5"}


@register_recipe("two-body-hamiltonian")
def two_body_hamiltonian() -> Recipe:
    """Two bodies by a Hamiltonian net; in Greydanus et al. 2019 an energy MSE of 3.88e-5.

    The 10,000 steps take half a minute a seed on two cores.
    """
    return _law("two_body", "hamiltonian", _ORBITS, 3.8751e-5, 10_000, 4)


@register_recipe("two-body-mlp")
def two_body_mlp() -> Recipe:
    """Two bodies by a dense field of equal size; in Greydanus et al. 2019 6.33e-2."""
    return _law("two_body", "mlp", _ORBITS, 6.3276e-2, 10_000, 4)
