"""What the torch processes of series share: a dense net of given weights, and waiting for turns."""

import json
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np
import torch

Activation = Callable[[torch.Tensor], torch.Tensor]


class Net(torch.nn.Module):
    """`zoo.nn.FeedForward` of the weights `name.LAYER.0` and biases `name.LAYER.1`."""

    def __init__(self, arrays: Mapping[str, np.ndarray], name: str, activation: Activation) -> None:
        super().__init__()
        self.activation = activation
        self.depth = sum(key.startswith(f"{name}.") for key in arrays) // 2
        for i in range(self.depth):
            for j in range(2):
                value = torch.nn.Parameter(torch.tensor(arrays[f"{name}.{i}.{j}"]))
                self.register_parameter(f"layer_{i}_{j}", value)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The net's output."""
        for i in range(self.depth):
            weight, bias = (self.get_parameter(f"layer_{i}_{j}") for j in range(2))
            x = torch.nn.functional.linear(x, weight, bias)
            x = x if i == self.depth - 1 else self.activation(x)
        return x


def compare(found: torch.Tensor, expected: np.ndarray) -> None:
    """End the process where the model in torch is not the one in JAX."""
    if not np.allclose(found.detach().numpy(), expected, rtol=1e-2, atol=1e-3):
        raise SystemExit("The model in torch is not the one in JAX.")


def take_turns(steps: Mapping[str, Callable[[], object]]) -> None:
    """Tell the steps' names; take one for each line read, and answer with the processor's
    seconds so far."""
    torch.set_num_threads(1)
    for step in steps.values():
        step()
    print(json.dumps(list(steps)), flush=True)
    for line in sys.stdin:
        steps[line.strip()]()
        print(time.process_time(), flush=True)
