"""A trained model as one StableHLO program, which JAX alone loads and runs."""

from . import series
from .artefact import PLATFORMS, Artefact, check_serialises, description_path, export
from .inputs import ProgramInputs, inputs_of
from .program import Platform

__all__ = [
    "PLATFORMS",
    "Artefact",
    "Platform",
    "ProgramInputs",
    "check_serialises",
    "description_path",
    "export",
    "inputs_of",
    "series",
]
