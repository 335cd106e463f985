"""The torch process of the trajectories: torchdiffeq over the union of all series' times.

    python -m benchmarks.trajectory_torch FILE       FILE as `benchmarks.trajectory` writes it

So do the authors of latent ODEs (Rubanova 2019): one solve of the batch as one ODE, with a value at
each time that any of the series has, of which each takes its own.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch
import torchdiffeq

from .torch_net import Net, compare, take_turns

WAYS: dict[str, Any] = {
    "torchdiffeq odeint, union of times": torchdiffeq.odeint,
    "torchdiffeq odeint_adjoint, union of times": torchdiffeq.odeint_adjoint,
}


class Field(torch.nn.Module):
    """`zoo.dynamics.MLPDynamics` that does not see the time."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.net = Net(arrays, "field", torch.tanh)

    def forward(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The derivatives of a batch."""
        return self.net(y)


def main(path: str) -> None:
    """Check the field against JAX's, and take steps as asked."""
    arrays = dict(np.load(path))
    field = Field(arrays)
    start, xs = torch.tensor(arrays["start"]), torch.tensor(arrays["xs"])
    union, place = np.unique(np.append(arrays["ts"].ravel(), 0), return_inverse=True)
    place = torch.tensor(place[:-1].reshape(arrays["ts"].shape))
    times, each = torch.tensor(union), torch.arange(len(start))[:, None]
    tolerance = float(arrays["tolerance"])

    def step(solve: Any) -> None:
        field.zero_grad()
        values = solve(field, start, times, method="dopri5", rtol=tolerance, atol=tolerance)
        (values[place, each] - xs).square().mean().backward()

    compare(field(times[0], start), arrays["slope"])
    take_turns({who: partial(step, solve) for who, solve in WAYS.items()})


if __name__ == "__main__":
    main(sys.argv[1])
