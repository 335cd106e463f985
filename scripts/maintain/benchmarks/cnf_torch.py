"""The torch process of the flows: torchdiffeq with FFJORD's own trace, on the same weights.

    python -m benchmarks.cnf_torch FILE ROUNDS       FILE as `benchmarks.cnf` writes it

The trace is that of FFJORD's code (Grathwohl et al. 2019): a pull-back for each number
(`divergence_bf`), or the product with one probe (`divergence_approx`), differentiated once more by
`odeint_adjoint`; the log-determinant takes part in error control.
"""

import json
import sys
import time

import numpy as np
import torch
import torchdiffeq
from torch.nn import functional

TOLERANCE = 1e-4


class Field(torch.nn.Module):
    """`zoo.dynamics.ConcatSquashDynamics` and its divergence, of the state (y, log-determinant)."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.depth = sum(name.startswith("shift") for name in arrays)
        self.probe = torch.tensor(arrays["probe"]) if "probe" in arrays else None
        for name, array in arrays.items():
            if name[-1].isdigit():
                self.register_parameter(name, torch.nn.Parameter(torch.tensor(array)))

    def value(self, t: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
        """The derivatives of a batch of states."""
        for place in range(self.depth):
            state, bias, gate, gate_bias, shift = (
                getattr(self, f"{name}{place}")
                for name in ("state", "bias", "gate", "gate_bias", "shift")
            )
            ys = functional.linear(ys, state, bias) * torch.sigmoid(gate[:, 0] * t + gate_bias)
            ys = ys + shift[:, 0] * t
            ys = torch.tanh(ys) if place < self.depth - 1 else ys
        return ys

    def forward(
        self, t: torch.Tensor, both: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The derivatives of states and log-determinants."""
        with torch.enable_grad():
            ys = both[0].requires_grad_(True)
            slopes = self.value(t, ys)
            if self.probe is None:
                rows = (
                    torch.autograd.grad(slopes[:, i].sum(), ys, create_graph=True)[0][:, i]
                    for i in range(ys.shape[1])
                )
                return slopes, sum(rows, torch.zeros(len(ys)))
            pulled = torch.autograd.grad(slopes, ys, self.probe, create_graph=True)[0]
            return slopes, (pulled * self.probe).sum(dim=1)


def main(path: str, count: int) -> None:
    """Print the milliseconds of training steps, by the clock and of the processor."""
    arrays = dict(np.load(path))
    field, xs = Field(arrays), torch.tensor(arrays["xs"])
    found = field.value(torch.tensor(0.25), xs).detach().numpy()
    if not np.allclose(found, arrays["slope"], rtol=1e-3, atol=1e-4):
        raise SystemExit("The field in torch is not the one in JAX.")
    told: dict[str, list[float]] = {"ms": [], "processor": []}
    for number in range(-1, count):  # the first is not counted
        began, used = time.perf_counter(), time.process_time()
        field.zero_grad()
        both, span = (xs, torch.zeros(len(xs))), torch.tensor([0.0, 1.0])
        way = {"method": "dopri5", "rtol": TOLERANCE, "atol": TOLERANCE}
        zs, change = (each[-1] for each in torchdiffeq.odeint_adjoint(field, both, span, **way))
        log_base = -0.5 * (zs.square() + np.log(2 * np.pi)).sum(dim=1)
        (-(log_base + change).mean()).backward()
        if number >= 0:
            told["ms"].append(1e3 * (time.perf_counter() - began))
            told["processor"].append(1e3 * (time.process_time() - used))
    print(json.dumps({"torchdiffeq odeint_adjoint, FFJORD's trace": told}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
