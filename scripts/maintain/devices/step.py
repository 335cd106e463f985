"""One training step on the devices that JAX sees, measured in a process of its own.

    XLA_FLAGS=--xla_force_host_platform_device_count=4 python -m devices.step BATCH

from scripts/maintain. Prints a line of JSON: milliseconds, what the devices tell each other, and
the longest solves of shares, of which a model of many devices is made.
"""

import json
import re
import sys
import time

import jax
import numpy as np

import zoo
from zoo.train import loop

COLLECTIVE = re.compile(r" (?:all-\w+|reduce-scatter|collective-\w+)(?:-start)?\(")
SHARE = 32
"""Examples of a device, where the model is asked for many devices."""


def model_and_data() -> tuple[zoo.AbstractModel, zoo.Dataset]:
    """An ODE-Net of 17,000 weights on circles."""
    data = zoo.load_dataset("circles", n=2048, split="all")
    config = zoo.model_config("odenet", data, augment=1, dynamics_options={"width": 128})
    return zoo.create_model(config, key=jax.random.key(0)), data


def chunk_of_steps(batch: int) -> tuple[object, tuple]:
    """The compiled chunk of a run, and what it is called with."""
    model, data = model_and_data()
    calls, chunk = [], loop.run_chunk
    loop.run_chunk = lambda *given: calls.append(given) or chunk(*given)
    zoo.fit(model, data, steps=1, batch_size=batch, devices="all", keep_best=False)
    loop.run_chunk = chunk
    return chunk.lower(*calls[0]).compile(), calls[0]


def milliseconds(program, given, steps: int = 20, rounds: int = 7) -> float:
    """Of one step: the quickest of some rounds."""
    state, _, *rest = given
    length = jax.device_put(np.int32(steps), state.step.sharding)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        jax.block_until_ready(program(state, length, *rest))
        times.append((time.perf_counter() - began) / steps)
    return 1000 * min(times)


def longest_solves() -> list[int]:
    """Attempts of the longest solve of each of many shares, drawn from the data."""
    model, data = model_and_data()
    _, stats = model.forward(data.train["x"])
    attempts = np.asarray(stats.accepted + stats.rejected)
    drawn = np.random.default_rng(0).choice(attempts, (2000, SHARE))
    return drawn.max(axis=1).tolist()


def main() -> None:
    batch, devices = int(sys.argv[1]), jax.device_count()
    program, given = chunk_of_steps(batch)
    text = program.compiled.as_text()
    told = {"devices": devices, "batch": batch, "milliseconds": milliseconds(program, given)}
    told["collectives"] = len(COLLECTIVE.findall(text))
    told["bytes"] = 4 * zoo.count_parameters(given[0].model)
    if devices == 1:
        told["longest solves"] = longest_solves()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
