"""What a trained model is worth: metrics, predictions, and how both depend on the solver."""

from ..tasks.sliced_wasserstein import sliced_wasserstein
from .evaluate import evaluate
from .predict import predict
from .reference import reference_of
from .sample import sample
from .straightness import Straightness, straightness

__all__ = [
    "Straightness",
    "evaluate",
    "predict",
    "reference_of",
    "sample",
    "sliced_wasserstein",
    "straightness",
]
