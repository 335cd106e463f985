"""Classes of series on real data: a neural CDE beside recurrent nets of as many parameters."""

from collections.abc import Mapping
from typing import Any

from ..registry import register_recipe
from .base import Recipe

_CDE: Mapping[str, Any] = {"hidden": 16, "width": 32, "solver": {"rtol": 1e-2}}
_TRAINING: Mapping[str, Any] = {"steps": 600, "batch_size": 32, "thin": 0.3, "jitter": 0.3}
"""Of all models. Without thinning and jitter the neural CDE knew 0.91 to 0.95 of the vowels."""


def _classes(dataset: str, model: str, options: Mapping[str, Any], seeds: int = 1) -> Recipe:
    return Recipe(
        model=model,
        dataset=dataset,
        model_options=options,
        training=_TRAINING,
        seeds=seeds,
        metric="accuracy",
    )


@register_recipe("vowels-neural-cde")
def vowels_neural_cde() -> Recipe:
    """A neural CDE that tells nine speakers by two vowels, of 7 to 29 times in 12 channels.

    On other data, CharacterTrajectories, Kidger et al. 2020 have 99.2 to 99.4 %, whatever share of
    the points is dropped; `--dataset.drop 0.7` drops them here.
    """
    return _classes("japanese_vowels", "neural_cde", _CDE, seeds=5)


@register_recipe("vowels-ode-rnn")
def vowels_ode_rnn() -> Recipe:
    """An ODE-RNN of as many parameters as the neural CDE of `vowels-neural-cde`."""
    return _classes("japanese_vowels", "ode_rnn", {"hidden": 33, "width": 33})


@register_recipe("vowels-gru")
def vowels_gru() -> Recipe:
    """A GRU of as many parameters as the neural CDE of `vowels-neural-cde`."""
    return _classes("japanese_vowels", "gru", {"hidden": 41})


@register_recipe("vowels-gru-dt")
def vowels_gru_dt() -> Recipe:
    """A GRU that is told the gaps too, as large as the neural CDE of `vowels-neural-cde`."""
    return _classes("japanese_vowels", "gru_dt", {"hidden": 37})


@register_recipe("motions-neural-cde")
def motions_neural_cde() -> Recipe:
    """A neural CDE that tells four motions by the 6 channels of a watch, 100 times each."""
    return _classes("basic_motions", "neural_cde", _CDE)


@register_recipe("motions-ode-rnn")
def motions_ode_rnn() -> Recipe:
    """An ODE-RNN of as many parameters as the neural CDE of `motions-neural-cde`."""
    return _classes("basic_motions", "ode_rnn", {"hidden": 28, "width": 28})


@register_recipe("motions-gru")
def motions_gru() -> Recipe:
    """A GRU of as many parameters as the neural CDE of `motions-neural-cde`."""
    return _classes("basic_motions", "gru", {"hidden": 34})


@register_recipe("motions-gru-dt")
def motions_gru_dt() -> Recipe:
    """A GRU that is told the gaps too, as large as the neural CDE of `motions-neural-cde`."""
    return _classes("basic_motions", "gru_dt", {"hidden": 32})


@register_recipe("spirals-neural-cde")
def spirals_neural_cde() -> Recipe:
    """The neural CDE of Diffrax's example, which tells which way spirals turn, for 20 steps.

    Kidger 2021, "On Neural Differential Equations": 256 spirals, a state of 8, nets of one hidden
    layer of 128, Adam at 1e-2, batches of 32; loss 0.106 and accuracy 1.0 after 20 steps.
    """
    return Recipe(
        model="neural_cde",
        dataset="spirals",
        model_options={"hidden": 8, "width": 128, "solver": {"method": "Tsit5", "rtol": 1e-3}},
        dataset_options={"times": "regular"},
        training={
            "steps": 20,
            "batch_size": 32,
            "optimiser": "adam",
            "lr": 1e-2,
            "schedule": "constant",
            "clip": None,
            "keep_best": False,
        },
        seeds=3,
        metric="loss",
        published=(0.106,),
    )
