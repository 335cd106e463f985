"""Every regulariser on digits: what it does to accuracy, evaluations and the time of a step.

python -m images.regularisers            from `scripts/maintain/`; goes on where it was stopped
"""

import argparse
import itertools
import warnings
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jax
from json_lines import Row, append_line, read_lines
from processes import each_result

from zoo import create_model, evaluate, fit, load_dataset
from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import TrainingDivergedError, ZooWarning
from zoo.solve import Solver, solvers_of
from zoo.train.options import training_options

from .store import FOLDER

RUNS = FOLDER / "regularisers.jsonl"
KEY = ("model", "settings", "seed")
SEEDS = range(3)
_DENSE = {"width": 64, "activation": "tanh"}
MODELS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "odenet": ("odenet", {"dynamics_options": _DENSE, "solver": {"rtol": 1e-5}}),
    "odenet at 1e-6": ("odenet", {"dynamics_options": _DENSE, "solver": {"rtol": 1e-6}}),
    "conv_odenet": (
        "conv_odenet",
        {"width": 16, "downsample": 1, "stages": 1, "solver": {"rtol": 1e-5}},
    ),
}
"""What is regularised: a model by name with its options, under the name that it has in the runs."""


def _of(name: str, weight: float, **options: Any) -> dict[str, Any]:
    return {"regulariser": name, "regulariser_options": {"weight": weight, **options}}


SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    **{f"kinetic {w:g}": _of("kinetic", w) for w in (0.001, 0.01, 0.1)},
    **{f"jacobian {w:g}": _of("jacobian", w) for w in (0.01, 0.1)},
    **{f"taylor of order 2, {w:g}": _of("taylor", w, order=2) for w in (0.003, 0.03, 0.3)},
    **{f"taylor of order 3, {w:g}": _of("taylor", w, order=3) for w in (0.001, 0.01)},
    **{f"local error {w:g}": _of("local_error", w) for w in (1e3, 1e4)},
    **{f"stiffness {w:g}": _of("stiffness", w) for w in (0.1, 1.0)},
    **{f"random end {b:g}": {"random_end": b} for b in (0.25, 0.5)},
}
"""Training options by the name of a line of the table."""


def run(key: tuple[str, str, int], steps: int = 300) -> tuple[tuple[str, str, int], Row]:
    """Train a net with one of the `SETTINGS` and score it on the test split, without them."""
    model, name, seed = key
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    data = load_dataset("digits", images=True, seed=seed)
    builder, of_model = MODELS[model]
    net = create_model(builder, data, key=jax.random.key(seed), **of_model)
    key_of_batches = jax.random.fold_in(jax.random.key(seed), 1)
    arguments = _arguments(name, steps, tuple(solvers_of(net)))
    try:
        result = fit(net, data, key=key_of_batches, **arguments)
    except TrainingDivergedError as error:
        return key, {"diverged": str(error), "steps": steps}
    metrics = evaluate(result.model, data, solver=Solver(batching="per-sample"))
    kept = ("accuracy", "loss", "nfe", "nfe_max", "reconstruction_error")
    rates = [seconds / count for count, seconds in result.history.seconds[1:]]
    found = {name: metrics[name] for name in kept}
    return key, found | {
        "steps": steps,
        "step_ms": round(1e3 * min(rates), 3),  # the fastest chunk: others may share the machine
        "device": jax.devices()[0].device_kind,
    }


@lru_cache(maxsize=1)  # one optimiser for all seeds, so that the step is compiled once
def _arguments(name: str, steps: int, solvers: tuple[Solver, ...]) -> dict[str, Any]:
    options = training_options(steps=steps, lr=3e-3, keep_best=False, **SETTINGS[name])
    return options.fit_arguments(list(solvers))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="odenet", choices=tuple(MODELS))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--names", nargs="+", choices=tuple(SETTINGS), metavar="NAME")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--store", type=Path, default=RUNS, help="where runs are kept")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    cells = itertools.product([given.model], given.names or SETTINGS, range(given.seeds))
    done = read_lines(given.store, KEY)
    left = [cell for cell in cells if cell not in done]
    for key, found in each_result(partial(run, steps=given.steps), left, given.jobs):
        append_line(given.store, dict(zip(KEY, key, strict=True)) | found)
        print(*key, found, flush=True)


if __name__ == "__main__":
    main()
