"""How long an exported program takes beside `zoo.predict`, on the same rows.

    python -m benchmarks.exports        from scripts/maintain/; writes exports.json

Each program is written, read again and called as the README shows. Both take raw rows and return
arrays of NumPy; `zoo.predict` solves batches of 128, a program blocks of 8 or of 128.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import export

import zoo
from zoo.checkpoint import read_model
from zoo.checkpoint.json_text import json_text
from zoo.datasets import Preparation, preprocessing_of
from zoo.export import export as export_model
from zoo.export import inputs_of
from zoo.pretrained import path_of
from zoo.runs.devices import device_words

from .clock import rounds, spread
from .drive import FOLDER

MODELS: dict[str, int | None] = {
    "digits-resnet": None,
    "odenet-circles": None,
    "digits-odenet": None,
    "digits-conv": None,
    "moons-cnf": None,
    "co2-latent-ode": 96,
}
"""Pretrained weights, and of series the times that their program takes."""
ROWS = (1, 128, 1024)
_ROUNDS = 5
RESULTS = FOLDER / "exports.json"


def competitors(name: str) -> tuple[Callable[[int], dict[str, Callable[[], Any]]], int]:
    """Both ways to predict a number of rows with pretrained weights, and the program's bytes."""
    path, length = path_of(name), MODELS[name]
    config = read_model(path)[0]["config"]
    learned: Preparation = preprocessing_of(config)
    model, task = zoo.load(name), zoo.tasks.task_named(config["task"])
    own = zoo.solve.override(model, zoo.Solver(batching="per-sample"))
    artefact = export_model(own, learned, task.name, length=length)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "m.stablehlo"
        told = json.loads(artefact.save(target).read_text())
        program = export.deserialize(bytearray(target.read_bytes()))

    def of_rows(count: int) -> dict[str, Callable[[], Any]]:
        raw = inputs_of(learned, length).examples(count)
        rows = [raw[each["name"]] for each in told["arguments"]]

        def by_the_zoo() -> np.ndarray:
            arrays = learned.prepared(raw)
            return task.to_units(zoo.predict(own, arrays), arrays["x"], learned)

        def by_the_program() -> np.ndarray:
            with jax.enable_x64(True):
                return np.asarray(program.call(*rows, *told["tolerance"].values())[0])

        return {"zoo": by_the_zoo, "program": by_the_program}

    return of_rows, len(artefact.program)


def main() -> None:
    """Measure every model at every number of rows, and keep what was measured."""
    found = []
    for name in MODELS:
        of_rows, size = competitors(name)
        for count in ROWS:
            both = of_rows(count)
            got, expected = both["program"](), both["zoo"]()
            apart = np.abs(got - expected).max() / np.abs(expected).max()
            times = {who: spread(each) for who, each in rounds(both, _ROUNDS).items()}
            row = {"model": name, "rows": count, "bytes": size, "difference": float(apart)}
            row |= {f"{who} ms": [round(t, 4) for t in each] for who, each in times.items()}
            print(json.dumps(row), flush=True)
            found.append(row)
    busy = round(os.getloadavg()[1], 1)  # other work makes both slower
    told = {"device": device_words(), "jax": jax.__version__, "load average": busy, "rows": found}
    RESULTS.write_text(json_text(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
