"""What a density is worth beside its likelihood: its draws, its integral, its solves."""

from .report import density_report, has_density

__all__ = ["density_report", "has_density"]
