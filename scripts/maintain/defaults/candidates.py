"""The settings that are compared: complete, so that none follows a default that changes later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATASETS = (
    *("moons", "spirals2d", "digits", "diabetes", "wine", "circles"),
    *("breast_cancer", "cubic", "flip1d"),
)
MODELS = ("odenet", "mlp", "resnet")


@dataclass(frozen=True)
class Candidate:
    """Training options, and the activation and initial scale of every model."""

    activation: str
    training: Mapping[str, Any] = field(default_factory=dict)
    init_scale: float | None = None
    """Factor on the last layer of a block or a field; None leaves it at 1."""

    def model_options(self, model: str) -> dict[str, Any]:
        """The options of a model by name; an MLP has no block whose start could be scaled."""
        options: dict[str, Any] = {"activation": self.activation}
        if self.init_scale is not None and model != "mlp":
            options["init_scale"] = self.init_scale
        return {"dynamics_options": options} if model == "odenet" else options


def _adamw(lr: float, weight_decay: float, decayed: str = "all") -> dict[str, Any]:
    return {
        "optimiser": "adamw",
        "lr": lr,
        "schedule": "cosine",
        "weight_decay": weight_decay,
        "decayed": decayed,
        "steps": 1000,
    }


BEFORE = "adam 1e-3, tanh"
CHOSEN = "with gelu, clip 1"
CANDIDATES = {
    BEFORE: Candidate(
        "tanh", {"optimiser": "adam", "lr": 1e-3, "schedule": "constant", "steps": 1000}
    ),
    "cosine 1e-2, silu, decay 0.1 of matrices": Candidate("silu", _adamw(1e-2, 0.1, "matrices")),
    "with tanh": Candidate("tanh", _adamw(1e-2, 0.1, "matrices")),
    "with gelu": Candidate("gelu", _adamw(1e-2, 0.1, "matrices")),
    "at 3e-3": Candidate("silu", _adamw(3e-3, 0.1, "matrices")),
    "at 3e-2": Candidate("silu", _adamw(3e-2, 0.1, "matrices")),
    "decay 1e-4": Candidate("silu", _adamw(1e-2, 1e-4, "matrices")),
    "decay 0.3": Candidate("silu", _adamw(1e-2, 0.3, "matrices")),
    "decay 0.1 of all": Candidate("silu", _adamw(1e-2, 0.1)),
    "clip 1": Candidate("silu", {**_adamw(1e-2, 0.1, "matrices"), "clip": 1.0}),
    "with tanh, clip 1": Candidate("tanh", {**_adamw(1e-2, 0.1, "matrices"), "clip": 1.0}),
    "with gelu, clip 1": Candidate("gelu", {**_adamw(1e-2, 0.1, "matrices"), "clip": 1.0}),
}
"""By name; those that do not say all of their settings change what they say of the second."""
