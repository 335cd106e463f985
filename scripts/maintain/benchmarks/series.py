"""A neural CDE's gradient beside Diffrax's own example and torchcde, and what padded times cost.

Spirals of 100 times, a batch of 32, hidden 8, a field of one hidden layer of 128; Tsit5.

    python -m benchmarks.series             from scripts/maintain/; writes series.json
    python -m benchmarks.series 3           in three rounds instead of nine
    python -m benchmarks.series 9 PYTHON    with rows of torchcde, by an interpreter that has it

Milliseconds are the processor's: on one core, as the README says, the time of a program alone.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from zoo.controls import Hermite
from zoo.dynamics import ControlledDynamics, MatrixField
from zoo.models import NeuralCDE, Series
from zoo.nn import Affine, FeedForward
from zoo.solve import Solver

from .clock import processor, processor_rounds, spread
from .drive import FOLDER, keep
from .torch_peer import steps_in_torch, weights

RESULTS = FOLDER / "series.json"
BATCH, LENGTH, HIDDEN, WIDTH = 32, 100, 8, 128
RTOL, ATOL = 1e-3, 1e-6
Forward = Callable[[NeuralCDE, Any], Array]


def spirals() -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the spirals of Diffrax's example, half of them mirrored."""
    t = np.broadcast_to(np.linspace(0, 4 * np.pi, LENGTH), (BATCH, LENGTH)).astype(np.float32)
    phase = np.random.RandomState(0).uniform(0, 2 * np.pi, (BATCH, 1))
    x = np.exp(-0.3 * t) * np.cos(phase - 2 * t), np.exp(-0.3 * t) * np.sin(phase - 2 * t)
    sign = np.where(np.arange(BATCH) % 2, 1, -1)[:, None]
    return t, np.stack([sign * x[0], x[1]], axis=-1).astype(np.float32)


def model_of(stops: bool, rtol: float = RTOL, atol: float = ATOL) -> NeuralCDE:
    """The model of the example, with the same weights whichever way its steps are taken."""
    field, first, last = jax.random.split(jax.random.key(0), 3)
    return NeuralCDE(
        ControlledDynamics(MatrixField(HIDDEN, 3, width=WIDTH, key=field)),
        Hermite(LENGTH),
        initial=FeedForward(3, HIDDEN, width=WIDTH, depth=1, key=first),
        head=Affine(HIDDEN, 1, key=last),
        solver=Solver(diffrax.Tsit5(), rtol=rtol, atol=atol, max_steps=1024),
        stops=stops,
    )


def by_zoo(model: NeuralCDE, xs: Series) -> Array:
    """As `forward` does, the path included."""
    return model.forward(xs)[0]


def by_diffrax(model: NeuralCDE, arrays: tuple[Array, Array, Any]) -> Array:
    """As its example does: `vmap` of one series, whose coefficients are made beforehand.

    Its steps end at the knots where the model's do.
    """

    def one(t: Array, values: Array, coefficients: Any) -> Array:
        path = diffrax.CubicInterpolation(t, coefficients)
        field = lambda s, z, args: model.dynamics.field(z[None])[0]  # noqa: E731
        steps: Any = diffrax.PIDController(rtol=RTOL, atol=ATOL)
        if model.stops:
            steps = diffrax.ClipStepSizeController(steps, jump_ts=t[1:-1])
        solution = diffrax.diffeqsolve(
            diffrax.ControlTerm(field, path).to_ode(),
            diffrax.Tsit5(),
            t[0],
            t[-1],
            None,
            model.initial(values[0]),
            stepsize_controller=steps,
        )
        assert solution.ys is not None
        return model.head(solution.ys[-1])

    return jax.vmap(one)(*arrays)


