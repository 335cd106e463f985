"""Finished runs on one HTML page: metrics beside baselines, figures, sweeps, commands."""

from .page import page
from .reported import ReportedFigure, ReportedRun, reported

__all__ = ["ReportedFigure", "ReportedRun", "page", "reported"]
