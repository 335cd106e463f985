"""Figures: the fit of a regression, the boundary of a classifier, the course of a training run.

They are drawn without pyplot, so that no display and no `MPLBACKEND` matters. `import zoo` leaves
this package, and with it Matplotlib, alone.
"""

from .boundary import decision_boundary
from .every import all_figures, write_figures
from .regression import regression_fit
from .style import save_figure
from .training import training_curves

__all__ = [
    "all_figures",
    "decision_boundary",
    "regression_fit",
    "save_figure",
    "training_curves",
    "write_figures",
]
