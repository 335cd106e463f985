"""One of two processes that train together, run by `test_processes.py`: PORT PROCESS FOLDER.

A run that goes on half-way, its evaluation, and a run that the second process does not survive.
"""

import json
import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ["XLA_FLAGS"] = (
        "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
        "--xla_cpu_parallel_codegen_split_count=1"
    )
    os.environ["JAX_PLATFORMS"] = "cpu"

import equinox as eqx
import jax
import numpy as np
import optax

import zoo
from zoo.placement.processes import Together, is_first, join
from zoo.train import loop

STEPS, BATCH = 6, 13  # which two processes do not divide
STEP = optax.sgd(0.3)


def made():
    """Thirty examples in two classes, and a net that tells them apart."""
    x = np.random.default_rng(0).normal(size=(30, 2))
    raw = zoo.RawData({"x": x, "y": (x[:, 0] > 0).astype(int)}, ["classification"])
    model = zoo.MLP(2, 2, width=4, depth=1, key=jax.random.key(0))
    return model, zoo.make_dataset(raw, split="all")


def trained(steps, **options):
    """A run, on whatever devices there are."""
    model, data = made()
    return zoo.fit(model, data, steps=steps, batch_size=BATCH, optimiser=STEP, **options)


def weights_of(model):
    """The trained arrays of a model."""
    return jax.tree.leaves(eqx.filter(model, zoo.trainable(model)))


def told(result):
    """What is compared: weights, losses, and an evaluation on all devices."""
    measured = zoo.evaluate(result.model, made()[1], batch_size=7)
    return {
        "weights": [np.asarray(x).tolist() for x in weights_of(result.model)],
        "losses": [row["loss"] for row in result.history.train],
        "measured": [measured[name] for name in ("n", "loss", "accuracy")],
    }


def die(*_):
    """What the second process does in the place of a second chunk."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(port, process, folder):
    join(Together(f"localhost:{port}", 2, process))
    trained(STEPS // 2, out=folder / "run")
    result = trained(STEPS, out=folder / "run", resume=True)
    (folder / f"told-{process}.json").write_text(json.dumps(told(result)))
    chunk, calls = loop.run_chunk, []
    if not is_first():
        loop.run_chunk = lambda *given: die() if calls else (calls.append(1), chunk(*given))[1]
    try:
        trained(STEPS, out=folder / "lost")
    except zoo.errors.ProcessError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(error.exit_code)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
