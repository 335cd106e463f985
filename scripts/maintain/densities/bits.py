"""Bits per dimension of digits by flow matching, by the width of the field."""

import time

import jax
import optax
from json_lines import Row

import zoo

WIDTHS = {"128": 14_000, "192": 10_000, "256": 10_000, "384": 8000}
"""Units of each of two layers, and the steps of training."""
CASES = tuple(WIDTHS)


def measure(case: str, seed: int) -> Row:
    """Train with the best weights on the validation split kept; bits of that and the test split."""
    data = zoo.load_dataset("digits", images=True, seed=seed)
    steps, key = WIDTHS[case], jax.random.key(seed)
    model = zoo.create_model(
        "flow_matching",
        data,
        task="density",
        key=key,
        dynamics_options={"width": int(case), "depth": 2, "activation": "tanh"},
        solver={"batching": "joint", "rtol": 1e-3},
    )
    adam = optax.adam(optax.cosine_decay_schedule(1e-2, steps))
    began, used = time.perf_counter(), time.process_time()
    fitted = zoo.fit(
        model,
        data,
        task="density",
        steps=steps,
        batch_size=256,
        optimiser=adam,
        ema=0.999,
        eval_every=steps // 10,
        keep_best=True,
        key=key,
    )
    spent = time.perf_counter() - began, time.process_time() - used
    told = zoo.evaluate(fitted.model, data, task="density", other_grids=False)
    by = zoo.evaluate(fitted.model, data, task="density", split="val", other_grids=False)
    kept = ("bits_per_dim", "gaussian_bits_per_dim", "uniform_bits_per_dim", "nfe")
    return {
        **{name: told[name] for name in kept},
        "validation": by["bits_per_dim"],
        "parameters": zoo.count_parameters(model),
        "wall": round(spent[0], 1),
        "processor": round(spent[1], 1),
    }
