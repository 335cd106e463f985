"""The JAX process of the benchmark: one workload, all competitors and the floor."""

import json
import sys
from typing import Any

import diffrax
import equinox as eqx
import jax
import numpy as np

from . import floor
from .clock import rounds
from .jax_peers import accepted_steps, arrays, compiled, flat, loss_of, reference_gradient, solvers
from .workloads import WORKLOADS

_STAGES = 6


def measure(name: str, count: int, reference: str) -> dict[str, Any]:
    """All rows of one workload: {kind: {competitor: {ms, compile_s, nfe, gradient_error}}}."""
    work = WORKLOADS[name]
    layers, ys = arrays(work)
    loss, exact = loss_of(work), reference_gradient(work)
    np.save(reference, exact)
    rows: dict[str, dict[str, Any]] = {"train": {}, "infer": {}}
    calls: dict[tuple[str, str], Any] = {}
    steps = accepted_steps(work)
    for who, run in solvers(work).items():
        value = lambda layers, ys, run=run: _value(run, loss, layers, ys)  # noqa: E731
        train = jax.value_and_grad(value, has_aux=True)
        for kind, function in (("train", train), ("infer", value)):
            program, seconds = compiled(function, layers, ys)
            result = program(layers, ys)
            row = {"compile_s": seconds}
            if kind == "train":
                (_, nfe), gradient = result
                error = np.linalg.norm(flat(gradient) - exact) / np.linalg.norm(exact)
                row |= {"nfe": float(nfe), "gradient_error": float(error)}
            rows[kind][who] = row
            calls[kind, who] = lambda p=program: jax.block_until_ready(p(layers, ys))
    last = (lambda y: loss(y)) if not work.times else (lambda y: loss(y[:, None]))
    calls |= floor.floors(layers, ys, steps, _STAGES, last)
    for kind in rows:
        mine = {who: call for (k, who), call in calls.items() if k == kind}
        for who, times in rounds(mine, count).items():
            rows[kind].setdefault(who, {})["ms"] = times
    versions = {p.__name__: p.__version__ for p in (jax, diffrax, eqx)}
    return {"workload": name, "steps": steps, "rows": rows, "versions": versions}


def _value(run: Any, loss: Any, layers: Any, ys: Any) -> tuple[Any, Any]:
    out, nfe = run(layers, ys)
    return loss(out), nfe


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
