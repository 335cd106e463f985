"""Solves on four devices against the same on one, as JSON: run by `test_devices.py`.

A process of its own, since the number of devices is read where JAX starts.
"""

import json
import os
import re
import sys

from .compiling import SOON

os.environ["XLA_FLAGS"] = (
    "--xla_force_host_platform_device_count=4 --xla_llvm_disable_expensive_passes=true " + SOON
)
os.environ["JAX_PLATFORMS"] = "cpu"

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from zoo.dynamics import MLPDynamics
from zoo.errors import ConfigError
from zoo.solve import Solver, solve, until

COLLECTIVE = re.compile(r" (all-\w+|reduce-scatter|collective-\w+)(?:-start)?\(")
P = jax.P

# 128 for each device: enough for the last eight of each to go on without the others.
START = np.random.RandomState(0).randn(512, 2).astype(np.float32)
START *= np.linspace(0.01, 4.0, 512, dtype=np.float32)[:, None]
TIMES = np.linspace(0.0, 1.0 + 0.5 * np.arange(512) / 512, 7, axis=1, dtype=np.float32)
DYNAMICS = MLPDynamics(2, width=8, depth=1, init_scale=4.0, key=jax.random.key(0))
SOLVER = Solver(diffrax.Heun(), rtol=1e-3)


def mesh(kind):
    return jax.make_mesh((4,), ("x",), axis_types=(kind,))


AUTO, EXPLICIT = (mesh(getattr(jax.sharding.AxisType, kind)) for kind in ("Auto", "Explicit"))


def end(dynamics, y0, ts=None):
    ys, stats = solve(dynamics, y0, ts=ts, solver=SOLVER)
    return ys, stats.accepted + stats.rejected


def closed(dynamics, y0):
    """The same by a function that closes over what is differentiated."""
    batch = lambda t, y, args: dynamics(t, y, args)  # noqa: E731
    return end(batch, y0)


def level(t, y, args):
    return y[0] - 0.5


def met(dynamics, y0):
    """Each example up to where it crosses a level, or to the end."""
    hit, stats = until(dynamics, y0, level, solver=SOLVER)
    return hit.y, stats.accepted + stats.rejected


def total(run):
    def loss(dynamics, *arrays):
        ys, attempts = run(dynamics, *arrays)
        return jnp.mean(jnp.sin(3 * ys)), (ys, attempts)

    return eqx.filter_value_and_grad(lambda both, *rest: loss(*both, *rest), has_aux=True)


def differences(got, expected):
    """The largest difference of values and of gradients, and whether all took the same steps."""
    ((_, (ys, attempts)), gradient), ((_, (zs, others)), slope) = got, expected
    pairs = zip(jax.tree.leaves(gradient), jax.tree.leaves(slope), strict=True)
    apart = lambda a, b: float(np.abs(np.asarray(a).reshape(b.shape) - np.asarray(b)).max())  # noqa: E731
    scaled = lambda a, b: apart(a, b) / max(float(np.abs(np.asarray(b)).max()), 1e-30)  # noqa: E731
    return {
        "values": apart(ys, zs),
        "gradient": max(scaled(a, b) for a, b in pairs),
        "same steps": bool((np.asarray(attempts).ravel() == np.asarray(others).ravel()).all()),
        "attempts of devices": np.asarray(attempts).reshape(4, -1).max(axis=1).tolist(),
    }


def sharded(run, where, check):
    """`run` with its arrays in four parts and what holds parameters on every device."""
    specs = lambda dynamics, *arrays: (P(), *[P("x")] * len(arrays))  # noqa: E731

    def call(dynamics, *arrays):
        params, rest = eqx.partition(dynamics, eqx.is_array)
        part = lambda params, *arrays: run(eqx.combine(params, rest), *arrays)  # noqa: E731
        return jax.shard_map(
            part, mesh=where, in_specs=specs(dynamics, *arrays), out_specs=P("x"), check_vma=check
        )(params, *arrays)

    return call


def placed(where, *arrays):
    return tuple(jax.device_put(x, jax.NamedSharding(where, P("x"))) for x in arrays)


