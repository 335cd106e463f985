"""Figures of densities: what is likely, draws, and the way between noise and data.

A figure is a file here and a line in `FIGURES`: its name, whether it fits a model and data, and
what draws it.
"""

from collections.abc import Mapping

from ..fitting import Fitting
from .by_evaluations import can_draw_by_evaluations, draws_by_evaluations
from .images import can_draw_images_of_noise, images_from_noise
from .least_likely import can_draw_least_likely, least_likely
from .likelihoods import can_draw_likelihoods, likelihood_histogram
from .log_density import can_draw_density, density_map
from .nearest import can_draw_nearest, nearest_images
from .pairs import can_draw_pairs, pair_plots
from .particles import can_draw_particles, particle_animation, particle_panels
from .straightness import can_draw_paths, path_straightness

FIGURES: Mapping[str, Fitting] = {
    "log_density": Fitting(can_draw_density, density_map),
    "likelihoods": Fitting(can_draw_likelihoods, likelihood_histogram),
    "least_likely": Fitting(can_draw_least_likely, least_likely),
    "particles": Fitting(can_draw_particles, particle_animation),
    "particle_panels": Fitting(can_draw_particles, particle_panels),
    "images_from_noise": Fitting(can_draw_images_of_noise, images_from_noise),
    "paths": Fitting(can_draw_paths, path_straightness),
    "draws_by_nfe": Fitting(can_draw_by_evaluations, draws_by_evaluations),
    "nearest_images": Fitting(can_draw_nearest, nearest_images),
    "pairs": Fitting(can_draw_pairs, pair_plots),
}
"""By the name of its file."""

__all__ = [
    "FIGURES",
    "density_map",
    "draws_by_evaluations",
    "images_from_noise",
    "least_likely",
    "likelihood_histogram",
    "nearest_images",
    "pair_plots",
    "particle_animation",
    "particle_panels",
    "path_straightness",
]
