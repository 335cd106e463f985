"""The torch process of the convolutional block: torchdiffeq on the same weights.

    python -m benchmarks.conv_torch FILE          FILE as `benchmarks.conv_peer` writes it
    python -m benchmarks.conv_torch FILE memory

It waits to be asked for a training step, so that its steps are timed in turn with the others'.
Of torchdiffeq's methods none takes equal steps of Dopri5: six of its RK4 make the 24 evaluations
that four of those do. *as its ODE-Net* is the block of its own example.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchdiffeq
from torch.nn import functional

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


def steps_of(path: str) -> dict[str, Callable[[], tuple[int, int]]]:
    """Name to a training step, which returns its evaluations, forward and back."""
    arrays = dict(np.load(path))
    dynamics, ys = Dynamics(arrays), torch.tensor(arrays["ys"])
    found = dynamics(torch.tensor(0.25), ys).detach().numpy()
    if not np.allclose(found, arrays["slope"], rtol=1e-3, atol=1e-4):
        raise SystemExit("The field in torch is not the one in JAX.")
    span = torch.tensor([0.0, 1.0])

    def step(solve: Any, options: dict[str, Any]) -> tuple[int, int]:
        dynamics.zero_grad()
        dynamics.evaluations = 0
        loss = solve(dynamics, ys, span, **options)[-1].square().mean()
        forward = dynamics.evaluations
        loss.backward()
        return forward, dynamics.evaluations - forward

    return {who: partial(step, *way) for who, way in WAYS.items()}


def main(path: str, memory: bool) -> None:
    """Print the evaluations, or the memory, of each way; then take a step for each line read,
    and answer with the processor's seconds so far."""
    steps = steps_of(path)
    told = {who: step() for who, step in steps.items()}
    print(json.dumps({w: most_memory(s) for w, s in steps.items()} if memory else told), flush=True)
    for line in () if memory else sys.stdin:
        steps[line.strip()]()
        print(time.process_time(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], "memory" in sys.argv[2:])
