"""The torch process of the benchmark: torchdiffeq on the same weights, both of its gradients."""

import json
import sys
from typing import Any

import numpy as np
import torch
import torchdiffeq

from .clock import rounds
from .workloads import WORKLOADS, Workload


class Dynamics(torch.nn.Module):
    """The workload's dynamics, counting its evaluations."""

    def __init__(self, work: Workload) -> None:
        super().__init__()
        self.weights = torch.nn.ParameterList([torch.tensor(w) for w, _ in work.layers()])
        self.biases = torch.nn.ParameterList([torch.tensor(b) for _, b in work.layers()])
        self.evaluations = 0

    def forward(self, t: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
        """The derivatives of a batch."""
        self.evaluations += 1
        h = torch.cat([ys, t.expand(len(ys), 1).to(ys.dtype)], dim=1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = torch.tanh(torch.addmm(bias, h, weight))
        return torch.addmm(self.biases[-1], h, self.weights[-1])


def losses(work: Workload, dynamics: Dynamics, ys: torch.Tensor) -> dict[str, Any]:
    """Name to a call that solves and returns the loss."""
    times = work.output_times()
    ts = torch.tensor([0.0, 1.0] if times is None else times)
    head = torch.tensor(work.head()) if work.classes else None
    labels = torch.tensor(work.labels()).long() if work.classes else None

    def loss(solve: Any) -> torch.Tensor:
        out = solve(dynamics, ys, ts, rtol=work.tolerance, atol=work.tolerance, method="dopri5")
        if head is not None:
            return torch.nn.functional.cross_entropy(out[-1] @ head, labels)
        return (out[-1] if times is None else out).square().mean()

    return {
        "torchdiffeq odeint": lambda: loss(torchdiffeq.odeint),
        "torchdiffeq odeint_adjoint": lambda: loss(torchdiffeq.odeint_adjoint),
    }


def measure(name: str, count: int, reference: str) -> dict[str, Any]:
    """The rows of one workload, as `run_jax.measure` gives them."""
    work = WORKLOADS[name]
    torch.manual_seed(0)
    dynamics, ys = Dynamics(work), torch.tensor(work.inputs())
    rows: dict[str, Any] = {"train": {}, "infer": {}}
    exact = np.load(reference)
    train, infer = {}, {}
    for who, loss in losses(work, dynamics, ys).items():

        def step(loss: Any = loss) -> None:
            dynamics.zero_grad()
            loss().backward()

        def forward(loss: Any = loss) -> None:
            with torch.no_grad():
                loss()

        dynamics.evaluations = 0
        forward()
        nfe = dynamics.evaluations
        step()
        # In the order of a list of (weight, bias) pairs.
        pairs = zip(dynamics.weights, dynamics.biases, strict=True)
        grads = [p.grad.double().numpy().ravel() for pair in pairs for p in pair]
        error = np.linalg.norm(np.concatenate(grads) - exact) / np.linalg.norm(exact)
        rows["train"][who] = {"nfe": nfe, "gradient_error": float(error)}
        train[who], infer[who] = step, forward
    for kind, calls in (("train", train), ("infer", infer)):
        for who, times in rounds(calls, count).items():
            rows[kind].setdefault(who, {})["ms"] = times
    versions = {"torch": torch.__version__, "torchdiffeq": torchdiffeq.__version__}
    return {"workload": name, "rows": rows, "versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
