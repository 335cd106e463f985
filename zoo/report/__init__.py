"""What a reader is told of finished runs: one HTML page of several, a model card of one."""

from .model_card import model_card
from .page import page
from .reported import ReportedFigure, ReportedRun, reported

__all__ = ["ReportedFigure", "ReportedRun", "model_card", "page", "reported"]
