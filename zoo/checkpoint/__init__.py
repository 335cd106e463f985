"""Weights and states of training in safetensors files, each with a digest. Never a pickle."""

from .atomic import replaceable, write_atomically
from .file import FORMAT, read
from .leaves import describe
from .transfer import Transfer, transfer
from .weights import fill, load, needed_modules, read_model, save, template, write

__all__ = [
    "FORMAT",
    "Transfer",
    "describe",
    "fill",
    "load",
    "needed_modules",
    "read",
    "read_model",
    "replaceable",
    "save",
    "template",
    "transfer",
    "write",
    "write_atomically",
]
