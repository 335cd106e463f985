"""What a trained model is worth: metrics, predictions, and how both depend on the solver."""

from .evaluate import evaluate
from .predict import predict
from .sample import sample
from .straightness import Straightness, straightness

__all__ = ["Straightness", "evaluate", "predict", "sample", "straightness"]