def timed(
    competitors: dict[str, tuple[Forward, NeuralCDE, Any]],
    count: int,
    others: dict[str, Callable[[], float]] | None = None,
) -> dict[str, Any]:
    """Milliseconds of a gradient, seconds of compiling it, and the outputs, of each; of `others`
    the milliseconds alone."""

    @eqx.filter_value_and_grad(has_aux=True)
    def loss(model: NeuralCDE, forward: Forward, data: Any) -> tuple[Array, Array]:
        ys = forward(model, data)
        return jnp.mean(jnp.logaddexp(0, ys)), ys

    jax.block_until_ready(jax.jit(jnp.sin)(1.0))
    calls, compiling, outputs = {}, {}, {}
    for name, (forward, model, data) in competitors.items():
        began = time.process_time()
        compiled = eqx.filter_jit(loss).lower(model, forward, data).compile()
        compiling[name] = time.process_time() - began
        call = lambda c=compiled, a=(model, forward, data): jax.block_until_ready(c(*a))  # noqa: E731
        calls[name], outputs[name] = processor(call), call()[0][1]
    times = processor_rounds(calls | (others or {}), count)
    return {"times": times, "compiling": compiling, "outputs": outputs}


def in_torch(model: NeuralCDE, t: np.ndarray, x: np.ndarray, exact: Array) -> dict[str, Any]:
    """The arrays that `benchmarks.series_torch` reads."""
    assert isinstance(model.dynamics, ControlledDynamics) and isinstance(model.head, Affine)
    assert isinstance(model.dynamics.field, MatrixField) and isinstance(model.initial, FeedForward)
    head = {"head.0.0": model.head.layer.weight, "head.0.1": model.head.layer.bias}
    nets = weights("field", model.dynamics.field.net) | weights("initial", model.initial) | head
    return nets | {"t": t, "x": x, "exact": exact}


EXAMPLE, AT_KNOTS = "Diffrax, as in its example", "Diffrax, steps end at knots"


def beside_others(count: int, torch_python: str) -> dict[str, Any]:
    """Ratios of Diffrax's time to each, of compiling too, and each one's error."""
    t, x = spirals()
    xs = Series.of({"t": t, "x": x})
    values = jnp.concatenate([xs.t[..., None], xs.x], axis=-1)
    coefficients = jax.vmap(diffrax.backward_hermite_coefficients)(xs.t, values)
    arrays = xs.t, values, coefficients
    exact = by_zoo(model_of(True, rtol=1e-5, atol=1e-5), xs)
    competitors: dict[str, tuple[Forward, NeuralCDE, Any]] = {
        "zoo": (by_zoo, model_of(False), xs),
        "zoo, steps end at knots": (by_zoo, model_of(True), xs),
        EXAMPLE: (by_diffrax, model_of(False), arrays),
        AT_KNOTS: (by_diffrax, model_of(True), arrays),
    }
    with steps_in_torch(
        torch_python, "series_torch", in_torch(model_of(True), t, x, exact)
    ) as torch:
        found = timed(competitors, count, torch)
    told: dict[str, Any] = {}
    for name, times in found["times"].items():
        told[name] = {"milliseconds": list(spread(times))}
        for other in (EXAMPLE, AT_KNOTS):
            pairs = zip(found["times"][other], times, strict=True)
            told[name][f"{other} / it"] = list(spread([a / b for a, b in pairs]))
        if name in found["outputs"]:
            error = jnp.linalg.norm(found["outputs"][name] - exact) / jnp.linalg.norm(exact)
            told[name] |= {"compile": found["compiling"][name], "error": float(error)}
    return told


def padding(count: int) -> dict[str, list[float]]:
    """The time of 100 real and 900 padded times over that of the 100 alone."""
    t, x = spirals()
    more = 9 * LENGTH
    wide = {
        "t": np.concatenate([t, np.repeat(t[:, -1:], more, axis=1)], axis=1),
        "x": np.pad(x, ((0, 0), (0, more), (0, 0))),
        "mask": np.arange(10 * LENGTH) < LENGTH,
    }
    wide["mask"] = np.broadcast_to(wide["mask"], (BATCH, 10 * LENGTH))
    told = {}
    for name, stops in (("zoo", False), ("zoo, steps end at knots", True)):
        model = model_of(stops)
        both = {
            "real": (by_zoo, model, Series.of({"t": t, "x": x})),
            "padded": (by_zoo, model, Series.of(wide)),
        }
        times = timed(both, count)["times"]
        told[name] = list(
            spread([a / b for a, b in zip(times["padded"], times["real"], strict=True)])
        )
    return told


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    torch_python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    told: dict[str, Any] = {"beside others": beside_others(count, torch_python)}
    print(told, flush=True)
    told["900 padded times beside 100"] = padding(count)
    print(told["900 padded times beside 100"])
    keep(RESULTS, told)
