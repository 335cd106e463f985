"""Weights and states of training in safetensors files, each with a digest. Never a pickle."""

from .atomic import replaceable, write_atomically
from .file import FORMAT, read
from .json_text import json_text
from .leaves import describe
from .transfer import Transfer, transfer
from .weights import fill, has_64_bits, load, needed_modules, save, template, write

__all__ = [
    "FORMAT",
    "Transfer",
    "describe",
    "fill",
    "has_64_bits",
    "json_text",
    "load",
    "needed_modules",
    "read",
    "replaceable",
    "save",
    "template",
    "transfer",
    "write",
    "write_atomically",
]
