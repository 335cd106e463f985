"""The torch process of the neural CDE: torchcde on the same weights and series.

    python -m benchmarks.series_torch FILE       FILE as `benchmarks.series` writes it

*as its example* is `cdeint` with its defaults: dopri5 at rtol 1e-4 and atol 1e-6, the adjoint of
the continuous equation. *backpropagated* has the tolerances of the others and no adjoint.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch
import torchcde

from .torch_net import Net, compare, take_turns

WAYS: dict[str, dict[str, Any]] = {
    "torchcde, as its example": {},
    "torchcde, backpropagated": {"adjoint": False, "rtol": 1e-3, "atol": 1e-6},
}


class Model(torch.nn.Module):
    """The neural CDE: a net of the first value, cdeint along a Hermite spline, a linear head."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.field = Net(arrays, "field", torch.nn.functional.softplus)
        self.initial = Net(arrays, "initial", torch.tanh)
        self.head = Net(arrays, "head", torch.tanh)

    def matrix(self, t: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """f(z), [B, hidden, channels]."""
        return torch.tanh(self.field(z)).reshape(*z.shape, -1)

    def forward(
        self, t: torch.Tensor, coefficients: torch.Tensor, ways: dict[str, Any]
    ) -> torch.Tensor:
        """The outputs."""
        path = torchcde.CubicSpline(coefficients, t)
        start = self.initial(path.evaluate(path.interval[0]))
        parameters = {"adjoint_params": tuple(self.field.parameters())}
        ways = (parameters if ways.get("adjoint", True) else {}) | ways
        zs = torchcde.cdeint(X=path, func=self.matrix, z0=start, t=path.interval, **ways)
        return self.head(zs[..., -1, :])


def main(path: str) -> None:
    """Check the model against JAX's outputs, and take steps as asked."""
    arrays = dict(np.load(path))
    model, t = Model(arrays), torch.tensor(arrays["t"][0])
    values = torch.cat([t.expand(len(arrays["x"]), -1)[..., None], torch.tensor(arrays["x"])], -1)
    coefficients = torchcde.hermite_cubic_coefficients_with_backward_differences(values, t)
    exact = {"adjoint": False, "rtol": 1e-6, "atol": 1e-6}
    compare(model(t, coefficients, exact), arrays["exact"])

    def step(ways: dict[str, Any]) -> None:
        model.zero_grad()
        torch.nn.functional.softplus(model(t, coefficients, ways)).mean().backward()

    take_turns({who: partial(step, ways) for who, ways in WAYS.items()})


if __name__ == "__main__":
    main(sys.argv[1])
