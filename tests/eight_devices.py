"""Training on eight devices against the same on one, as JSON: run by `test_data_parallel.py`.

A process of its own, since the number of devices is read where JAX starts.
"""

import json
import os
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import ClassVar, NamedTuple

from .compiling import SOON

os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count=8 {SOON}"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["ZOO_COMPILE_CACHE"] = "off"

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

import zoo
from zoo.dynamics import AbstractDynamics
from zoo.evaluation.batched import evaluate_arrays
from zoo.objectives.losses import PREDICTION
from zoo.objectives.updates import as_update
from zoo.placement import chosen_mesh, replicated
from zoo.regularisers import keys_of_examples
from zoo.solve import Solver
from zoo.solve.on_devices import on_devices
from zoo.train import loop
from zoo.types import Aux

from .commands_on_devices import compared as commands_compared

COLLECTIVE = re.compile(r" (all-\w+|reduce-scatter|collective-\w+)(?:-start)?\(")
RATE = 0.2
STEP = optax.sgd(RATE)
BATCH = 22  # no number of devices or of parts divides it


class Fragile(AbstractDynamics):
    """Dynamics that some examples do not survive: those that begin far from the others."""

    weight: jax.Array

    def __call__(self, t, y, args):
        return jnp.where(jnp.abs(y[0]) > 50, jnp.nan, jnp.tanh(self.weight @ y))


def noisy(model, batch, *, key, step, solver):
    """A loss that draws for each example, and has a mean over unlike many things."""
    ys, stats = model.forward(model.inputs(batch), solver=solver, key=key)
    keys = keys_of_examples(jax.random.key(0) if key is None else key, len(ys))
    noise = jax.vmap(lambda each: jax.random.normal(each, ys.shape[1:], ys.dtype))(keys)
    values = jnp.mean((ys + 0.1 * noise - batch["y"]) ** 2, axis=1)
    places = jnp.abs(batch["x"][:, 1])
    return values, Aux(stats, {"error": values * places}, counts={"error": places})


def made():
    """Forty examples, two of which fail, and a model of the precision of now."""
    x = np.random.default_rng(0).normal(size=(40, 2))
    x[[3, 30], 0] = 100
    arrays = {"x": x, "y": np.sin(x[:, :1]), "weight": np.linspace(0.5, 1.5, 40)}
    data = zoo.make_dataset(zoo.RawData(arrays, ["regression"]), split="all", standardise=False)
    matrix = jnp.asarray(np.random.default_rng(1).normal(size=(2, 2)))
    head = eqx.nn.Linear(2, 1, key=jax.random.key(1))
    return zoo.ODENet(Fragile(matrix), head=head, solver=Solver(diffrax.Heun(), rtol=1e-3)), data


class Programs:
    """In the place of `run_chunk`: keeps the program of each plan, and the first state of a run.

    The first chunk is one step long.
    """

    def __init__(self):
        self.chunk, self.programs, self.first = loop.run_chunk, {}, None

    def __call__(self, state, length, plan, data, indices, weights, solver, key):
        name = (plan.parts, str(weights.dtype), str(data["x"].dtype))
        given = state, length, plan, data, indices, weights, solver, key
        if name not in self.programs:
            self.programs[name] = self.chunk.lower(*given).compile()
        told = self.programs[name](*given)
        self.first = self.first or told[0]
        return told

    def latest(self):
        """The program of the newest plan."""
        return list(self.programs.values())[-1].compiled


PROGRAMS = loop.run_chunk = Programs()


def trained(steps, **options):
    """A run of the loss that draws; two examples fail in every epoch."""
    model, data = made()
    PROGRAMS.first = None
    return zoo.fit(
        model, data, steps=steps, batch_size=BATCH, optimiser=STEP, loss=noisy, **options
    )


def weights_of(model):
    return jax.tree.leaves(eqx.filter(model, zoo.trainable(model)))


def difference(one, other):
    """The largest difference of two lists of arrays."""
    return max(float(np.abs(np.asarray(x) - y).max()) for x, y in zip(one, other, strict=True))