def collectives(text):
    """How many operations between devices a program has, and how many inside of its loops."""
    bodies, name = {}, ""
    for line in text.splitlines():
        if line and not line[0].isspace() and "{" in line:
            name = line.removeprefix("ENTRY ").split(" ")[0].split("(")[0]
            bodies[name] = ""
        elif name:
            bodies[name] += line + "\n"
    count = lambda names: sum(len(COLLECTIVE.findall(bodies[n])) for n in names)  # noqa: E731
    loops = set(re.findall(r"(?:body|condition)=(%[\w.\-]+)", text))
    assert loops and loops <= bodies.keys()
    while True:
        called = {n for loop in loops for n in re.findall(r"%[\w.\-]+", bodies[loop])}
        if called & bodies.keys() <= loops:
            return {"all": count(bodies), "in loops": count(loops)}
        loops |= called & bodies.keys()


def by_pmap(dynamics, y0):
    params, rest = eqx.partition(dynamics, eqx.is_array)
    part = lambda params, y0: end(eqx.combine(params, rest), y0)  # noqa: E731
    return jax.pmap(part, in_axes=(None, 0))(params, y0.reshape(4, 128, 2))


def gradient_inside(where, check):
    """The gradient taken by each device of its own part, and summed over them."""
    specs = (P(), P("x"))

    def call(both):
        params, rest = eqx.partition(both[0], eqx.is_array)

        def part(params, y0):
            (value, aux), (d_params, d_y0) = total(end)((eqx.combine(params, rest), y0))
            if not check:
                d_params = jax.lax.psum(d_params, "x")
            d_params, d_y0 = jax.tree.map(lambda d: d / 4, (d_params, d_y0))
            return (jax.lax.pmean(value, "x"), aux), (d_params, d_y0)

        return jax.shard_map(
            part,
            mesh=where,
            in_specs=specs,
            out_specs=((P(), P("x")), specs),
            check_vma=check,
        )(params, both[1])

    return call


def with_times(dynamics, y0, ts):
    return end(dynamics, y0, ts=ts)


def compare(name, run, expected, *arrays):
    """Run a compiled gradient, and count what its devices tell each other."""
    compiled = eqx.filter_jit(run).lower((DYNAMICS, arrays[0]), *arrays[1:]).compile()
    got = compiled((DYNAMICS, arrays[0]), *arrays[1:])
    told = collectives(compiled.compiled.as_text())
    results[name] = {**differences(got, expected), "collectives": told}


def refused(run, *arrays):
    try:
        eqx.filter_eval_shape(run, (DYNAMICS, *arrays))
    except ConfigError as error:
        return str(error)
    return "nothing"


def main():
    y0 = jnp.asarray(START)
    of_end = eqx.filter_jit(total(end))((DYNAMICS, y0))
    of_times = eqx.filter_jit(total(with_times))((DYNAMICS, y0), jnp.asarray(TIMES))
    (automatic,), (explicit,) = placed(AUTO, y0), placed(EXPLICIT, y0)
    results["pmap"] = differences(total(by_pmap)((DYNAMICS, y0)), of_end)
    compare("a closure, outside, unchecked", total(sharded(closed, AUTO, False)), of_end, automatic)
    arrays = placed(EXPLICIT, y0, TIMES)
    compare(
        "times, outside, checked", total(sharded(with_times, EXPLICIT, True)), of_times, *arrays
    )
    compare("inside, unchecked", gradient_inside(EXPLICIT, False), of_end, explicit)
    compare("inside, checked", gradient_inside(AUTO, True), of_end, automatic)
    compare("no shard_map", total(end), of_end, automatic)
    of_events = eqx.filter_jit(total(met))((DYNAMICS, y0))
    compare("events, outside, unchecked", total(sharded(met, AUTO, False)), of_events, automatic)
    results["a checked closure"] = refused(total(sharded(closed, AUTO, True)), automatic)
    forward = eqx.filter_jit(sharded(end, AUTO, False)).lower(DYNAMICS, automatic).compile()
    results["forward"] = collectives(forward.compiled.as_text())
    json.dump(results, sys.stdout)


results = {}
if __name__ == "__main__":
    main()
