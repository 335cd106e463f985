"""How long a flow trains by likelihood and by matching until it knows held-out points as well."""

import time

import jax
import optax
from json_lines import Row

import zoo

DATASETS = ("moons", "pinwheel")
WAYS = {
    "cnf": ("cnf", 1000, 5e-3),
    "matching, 1,500 steps": ("flow_matching", 1500, 1e-2),
    "matching, 3,000 steps": ("flow_matching", 3000, 1e-2),
    "matching, 6,000 steps": ("flow_matching", 6000, 1e-2),
    "matching, 12,000 steps": ("flow_matching", 12_000, 1e-2),
}
"""Of each: model, steps, and the peak of Adam's rate, which falls along a cosine."""
CASES = tuple(f"{dataset}: {way}" for dataset in DATASETS for way in WAYS)
_READ_AT = 1e-5


def measure(case: str, seed: int) -> Row:
    """Train one, on 5,000 points in batches of 256; held-out nats are read at 1e-5.

    `training` is the time of all steps without compiling, and `processor` that of both cores with
    it. No evaluation is in either but the last of training.
    """
    dataset, way = case.split(": ")
    name, steps, rate = WAYS[way]
    data = zoo.load_dataset(dataset, n=5000, seed=seed)
    model = zoo.create_model(name, data, task="density", key=jax.random.key(seed))
    adam = optax.adam(optax.cosine_decay_schedule(rate, steps))
    began, used = time.perf_counter(), time.process_time()
    fitted = zoo.fit(
        model,
        data,
        task="density",
        steps=steps,
        batch_size=256,
        optimiser=adam,
        eval_every=steps,
        key=jax.random.key(seed),
    )
    spent = time.perf_counter() - began, time.process_time() - used
    later = fitted.history.seconds[1:]
    each = sum(s for _, s in later) / max(sum(n for n, _ in later), 1)
    return {
        "steps": steps,
        "training": round(each * steps, 2),
        "wall": round(spent[0], 2),
        "processor": round(spent[1], 2),
        "nll": held_out(fitted.model, data),
    }


def held_out(model: zoo.AbstractModel, data: zoo.Dataset) -> float:
    """The mean of -log p(x) of the test split, in nats and the data's units."""
    rows = data.preprocessing.raw(data.test["x"])
    tight = zoo.Solver(rtol=_READ_AT, atol=_READ_AT)
    return -float(zoo.predict(model, rows, data=data, task="density", solver=tight).mean())
