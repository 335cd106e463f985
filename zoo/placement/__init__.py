"""Where arrays are: a batch in shares over several devices, weights whole on each of them.

JAX computes where its arrays are. A model whose arrays are `replicated` over a mesh is evaluated
there by all of its devices, each with its share of the examples, see `spread`; a step of training
adds up what the devices found, see `total`, in the one word that they have for each other.
"""

from .chosen import AXIS, Devices, chosen_mesh, devices_of
from .on_host import on_host
from .own_shares import by_device, own_places
from .places import divided, mesh_of, on_one_device, replicated
from .spread import share, spread, whole_shares
from .total import total

__all__ = [
    "AXIS",
    "Devices",
    "by_device",
    "chosen_mesh",
    "devices_of",
    "divided",
    "mesh_of",
    "on_host",
    "on_one_device",
    "own_places",
    "replicated",
    "share",
    "spread",
    "total",
    "whole_shares",
]
