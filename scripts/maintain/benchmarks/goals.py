"""What the engine is to reach, as ratios of one run, and what was measured."""

from dataclasses import dataclass
from typing import Any

from .clock import spread

FLOORS = ("floor, evaluations", "floor, steps")
ODEINT, ADJOINT = "torchdiffeq odeint", "torchdiffeq odeint_adjoint"
EXAMPLES, JOINT_PEER = "Diffrax, as in its examples", "Diffrax, one ODE of the batch"
JOINT, OWN = "zoo, joint", "zoo, per-sample"


@dataclass(frozen=True)
class Goal:
    """The time of `top` over that of `bottom`, workload by workload."""

    kind: str
    top: str
    bottom: str
    bounds: dict[str, float]
    at_least: bool

    @property
    def title(self) -> str:
        """The ratio in words."""
        kind = {"train": "training step", "infer": "inference"}[self.kind]
        return f"{kind}: {self.top} / {self.bottom}"


def _least(top: str, bottom: str, **bounds: float) -> Goal:
    return Goal("train", top, bottom, bounds, at_least=True)


GOALS = (
    Goal("train", JOINT, "floor", {"a": 1.2, "b": 1.05, "c": 1.1}, at_least=False),
    Goal("train", OWN, "floor", {"a": 1.4, "b": 1.4, "c": 1.6}, at_least=False),
    Goal("infer", JOINT, "floor", {"a": 1.3, "b": 1.1, "c": 1.1}, at_least=False),
    _least(ODEINT, JOINT, a=30, b=2.5, c=1.0),
    _least(ADJOINT, JOINT, a=60, b=5, c=1.8),
    _least("jax odeint", OWN, a=2.2, b=24),
    Goal("train", "jax odeint", OWN, {"spiral B=20 T=100": 10, "spiral B=256 T=100": 10}, True),
    _least(EXAMPLES, OWN, a=2, b=1.9, c=9),
    _least(JOINT_PEER, JOINT, a=2, b=1.2, c=1.2),
)


def floor(rows: dict[str, Any]) -> list[float]:
    """The times of the faster floor."""
    present = [rows[name]["ms"] for name in FLOORS if name in rows]
    return min(present, key=lambda times: spread(times)[0])


def ratio(rows: dict[str, Any], top: str, bottom: str) -> tuple[float, float, float] | None:
    """Median and quartiles of the rounds' ratios; None where one of the two was not timed."""
    times = {name: row["ms"] for name, row in rows.items()} | {"floor": floor(rows)}
    if top not in times or bottom not in times:
        return None
    return spread([a / b for a, b in zip(times[top], times[bottom], strict=True)])


def table(results: dict[str, Any]) -> list[str]:
    """The lines of a table: every goal with what was measured, and whether it is reached."""
    lines = ["| ratio | workload | goal | measured | |", "|---|---|---|---|---|"]
    for goal in GOALS:
        for name, bound in goal.bounds.items():
            found = ratio(results[name]["rows"][goal.kind], goal.top, goal.bottom)
            if found is None:
                continue
            middle, low, high = found
            reached = middle >= bound if goal.at_least else middle <= bound
            sign = "≥" if goal.at_least else "≤"
            lines.append(
                f"| {goal.title} | {name} | {sign} {bound:g} | "
                f"{middle:.2f} [{low:.2f}, {high:.2f}] | {'' if reached else '**missed**'} |"
            )
    return lines
