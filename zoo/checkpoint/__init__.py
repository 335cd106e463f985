"""Weights and states of training in safetensors files, each with a digest. Never a pickle."""

from .atomic import write_atomically
from .file import FORMAT, read
from .leaves import arrays_of, describe, path_name
from .transfer import Transfer, take_arrays, transfer
from .weights import fill, load, needed_modules, read_model, save, template, write

__all__ = [
    "FORMAT",
    "Transfer",
    "arrays_of",
    "describe",
    "fill",
    "load",
    "needed_modules",
    "path_name",
    "read",
    "read_model",
    "save",
    "take_arrays",
    "template",
    "transfer",
    "write",
    "write_atomically",
]
