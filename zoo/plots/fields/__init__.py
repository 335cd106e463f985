"""Figures of fields on a grid: in space and time, and by wavelength."""

from .grids import can_draw_fields
from .space_time import space_time
from .spectra import spectra

__all__ = ["can_draw_fields", "space_time", "spectra"]
