"""The torch process of the convolutional block: torchdiffeq on the same weights.

    python -m benchmarks.conv_torch FILE ROUNDS     FILE as `benchmarks.conv` writes it

Of torchdiffeq's methods none takes equal steps of Dopri5: six of its RK4 make the 24 evaluations
that four of those do. *as its ODE-Net* is the block of its own example.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchdiffeq
from torch.nn import functional

from .clock import rounds, spread

EQUAL = {"method": "rk4", "options": {"step_size": 1 / 6}}
EXAMPLE = {"method": "dopri5", "rtol": 1e-3, "atol": 1e-3}
WAYS: dict[str, tuple[Any, dict[str, Any]]] = {
    "torchdiffeq odeint, RK4": (torchdiffeq.odeint, EQUAL),
    "torchdiffeq odeint_adjoint, RK4": (torchdiffeq.odeint_adjoint, EQUAL),
    "torchdiffeq, as its ODE-Net": (torchdiffeq.odeint_adjoint, EXAMPLE),
}


class Dynamics(torch.nn.Module):
    """`zoo.dynamics.ConvDynamics` with one hidden layer, on [B, C, H, W]; counts evaluations."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        super().__init__()
        for name in ("first", "first_bias", "last", "last_bias", "scale", "shift"):
            self.register_parameter(name, torch.nn.Parameter(torch.tensor(arrays[name])))
        self.groups = int(arrays["groups"])
        self.evaluations = 0

    def forward(self, t: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
        """The derivatives of a batch."""
        self.evaluations += 1
        h = functional.conv2d(_with_time(t, ys), self.first, self.first_bias, padding=1)
        h = functional.silu(functional.group_norm(h, self.groups, self.scale, self.shift))
        return functional.conv2d(_with_time(t, h), self.last, self.last_bias, padding=1)


def _with_time(t: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
    channel = torch.ones_like(ys[:, :1]) * t
    return torch.cat([ys, channel], dim=1)


def most_memory(call: Callable[[], object]) -> float:
    """Mebibytes by which a call makes this process grow at most; Linux alone tells.

    Freed memory goes back at once only with MALLOC_MMAP_THRESHOLD_ in the environment.
    """
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    call()
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def measure(path: str, count: int) -> dict[str, Any]:
    """Of each way its milliseconds and evaluations; without rounds, its memory."""
    arrays = dict(np.load(path))
    dynamics, ys = Dynamics(arrays), torch.tensor(arrays["ys"])
    found = dynamics(torch.tensor(0.25), ys).detach().numpy()
    if not np.allclose(found, arrays["slope"], rtol=1e-3, atol=1e-4):
        raise SystemExit("The field in torch is not the one in JAX.")
    span = torch.tensor([0.0, 1.0])
    rows: dict[str, dict[str, Any]] = {}
    calls: dict[str, Callable[[], object]] = {}
    for who, (solve, options) in WAYS.items():

        def step(solve: Any = solve, options: Any = options) -> tuple[int, int]:
            dynamics.zero_grad()
            dynamics.evaluations = 0
            loss = solve(dynamics, ys, span, **options)[-1].square().mean()
            forward = dynamics.evaluations
            loss.backward()
            return forward, dynamics.evaluations - forward

        forward, backward = step()
        rows[who] = {"forward": forward, "backward": backward}
        calls[who] = step
    if not count:
        return {who: {"memory": most_memory(call)} for who, call in calls.items()}
    for who, times in rounds(calls, count).items():
        rows[who]["milliseconds"] = list(spread(times))
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
