"""Figures: fits, boundaries, densities, fields, flows, effort, steps, training, sweeps.

They are drawn without pyplot, so that no display and no `MPLBACKEND` matters. `import zoo` leaves
this package, and with it Matplotlib, alone.
"""

from .animation import Animation, save_animation
from .attention import attention_maps
from .boundary import decision_boundary
from .comparison import comparison
from .densities import (
    density_map,
    draws_by_evaluations,
    images_from_noise,
    least_likely,
    likelihood_histogram,
    nearest_images,
    pair_plots,
    particle_animation,
    particle_panels,
    path_straightness,
)
from .depth import state_against_depth
from .effort import effort_map
from .effort_by_class import effort_by_class
from .every import all_figures, write_figures
from .field import vector_field
from .fields import space_time, spectra
from .flow import flow_animation
from .hardest import hardest_and_easiest
from .left_out import left_out
from .lift import lift_in_space
from .maps import state_maps
from .regression import regression_fit
from .series import (
    bodies_animation,
    control_paths,
    phase_portrait,
    rollouts_by_time,
    series_bands,
)
from .steps import step_sizes
from .stochastic import path_fan, path_marginals
from .style import save_figure
from .sweeps import sweep_figures
from .training import training_curves

__all__ = [
    "Animation",
    "all_figures",
    "attention_maps",
    "bodies_animation",
    "comparison",
    "control_paths",
    "decision_boundary",
    "density_map",
    "draws_by_evaluations",
    "effort_by_class",
    "effort_map",
    "flow_animation",
    "hardest_and_easiest",
    "images_from_noise",
    "least_likely",
    "left_out",
    "lift_in_space",
    "likelihood_histogram",
    "nearest_images",
    "pair_plots",
    "particle_animation",
    "particle_panels",
    "path_fan",
    "path_marginals",
    "path_straightness",
    "phase_portrait",
    "regression_fit",
    "rollouts_by_time",
    "save_animation",
    "save_figure",
    "series_bands",
    "space_time",
    "spectra",
    "state_against_depth",
    "state_maps",
    "step_sizes",
    "sweep_figures",
    "training_curves",
    "vector_field",
    "write_figures",
]
