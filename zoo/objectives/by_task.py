"""What a model can be trained for, and by what."""

from collections.abc import Mapping
from typing import TypeAlias

from .losses import Loss
from .updates import AbstractUpdate

Objectives: TypeAlias = Mapping[str, Loss | AbstractUpdate]
"""For each task that a model can be trained for, by its name, what trains it."""
