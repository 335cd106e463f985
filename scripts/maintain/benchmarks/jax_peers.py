"""The competitors on JAX: the engine, Diffrax in two ways, and `jax.experimental.ode`."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.experimental.ode import odeint

from zoo.dynamics import AbstractBatchDynamics
from zoo.solve import Solver, solve

from . import floor
from .workloads import Workload

MAX_STEPS = 256


class Dynamics(AbstractBatchDynamics):
    """The workload's dynamics as the zoo has them: batch-native."""

    layers: Any

    def batch(self, t: Any, ys: Any, args: Any) -> Any:
        """The derivatives of a batch."""
        return floor.field(self.layers, t, ys)


def single(layers: Any, t: Any, y: Any) -> Any:
    """The same dynamics on one example, as the others' examples write them."""
    h = jnp.append(y, t.astype(y.dtype) if hasattr(t, "astype") else t)
    for weight, bias in layers[:-1]:
        h = jnp.tanh(h @ weight + bias)
    weight, bias = layers[-1]
    return h @ weight + bias


def loss_of(work: Workload) -> Callable[[Any], Any]:
    """The loss of the states, [B, D] or [B, T, D]."""
    if not work.classes:
        return lambda ys: jnp.mean(ys**2)
    head, labels = jnp.asarray(work.head()), jnp.asarray(work.labels())
    each = optax.softmax_cross_entropy_with_integer_labels
    return lambda ys: each(ys @ head, labels).mean()


def solvers(work: Workload) -> dict[str, Callable[[Any, Any], tuple[Any, Any]]]:
    """Name to (layers, ys) -> (states [B, D] or [B, T, D], mean NFE of an example or NaN)."""
    tol, ts = work.tolerance, work.output_times()
    ts = None if ts is None else jnp.asarray(ts)
    saveat = diffrax.SaveAt(t1=True) if ts is None else diffrax.SaveAt(ts=ts)
    control = diffrax.PIDController(rtol=tol, atol=tol)
    last = lambda ys: ys if ts is not None else ys[..., -1, :]  # noqa: E731

    def ours(batching: str) -> Any:
        def run(layers: Any, ys: Any) -> Any:
            numbers = Solver(rtol=tol, batching=batching, max_steps=MAX_STEPS).traced()
            out, stats = solve(Dynamics(layers), ys, solver=numbers, ts=ts)
            return out, stats.nfe.mean()

        return run

    def diffrax_solve(term: Any, y0: Any) -> Any:
        solution = diffrax.diffeqsolve(
            term,
            diffrax.Dopri5(),
            0.0,
            1.0,
            None,
            y0,
            saveat=saveat,
            stepsize_controller=control,
            max_steps=MAX_STEPS,
            throw=False,
        )
        return solution.ys, 6 * solution.stats["num_steps"] + 1

    def diffrax_examples(layers: Any, ys: Any) -> Any:
        term = diffrax.ODETerm(lambda t, y, args: single(layers, t, y))
        out, nfe = jax.vmap(lambda y: diffrax_solve(term, y))(ys)
        return last(out), nfe.mean()

    def diffrax_joint(layers: Any, ys: Any) -> Any:
        term = diffrax.ODETerm(lambda t, ys, args: floor.field(layers, t, ys))
        out, nfe = diffrax_solve(term, ys)
        return (out[-1] if ts is None else jnp.moveaxis(out, 0, 1)), nfe

    def chapter(layers: Any, ys: Any) -> Any:
        times = jnp.array([0.0, 1.0]) if ts is None else ts
        one = lambda y: odeint(  # noqa: E731
            lambda y, t, layers: single(layers, t, y), y, times, layers, rtol=tol, atol=tol
        )
        return last(jax.vmap(one)(ys)), jnp.nan

    competitors = {
        "zoo, joint": ours("joint-rms"),
        "zoo, per-sample": ours("per-sample"),
        "Diffrax, as in its examples": diffrax_examples,
        "Diffrax, one ODE of the batch": diffrax_joint,
        "jax odeint": chapter,
    }
    return {name: run for name, run in competitors.items() if name not in work.slow}


def arrays(work: Workload, dtype: Any = jnp.float32) -> tuple[Any, Any]:
    """Layers and initial states."""
    layers = [(jnp.asarray(w, dtype), jnp.asarray(b, dtype)) for w, b in work.layers()]
    return layers, jnp.asarray(work.inputs(), dtype)


def reference_gradient(work: Workload) -> np.ndarray:
    """The gradient by the layers in float64, of a solve at 1e-10, by Diffrax."""
    with jax.enable_x64(True):
        layers, ys = arrays(work, jnp.float64)
        loss, ts = loss_of(work), work.output_times()
        solver = Solver(
            rtol=1e-10, batching="joint", adjoint="direct", max_steps=4096, dtype="float64"
        )

        def value(layers: Any) -> Any:
            out, _ = solve(Dynamics(layers), ys, solver=solver, ts=ts)
            return loss(out)

        return flat(jax.jit(jax.grad(value))(layers))


def accepted_steps(work: Workload) -> int:
    """Steps that the joint solve with a batch-wide norm keeps: what the floor has to take."""
    layers, ys = arrays(work)
    solver = Solver(rtol=work.tolerance, batching="joint-rms", max_steps=MAX_STEPS)
    _, stats = solve(Dynamics(layers), ys, solver=solver, ts=work.output_times())
    return int(stats.accepted[0])


def flat(tree: Any) -> np.ndarray:
    """All numbers of a pytree in one vector."""
    return np.concatenate([np.asarray(x, np.float64).ravel() for x in jax.tree.leaves(tree)])


def compiled(function: Any, layers: Any, ys: Any) -> tuple[Any, float]:
    """The compiled function and the seconds that tracing and compiling took."""
    import time

    began = time.perf_counter()
    program = eqx.filter_jit(function).lower(layers, ys).compile()
    return program, time.perf_counter() - began
