"""One of several processes that train together, run by `test_processes.py`.

PORT PROCESSES PROCESS FOLDER WHAT, where WHAT is `kept`: a run in memory that goes on half-way, its
evaluation, and a run that the last process does not survive; or `read`: one on rows of a file, of
which each process reads its share.
"""

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

from .compiling import SOON

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ["XLA_FLAGS"] = SOON
    os.environ["JAX_PLATFORMS"] = "cpu"

import equinox as eqx
import jax
import numpy as np
import optax

import zoo
from zoo.evaluation.batched import evaluate_arrays
from zoo.objectives.losses import PREDICTION
from zoo.objectives.updates import as_update
from zoo.placement import chosen_mesh, replicated
from zoo.placement.processes import Together, join
from zoo.train import loop

STEPS, BATCH = 6, 13  # which no number of processes divides
STEP = optax.sgd(0.3)
READ = Counter()
"""How many rows of a split were read: `stored_rows` of training, `rows` of evaluation."""


def made(file=None):
    """Thirty examples in two classes, of a file where one is named, and a net that tells them
    apart."""
    x = np.random.default_rng(0).normal(size=(30, 2))
    arrays = {"x": x, "y": (x[:, 0] > 0).astype(int)}
    model = zoo.MLP(2, 2, width=4, depth=1, key=jax.random.key(0))
    if file is None:
        return model, zoo.make_dataset(zoo.RawData(arrays, ["classification"]), split="all")
    if not file.exists():
        np.savez(file, **arrays)
    return model, zoo.load_dataset("npz", path=str(file), stream=True, split="all")


def trained(steps, file=None, **options):
    """A run, on whatever devices there are."""
    model, data = made(file)
    return zoo.fit(model, data, steps=steps, batch_size=BATCH, optimiser=STEP, **options)


def weights_of(model):
    """The trained arrays of a model."""
    return jax.tree.leaves(eqx.filter(model, zoo.trainable(model)))


def told(result, file=None):
    """What is compared: weights, losses, and an evaluation on all devices."""
    measured = zoo.evaluate(result.model, made(file)[1], batch_size=7)
    return {
        "weights": [np.asarray(x).tolist() for x in weights_of(result.model)],
        "losses": [row["loss"] for row in result.history.train],
        "measured": [measured[name] for name in ("n", "loss", "accuracy")],
    }


def counted():
    """Count the rows of a split that are read from now on."""
    split = zoo.datasets.stream.split.StreamedSplit

    def counting(name):
        whole = getattr(split, name)

        def read(self, places):
            READ[name] += len(places)
            return whole(self, places)

        return read

    split.rows, split.stored_rows = counting("rows"), counting("stored_rows")


def read(folder, process):
    """A run on rows of a file, and how many of them this process read."""
    file = folder / f"rows-{process}.npz"
    counted()
    result = trained(STEPS, file)
    found = {**told(result, file), "shown": READ["stored_rows"]}
    model, train = replicated(result.model, chosen_mesh(None)), made(file)[1].train
    READ.clear()
    values, _ = evaluate_arrays(model, as_update(PREDICTION["classification"]), train, None, 7)
    assert len(values) == 30
    return {**found, "evaluated": READ["rows"]}


def die(*_):
    """What the last process does in the place of a second chunk."""
    os.kill(os.getpid(), signal.SIGKILL)


def lose(folder, last):
    """A run that the last process does not survive."""
    chunk, calls = loop.run_chunk, []
    if last:
        loop.run_chunk = lambda *given: die() if calls else (calls.append(1), chunk(*given))[1]
    try:
        trained(STEPS, out=folder / "lost")
    except zoo.errors.ProcessError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(error.exit_code)


def main(port, processes, process, folder, what):
    join(Together(f"localhost:{port}", processes, process))
    if what == "read":
        found = read(folder, process)
    else:
        trained(STEPS // 2, out=folder / "run")
        found = told(trained(STEPS, out=folder / "run", resume=True))
    (folder / f"told-{process}.json").write_text(json.dumps(found))
    if what == "kept":
        lose(folder, process == processes - 1)


if __name__ == "__main__":
    port, processes, process, folder, what = sys.argv[1:]
    main(port, int(processes), int(process), Path(folder), what)