def compared(steps, expected, **options):
    """How a run differs from `expected`, and its program."""
    run = trained(steps, **options)
    first = PROGRAMS.first
    program = PROGRAMS.latest()
    rows = list(zip(run.history.train, expected.history.train, strict=True))
    return {
        "weights": difference(weights_of(run.model), weights_of(expected.model)),
        "gradient": difference(weights_of(first.model), weights_of(expected.first)) / RATE,
        "loss": max(abs(x[name] - y[name]) for x, y in rows for name in ("loss", "error")),
        "counts": all(x[n] == y[n] for x, y in rows for n in ("failed", "skipped")),
        "failed": sum(x["failed"] for x, _ in rows),
        "nfe": max(abs(x["nfe"] - y["nfe"]) for x, y in rows),
        "collectives by depth": by_depth(program.as_text()),
        "devices of the result": len(weights_of(run.model)[0].devices()),
    }


def on_one(steps):
    """The run of one device, and its model after a step."""
    run = trained(steps)
    return Expected(run.model, run.history, PROGRAMS.first.model)


class Expected(NamedTuple):
    """What a run is compared with."""

    model: zoo.AbstractModel
    history: zoo.train.History
    first: zoo.AbstractModel


def by_depth(text):
    """How many operations between devices a program has within how many loops."""
    bodies, name, entry = {}, "", ""
    for line in text.splitlines():
        if line and not line[0].isspace() and "{" in line:
            name = line.removeprefix("ENTRY ").split(" ")[0].split("(")[0]
            bodies[name], entry = "", name if line.startswith("ENTRY") else entry
        elif name:
            bodies[name] += line + "\n"
    found = {}

    def look(name, depth):
        for line in bodies[name].splitlines():
            if COLLECTIVE.search(line):
                found[depth] = found.get(depth, 0) + 1
            inner = depth + bool(re.search(r" while\(", line))
            for called in set(re.findall(r"%[\w.\-]+", line)) & bodies.keys():
                look(called, inner)

    look(entry, 0)
    return found


def resumed(folder):
    """What is said where a run of four devices goes on with one."""
    many = {"devices": 4, "accumulate": 2}
    trained(4, **many, out=folder)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run = trained(8, accumulate=2, out=folder, resume=True)
    whole = trained(8, **many)
    return {
        "said": [str(each.message) for each in told if "Not bitwise" in str(each.message)],
        "weights": difference(weights_of(run.model), weights_of(whole.model)),
    }


class Normal(zoo.AbstractModel):
    """A model without a solve, whose draws are its inputs and noise."""

    objectives: ClassVar = {}
    scale: jax.Array

    def forward(self, xs, *, args=None, solver=None, key=None):
        return self.scale * xs, zoo.Stats.discrete(len(xs), 1)

    def sample(self, xs, *, key, args=None, solver=None):
        noise = jax.vmap(lambda each: jax.random.normal(each, xs.shape[1:]))(key)
        return xs + self.scale * noise, zoo.Stats.discrete(len(xs), 1)


def evaluated():
    """The largest differences of what evaluation, prediction and draws say on eight and on one."""
    model, data = made()
    normal, xs = Normal(jnp.array(2.0)), data.train["x"]
    told = []
    for devices in (8, None):
        spread = replicated(model, chosen_mesh(devices))
        losses, aux = evaluate_arrays(spread, as_update(PREDICTION["regression"]), data.train, None)
        drawn = zoo.sample(normal, xs, 3, key=jax.random.key(2), batch_size=50, devices=devices)
        predicted = zoo.predict(normal, xs, batch_size=9, devices=devices)
        stats = eqx.tree_at(lambda s: (s.calls, s.work), aux.stats, (0, 0))
        told.append([drawn, predicted, np.nan_to_num(losses), *jax.tree.leaves(stats)])
    return difference(*told)


def said_of_joint():
    """What is said of a model on two devices; solved jointly; and jointly in equal steps."""
    told = []
    joint = Solver(batching="joint")
    for solver in (None, joint, Solver(steps=4).over(joint)):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            on_devices(made()[0], 2, solver)
        told.append([str(each.message) for each in said])
    return told


def main():
    one = on_one(100)
    results = {"float32": compared(100, one, devices=4, accumulate=2), "joint": said_of_joint()}
    with tempfile.TemporaryDirectory() as folder:
        results["resumed"] = resumed(Path(folder) / "run")
        results["commands"] = commands_compared(Path(folder))
    with jax.enable_x64(True):
        results["float64"] = compared(100, on_one(100), devices=8)
        results["evaluated"] = evaluated()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
