"""What a training step takes of the memory by its number of solver steps, for each adjoint.

    python -m memory.replayed_steps

from scripts/maintain. Each step is compiled and none is run; the bytes are XLA's own analysis. The
default adjoint, `replay`, keeps the last 64 states and every 64th one, and takes the others again.
Its record is told beside: what it keeps for the backward pass.
"""

import json
from pathlib import Path

import jax
import numpy as np

import zoo

STEPS = (64, 256, 1024, 4096)
ADJOINTS = ("replay", "recursive", "direct")
KEPT = Path(__file__).with_name("replayed_steps.json")
_BATCH, _SIZE, _WIDTH = 128, 64, 256


def bytes_of_step(steps: int) -> dict[str, int]:
    """The bytes of a training step beside its state and data, by adjoint."""
    random = np.random.default_rng(0)
    arrays = {"x": random.standard_normal((_BATCH, _SIZE)), "y": np.arange(_BATCH) % 2}
    data = zoo.make_dataset(zoo.RawData(arrays, ("classification",)), split="all")
    config = zoo.model_config(
        "odenet",
        data,
        dynamics_options={"width": _WIDTH},
        solver={"method": "Heun", "steps": steps},
    )
    model = zoo.create_model(config, key=jax.random.key(0))
    plan = zoo.train.plan_fit(model, data, adjoints=ADJOINTS, batch_size=_BATCH)
    of_step = {str(step.adjoint): step.temporary for step in plan.steps}
    assert plan.own.record is not None, "the update is the gradient of one loss"
    return {**of_step, "record_of_replay": plan.own.record}


def main() -> None:
    """Measure every number of steps and keep the table."""
    rows = []
    for steps in STEPS:
        rows.append({"steps": steps, **bytes_of_step(steps)})
        print(rows[-1], flush=True)
    told = {
        "command": "python -m memory.replayed_steps",
        "model": f"odenet, {_SIZE} numbers, width {_WIDTH}, batch {_BATCH}, Heun",
        "unit": "bytes",
        "rows": rows,
    }
    KEPT.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
