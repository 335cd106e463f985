"""Figures of random paths: a file each, and a line in `FIGURES`."""

from collections.abc import Mapping

from ..fitting import Fitting
from .drawn import can_draw_random_paths
from .fan import path_fan
from .marginals import path_marginals

FIGURES: Mapping[str, Fitting] = {
    "fan": Fitting(can_draw_random_paths, path_fan),
    "marginals": Fitting(can_draw_random_paths, path_marginals),
}
"""By the name of its file."""

__all__ = ["FIGURES", "path_fan", "path_marginals"]
