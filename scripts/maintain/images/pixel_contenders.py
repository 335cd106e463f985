"""Models whose head reads every pixel of the last state, of as many parameters as the ODE-Net."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from .contenders import Contender, Options

SOLVER = {"method": "Bosh3", "rtol": 1e-2, "batching": "joint"}


def _conv(width: int, **changes: Any) -> Options:
    """One ODE block of 7×7 pixels, as in `contenders`."""
    solver = {} if changes.get("discrete") else {"solver": SOLVER}
    return {"width": width, "downsample": 2, "stages": 1, "pool": False, **solver, **changes}


def _unet(width: int, *, field: int, levels: int, downsample: int, **changes: Any) -> Options:
    solver = {} if changes.get("discrete") else {"solver": SOLVER}
    dynamics = {"width": field, "levels": levels}
    options = {"width": width, "downsample": downsample, "dynamics_options": dynamics}
    return {**options, "pool": False, **solver, **changes}


_large = partial(_unet, field=16, levels=2, downsample=1)
_shallow = partial(_unet, field=24, levels=1, downsample=1)
_small = partial(_unet, field=24, levels=1, downsample=2)
_ONE = {"discrete": 1}

CANDIDATES: Mapping[str, Contender] = {
    "conv, 7×7": Contender("conv_odenet", _conv, 56),
    "conv, 7×7, one block": Contender("conv_odenet", partial(_conv, **_ONE), 56),
    "U-Net of 2 sizes, 7×7": Contender("unet_odenet", _small, 48),
    "U-Net of 2 sizes, 7×7, one block": Contender("unet_odenet", partial(_small, **_ONE), 48),
    "U-Net of 2 sizes, 14×14, one block": Contender("unet_odenet", partial(_shallow, **_ONE), 27),
    "U-Net of 3 sizes, 14×14, one block": Contender("unet_odenet", partial(_large, **_ONE), 8),
}
"""From which `choose` chooses on validation images."""

PIXEL_CONTENDERS: Mapping[str, Contender] = {
    "U-Net": CANDIDATES["U-Net of 2 sizes, 7×7"],
    "U-Net, one block": CANDIDATES["U-Net of 2 sizes, 7×7, one block"],
    "U-Net, identity": Contender("unet_odenet", partial(_small, **_ONE), 48, without_block=True),
    "ResNet": Contender("conv_odenet", partial(_conv, discrete=3), 38),
    "one block": CANDIDATES["conv, 7×7, one block"],
    "identity": Contender("conv_odenet", partial(_conv, **_ONE), 56, without_block=True),
    "ODE-Net": CANDIDATES["conv, 7×7"],
}
"""Those of them that train on all images, in the order in which they run; `identity` is the stem
and the head of the model before it."""
