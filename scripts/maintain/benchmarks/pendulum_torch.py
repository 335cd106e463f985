"""The torch process of the pendulum: torchdiffeq, the batch as one ODE.

python -m benchmarks.pendulum_torch FILE       FILE as `benchmarks.pendulum` writes it
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch
import torchdiffeq

from .torch_net import Net, compare, take_turns

WAYS: dict[str, Any] = {
    "torchdiffeq odeint": torchdiffeq.odeint,
    "torchdiffeq odeint_adjoint": torchdiffeq.odeint_adjoint,
}


class Field(torch.nn.Module):
    """`zoo.dynamics.HamiltonianDynamics`: the derivatives of a net's sum, turned."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.net = Net(arrays, "field", torch.tanh)

    def forward(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The derivatives of a batch."""
        with torch.enable_grad():
            y = y if y.requires_grad else y.detach().requires_grad_()
            (slopes,) = torch.autograd.grad(self.net(y).sum(), y, create_graph=True)
        by_q, by_p = slopes.chunk(2, dim=-1)
        return torch.cat([by_p, -by_q], dim=-1)


def main(path: str) -> None:
    """Check the field against JAX's, and take steps as asked."""
    arrays = dict(np.load(path))
    field = Field(arrays)
    start, xs = torch.tensor(arrays["start"]), torch.tensor(arrays["xs"])
    times, tolerance = torch.tensor(arrays["ts"][0]), float(arrays["tolerance"])

    def step(solve: Any) -> None:
        field.zero_grad()
        values = solve(field, start, times, method="dopri5", rtol=tolerance, atol=tolerance)
        (values.transpose(0, 1) - xs).square().mean().backward()

    compare(field(times[0], start), arrays["slope"])
    take_turns({who: partial(step, solve) for who, solve in WAYS.items()})


if __name__ == "__main__":
    main(sys.argv[1])
