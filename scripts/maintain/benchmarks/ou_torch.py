"""The torch process of the Ornstein-Uhlenbeck paths: torchsde along a `BrownianInterval`.

python -m benchmarks.ou_torch FILE       FILE as `benchmarks.ou` writes it
"""

import math
import sys

import numpy as np
import torch
import torchsde

from .torch_net import Net, compare, take_turns

LEAST = 1e-3


class Equation(torch.nn.Module):
    """Drift and diffusion of `zoo.models.stochastic.NeuralSDE`, and the net of its start."""

    sde_type, noise_type = "ito", "diagonal"

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.drift, self.field, self.start = (
            Net(arrays, name, torch.tanh) for name in ("f", "g", "start")
        )

    def f(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The drift."""
        return self.drift(y)

    def g(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The diffusion."""
        return LEAST + torch.nn.functional.softplus(self.field(y) + math.log(math.expm1(1.0)))


def distance(drawn: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """`zoo.objectives.path_distance` of moments."""
    count, length = real.shape
    first, second = torch.triu_indices(length, length)
    features = [torch.cat([x, x[:, first] * x[:, second]], dim=1) for x in (drawn, real)]
    mean, width = features[1].mean(0), features[1].std(0, unbiased=False)
    apart = (features[0] - mean) / width
    pairs = apart.sum(0) ** 2 - (apart**2).sum(0)
    return pairs.mean() / (count * (count - 1))


def main(path: str) -> None:
    """Check the fields against JAX's, and take steps as asked."""
    arrays = dict(np.load(path))
    equation, real = Equation(arrays), torch.tensor(arrays["x"])[..., 0]
    y, steps = torch.tensor(arrays["y"]), int(arrays["steps"])
    compare(equation.f(y, y), arrays["drift"])
    compare(equation.g(y, y), arrays["diffusion"])
    optimiser = torch.optim.Adam(equation.parameters(), lr=float(arrays["rate"]))
    times = torch.linspace(0, 1, steps + 1)

    def step() -> None:
        optimiser.zero_grad()
        y0 = equation.start(torch.randn(len(real), 4))
        paths = torchsde.sdeint(equation, y0, times, method="euler", dt=1 / steps)
        distance(paths[..., 0].T, real).backward()
        optimiser.step()

    take_turns({"torchsde, BrownianInterval": step})


if __name__ == "__main__":
    main(sys.argv[1])
