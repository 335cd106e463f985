"""Who is compared on images: models of equal size, and the honest ones beside the ODE-Net."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from contenders import parameters

from zoo import Dataset, RawData, make_dataset

IN_SHAPE, CLASSES = (28, 28, 1), 10
SOLVER = {"rtol": 1e-3, "batching": "joint"}
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Contender:
    """A model whose `width` is chosen so that all have as many parameters as the ODE-Net."""

    model: str
    options: Callable[[int], Options]
    """Of its builder, for a width."""
    width: int
    """What `fitting_width` finds."""
    multiple: int = 1
    """Which widths there are: its multiples."""
    without_block: bool = False
    """Whether stem and head stay and what is between them is left out."""


def _conv(width: int, **changes: Any) -> Options:
    """As in Chen et al. 2018: two convolutions of stride 2, one ODE block of 7×7 pixels."""
    solver = {} if changes.get("discrete") else {"solver": SOLVER}
    return {"width": width, "downsample": 2, "stages": 1, **solver, **changes}


def _unet(width: int, **changes: Any) -> Options:
    solver = {} if changes.get("discrete") else {"solver": SOLVER}
    dynamics = {"width": 16, "levels": 2}
    return {"width": width, "downsample": 1, "dynamics_options": dynamics, **solver, **changes}


def _transformer(width: int, **changes: Any) -> Options:
    solver = {} if changes.get("discrete") else {"solver": SOLVER}
    dynamics = {"width": width, "heads": 4}
    return {"patch": 4, "width": width, "dynamics_options": dynamics, **solver, **changes}


CONTENDERS: Mapping[str, Contender] = {
    "ODE-Net": Contender("conv_odenet", _conv, 64),
    "augmented ODE-Net": Contender("conv_odenet", lambda w: _conv(w, augment=5), 61),
    "U-Net": Contender("unet_odenet", _unet, 56, multiple=8),
    "transformer": Contender("transformer_odenet", _transformer, 104, multiple=4),
    "ResNet": Contender("conv_odenet", lambda w: _conv(w, discrete=3), 42),
    "MLP": Contender("mlp", lambda w: {"width": w, "depth": 2}, 124),
    "one block": Contender("conv_odenet", lambda w: _conv(w, discrete=1), 64),
    "U-Net, one block": Contender("unet_odenet", lambda w: _unet(w, discrete=1), 56, multiple=8),
    "transformer, one block": Contender(
        "transformer_odenet", lambda w: _transformer(w, discrete=1), 104, multiple=4
    ),
    "identity": Contender(
        "conv_odenet", lambda w: _conv(w, discrete=1), 64, without_block=True
    ),
}  # fmt: skip
"""By name. `one block` is one residual step with the field of the ODE-Net; `identity` has its stem
and head alone, and so fewer parameters."""

HEADLINE = ("ODE-Net", "ResNet", "U-Net")
"""Trained on all images too."""


def blank_images() -> Dataset:
    """Images of the size that is compared, without their files."""
    labels = np.arange(10 * CLASSES) % CLASSES
    raw = RawData(
        {"x": np.zeros((len(labels), *IN_SHAPE), np.uint8), "y": labels},
        ("classification",),
        kind="image",
    )
    return make_dataset(raw)


def size(contender: Contender, width: int, data: Dataset) -> int:
    """How many parameters a contender of a width has."""
    return parameters(contender.model, dict(contender.options(width)), data)


def fitting_width(contender: Contender, wanted: int, data: Dataset) -> int:
    """The width whose number of parameters is nearest to `wanted`, by bisection."""
    low, high = 1, 2048 // contender.multiple
    while low < high:  # the first that is not smaller
        middle = (low + high) // 2
        enough = size(contender, middle * contender.multiple, data) >= wanted
        low, high = (low, middle) if enough else (middle + 1, high)
    around = [w * contender.multiple for w in (low - 1, low) if w]
    return min(around, key=lambda w: abs(math.log(size(contender, w, data) / wanted)))
