"""Weights and states of training in safetensors files, each with a digest. Never a pickle."""

from .atomic import replaceable, write_atomically
from .configuration import Change, Choice, RunEntries, check_kinds
from .file import FORMAT, read
from .file_types import has_64_bits
from .json_text import json_text
from .leaves import arrays_of, describe, path_name
from .recorded_sizes import size_entries, sizes_from_json, sizes_to_json
from .reference import reference_in
from .transfer import Transfer, take_arrays, transfer
from .weights import fill, load, needed_modules, read_model, save, template, write

__all__ = [
    "FORMAT",
    "Change",
    "Choice",
    "RunEntries",
    "Transfer",
    "arrays_of",
    "check_kinds",
    "describe",
    "fill",
    "has_64_bits",
    "json_text",
    "load",
    "needed_modules",
    "path_name",
    "read",
    "read_model",
    "reference_in",
    "replaceable",
    "save",
    "size_entries",
    "sizes_from_json",
    "sizes_to_json",
    "take_arrays",
    "template",
    "transfer",
    "write",
    "write_atomically",
]
